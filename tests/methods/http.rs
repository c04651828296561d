//! HTTP authentication through a proxy, against servers that check it with an implementation of their own.

use std::sync::Mutex;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use digest_auth::{AuthContext, AuthorizationHeader, HttpMethod};
use handstamp::{
    inject::Mode,
    session::{HttpScheme, Method},
};
use http::Response;

use crate::{
    stage::{PASSWORD, Stage, USER, session},
    support::{Got, World},
};

const HOME: &str = "http://app.shop.test";

async fn stage(scheme: HttpScheme, world: World) -> Stage {
    Stage::set(session(HOME, Method::Http { scheme }), Mode::Force, world).await
}

#[tokio::test]
async fn basic_credentials_go_with_each_request() {
    let stage = stage(HttpScheme::Basic, World::kind().await).await;
    stage
        .send("POST", "http://app.shop.test/x", "Authorization: Basic theirs\r\nContent-Length: 0\r\n")
        .await;
    let expected = format!("Basic {}", STANDARD.encode(format!("{USER}:{PASSWORD}")));
    assert_eq!(stage.world.one().header("authorization"), expected);
}

#[tokio::test]
async fn a_bearer_token_goes_with_each_request() {
    let stage = stage(HttpScheme::Bearer, World::kind().await).await;
    stage.get("http://app.shop.test/x").await;
    assert_eq!(stage.world.one().header("authorization"), format!("Bearer {PASSWORD}"));
}

/// A server that asks for Digest with these parameters, and counts the uses of each nonce as it must.
async fn digest_server(parameters: &'static str, uses: u32) -> World {
    let seen = Mutex::new((1_u32, 0_u32));
    World::open(move |got| {
        let (nonce, last) = &mut *seen.lock().unwrap();
        let is_stale = match checked(got, *nonce) {
            Some(count) if count <= *last => panic!("nc was used before: {count}"),
            Some(count) if count <= uses => {
                *last = count;
                return Response::new("let in".into());
            }
            Some(_) => true,
            None => false,
        };
        (*nonce, *last) = if is_stale { (*nonce + 1, 0) } else { (*nonce, *last) };
        let told = if is_stale { ", stale=true" } else { "" };
        let challenge = format!(r#"Digest realm="r", nonce="n{nonce}", opaque="o", {parameters}{told}"#);
        Response::builder().status(401).header("www-authenticate", challenge).body("denied".into()).unwrap()
    })
    .await
}

/// How often the nonce was used, where the answer is right.
fn checked(got: &Got, nonce: u32) -> Option<u32> {
    let sent = AuthorizationHeader::parse(got.header("authorization")).ok()?;
    assert!(got.target.ends_with(&sent.uri), "{} is not {}", sent.uri, got.target);
    assert_eq!((sent.realm.as_str(), sent.opaque.as_deref()), ("r", Some("o")));
    let method = HttpMethod::from(got.method.clone());
    let mut context = AuthContext::new_with_method(USER, PASSWORD, sent.uri.clone(), None::<&[u8]>, method);
    context.set_custom_cnonce(sent.cnonce.clone().unwrap());
    let mut expected = sent.clone();
    expected.digest(&context);
    (sent.nonce == format!("n{nonce}") && sent.response == expected.response).then_some(sent.nc)
}

#[tokio::test]
async fn digest_answers_the_challenge_and_then_goes_ahead() {
    for parameters in [
        r#"qop="auth""#,
        r#"qop="auth,auth-int", algorithm=MD5"#,
        r#"qop="auth", algorithm=SHA-256"#,
        r#"qop="auth", algorithm=MD5-sess"#,
        r#"qop="auth", algorithm=SHA-256-sess"#,
    ] {
        let stage = stage(HttpScheme::Digest, digest_server(parameters, 100).await).await;
        for path in ["/a?q=1&r=%20", "/b", "/c"] {
            let answer = stage.get(&format!("{HOME}{path}")).await;
            assert!(answer.ends_with("let in"), "{parameters}: {answer}");
        }
        assert_eq!(stage.world.take().len(), 4, "one challenge for three requests: {parameters}");
    }
}

#[tokio::test]
async fn digest_takes_a_new_nonce_when_the_old_one_is_stale() {
    let stage = stage(HttpScheme::Digest, digest_server(r#"qop="auth", algorithm=SHA-256"#, 2).await).await;
    for _ in 0..5 {
        assert!(stage.get("http://app.shop.test/").await.ends_with("let in"));
    }
    assert_eq!(stage.world.take().len(), 5 + 3, "a challenge at first, and after two uses each");
}

#[tokio::test]
async fn what_digest_cannot_answer_comes_back_as_it_is_after_one_try() {
    for (challenge, tries) in [
        (r#"Digest realm="r", nonce="n", qop="auth-int""#, 1),
        ("NTLM", 1),
        ("Negotiate", 1),
        (r#"Digest realm="r", nonce="n", qop="auth""#, 2),
    ] {
        let world = World::open(move |_| {
            Response::builder()
                .status(401)
                .header("www-authenticate", challenge)
                .body("denied".into())
                .unwrap()
        });
        let stage = stage(HttpScheme::Digest, world.await).await;
        let answer = stage.get("http://app.shop.test/").await;
        assert!(answer.starts_with("HTTP/1.1 401") && answer.ends_with("denied"), "{answer}");
        assert_eq!(stage.world.take().len(), tries, "{challenge}");
    }
}

#[tokio::test]
async fn a_challenge_of_another_origin_gets_no_answer() {
    let stage = stage(HttpScheme::Digest, digest_server(r#"qop="auth""#, 100).await).await;
    assert!(stage.get("http://app.shop.test/").await.ends_with("let in"));
    for other in ["http://evil.test/", "http://shop.test/", "http://app.shop.test:8080/"] {
        assert!(stage.get(other).await.ends_with("denied"), "{other}");
    }
    let sent: Vec<_> =
        stage.world.take().iter().skip(2).map(|got| got.header("authorization").to_owned()).collect();
    assert_eq!(sent, [""; 3]);
}
