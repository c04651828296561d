//! Logins without a browser, against servers that check them.

use std::time::Duration;

use handstamp::{
    context::RequestLogin,
    harvest,
    login::{Credentials, Direct, DirectSettings, Encoding, Outcome, Refusal, direct},
    proxy::{Client, ClientSettings},
    session::Method,
};
use http::Response;

use crate::support::{Got, World};

const PASSWORD: &str = "planted p&w\"1";

async fn log_in(world: &World, encoding: Encoding, body: &str, password: &str) -> Direct {
    let client = Client::with(ClientSettings::default()).unwrap();
    let request = RequestLogin {
        login_page: Some(world.url("/login").parse().unwrap()),
        request_url: world.url("/login?next=%2Fhome"),
        body: Some(body.into()),
    };
    let settings = DirectSettings {
        request,
        encoding,
        credentials: Credentials {
            username: Some("anna@shop.test".into()),
            password: password.into(),
            ..Credentials::default()
        },
        more: vec![("pin".into(), "77".into())],
        user_agent: Some("Login/1".into()),
        limit: Duration::from_secs(10),
    };
    direct(&client, &settings).await.unwrap()
}

/// A site whose form has a token that belongs to a cookie from before the session.
async fn form_site() -> World {
    World::open(|got| {
        let is_right = got.method == "POST"
            && got.body == "u=anna%40shop.test&p=planted%20p%26w%221&pin=77&_csrf=t%26k&go="
            && got.header("cookie") == "pre=1"
            && got.header("content-type") == "application/x-www-form-urlencoded"
            && got.header("user-agent") == "Login/1";
        let form =
            r#"<form><input type=hidden name=_csrf value="t&amp;k"><input type=password name=p></form>"#;
        let answer = Response::builder().header("content-type", "text/html");
        match got.target.as_str() {
            _ if is_right => answer
                .status(302)
                .header("set-cookie", "sid=planted-sid; HttpOnly; Path=/")
                .header("location", "/home")
                .body(String::new()),
            "/home" if got.header("cookie").contains("sid=planted-sid") => {
                answer.body("<p>welcome</p>".into())
            }
            _ => answer.header("set-cookie", "pre=1; Path=/").body(form.to_owned()),
        }
        .unwrap()
    })
    .await
}

const BODY: &str = "u={%username%}&p={%password%}&pin={%pin%}&_csrf=&go=";

#[tokio::test]
async fn a_form_login_takes_the_page_s_token_and_leaves_a_session() {
    let world = form_site().await;
    let login = log_in(&world, Encoding::Form, BODY, PASSWORD).await;
    assert!(
        matches!(&login.outcome, Outcome::Through { evidence } if evidence.contains("/login: 302")),
        "{login:?}"
    );
    assert_eq!((login.page.path(), login.mark, login.traffic.len()), ("/home", 1, 3));
    let state = harvest::from_exchanges(&login.traffic, login.mark, &["anna@shop.test", PASSWORD]);
    let names: Vec<_> = state.cookies.iter().map(|cookie| cookie.name.as_str()).collect();
    assert_eq!(names, ["pre", "sid"]);
    let detected = harvest::detect(&state, &login.traffic, Some(PASSWORD));
    assert_eq!(detected.method, Method::Cookie, "{detected:?}");
    assert!(!format!("{login:?} {state:?} {detected:?}").contains("planted"));
}

#[tokio::test]
async fn a_form_that_comes_back_is_a_refusal() {
    let login = log_in(&form_site().await, Encoding::Form, BODY, "wrong").await;
    assert!(matches!(login.outcome, Outcome::Failed { refusal: Refusal::Refused, .. }), "{login:?}");
}

#[tokio::test]
async fn a_json_login_is_escaped_and_its_token_becomes_a_header() {
    let answer = |got: &Got| match serde_json::from_str::<serde_json::Value>(&got.body) {
        Ok(sent) if sent["p"] == PASSWORD && got.header("x-xsrf-token") == "a=b" => Response::builder()
            .header("content-type", "application/json")
            .body(r#"{"auth":{"token":"planted-token-1"}}"#.into()),
        Ok(_) => Response::builder().status(401).body("Too many attempts: locked".into()),
        Err(_) => Response::builder().header("set-cookie", "XSRF-TOKEN=a%3Db; Path=/").body("page".into()),
    };
    let world = World::open(move |got| answer(got).unwrap()).await;
    let body = r#"{"u":"{%username%}","p":"{%password%}"}"#;
    let login = log_in(&world, Encoding::Json, body, PASSWORD).await;
    assert!(matches!(login.outcome, Outcome::Through { .. }), "{login:?}");
    let state = harvest::from_exchanges(&login.traffic, login.mark, &[]);
    let detected = harvest::detect(&state, &login.traffic, Some(PASSWORD));
    assert!(detected.yaml().contains("Bearer {%json:auth.token%}"), "{detected:?}");
    let values = harvest::capture(&detected.method, &login.traffic, Some(PASSWORD), |_| None);
    assert_eq!(values[0].1.expose(), "planted-token-1");
    let locked = log_in(&world, Encoding::Json, body, "wrong").await;
    assert!(matches!(locked.outcome, Outcome::Failed { refusal: Refusal::Locked, .. }), "{locked:?}");
}

#[tokio::test]
async fn credentials_are_not_sent_on_to_another_origin() {
    let stranger = World::kind().await;
    let elsewhere = stranger.url("/steal");
    let world = World::open(move |got| match got.method.as_str() {
        "POST" => Response::builder().status(307).header("location", &elsewhere).body(String::new()).unwrap(),
        _ => Response::new("page".into()),
    })
    .await;
    let login = log_in(&world, Encoding::Form, BODY, PASSWORD).await;
    assert!(matches!(login.outcome, Outcome::Failed { .. }), "{login:?}");
    assert!(stranger.take().is_empty());
}
