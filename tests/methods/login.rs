//! `handstamp login` with the options of each method.

use std::path::Path;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use handstamp::session::{HttpScheme, Method, file};
use http::Response;

use crate::support::{Place, Shop, World, slot};

const VARIABLES: [(&str, &str); 1] = [("PW", "planted-password")];

/// Logs in to the shop in a browser with these options, and gives the document and the session.
async fn logged_in(options: &[&str]) -> (serde_json::Value, handstamp::session::State) {
    let _slot = slot().await;
    let (shop, place) = (Shop::open(), Place::new());
    let ((name, password), page, file) = (shop.anna(), shop.login_page(), place.path("s.json"));
    let args = ["login", &page, "-u", name, "--password-env", "PW", "-s", &file, "--json"];
    let ran = place.handstamp_with(&[("PW", password)], &[&args[..], options].concat()).await.ends_with(0);
    let verify = place.handstamp(&["verify", &file]).await;
    verify.ends_with(0);
    (ran.json(), file::read(Path::new(&file)).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn autodetect_finds_the_header_says_why_and_writes_the_configuration() {
    let (document, state) = logged_in(&["--method", "autodetect"]).await;
    let told = &document["sessionManagement"];
    assert_eq!(told["method"], "headers", "{told}");
    let why = told["detected"]["reasons"][0].as_str().unwrap();
    assert!(why.starts_with("Authorization on ") && why.contains(" equals json:"), "{why}");
    assert!(told["detected"]["yaml"].as_str().unwrap().contains("Bearer {%json:"), "{told}");
    assert!(matches!(state.method, Method::Headers { .. }));
    assert!(!state.values.is_empty(), "what the template needs was captured");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_without_options_stays_with_the_browser_and_tells_what_it_found() {
    let (document, state) = logged_in(&[]).await;
    let told = &document["sessionManagement"];
    assert_eq!(
        (&told["method"], &told["detected"]["method"]),
        (&"browser".into(), &"headers".into()),
        "{told}"
    );
    assert_eq!(state.method, Method::Browser);
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_of_templates_are_proven_as_they_are() {
    let (_, state) = logged_in(&["--header", "Authorization: Bearer {%localStorage:token%}"]).await;
    assert!(matches!(state.method, Method::Headers { .. }));
}

async fn basic_site() -> World {
    let expected = format!("Basic {}", STANDARD.encode("anna:planted-password"));
    World::open(move |got| {
        if got.header("authorization") == expected {
            return Response::new("hello anna".into());
        }
        let challenge = "Basic realm=\"r\"";
        Response::builder().status(401).header("www-authenticate", challenge).body("who?".into()).unwrap()
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn http_basic_needs_no_login_is_proven_and_keeps_no_password() {
    let (world, place) = (basic_site().await, Place::new());
    let file = place.path("s.json");
    let args = [
        "login",
        &world.url("/"),
        "-u",
        "anna",
        "--password-env",
        "PW",
        "--method",
        "http-basic",
        "-s",
        &file,
    ];
    place.handstamp_with(&VARIABLES, &args).await.ends_with(0).says("logged in, proven by GET /");
    assert_eq!(file::read(Path::new(&file)).unwrap().method, Method::Http { scheme: HttpScheme::Basic });
    let kept = std::fs::read_to_string(&file).unwrap();
    assert!(!kept.contains("planted") && !kept.contains("YW5uYT"), "{kept}");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_and_contradictory_options_are_told() {
    let (world, place) = (basic_site().await, Place::new());
    let url = world.url("/");
    let login = ["login", &url, "-u", "bob", "--password-env", "PW"];
    let wrong = place.handstamp_with(&VARIABLES, &[&login[..], &["--method", "http-basic"]].concat()).await;
    wrong.ends_with(3).says("GET /: 401");
    let both = [&login[..], &["--method", "cookie", "--header", "A: {%json:t%}"]].concat();
    place.handstamp_with(&VARIABLES, &both).await.ends_with(2).says("--header goes with --method headers");
    let place_less = [&login[..], &["--header", "A: {%jsn:t%}"]].concat();
    place.handstamp_with(&VARIABLES, &place_less).await.ends_with(2).says("{%json:a.b%}");
}
