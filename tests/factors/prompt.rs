//! HTTP authentication, which browsers ask for by a prompt.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::Response;
use serde_json::json;

use super::gate::{PASSWORD, kind, page, status};
use crate::support::{Place, World, is_basic, is_digest, slot};

#[derive(Clone, Copy, Debug)]
enum Scheme {
    Basic,
    Digest,
}

/// A server that asks for credentials at every address. Its page has a picture from another server, which asks too.
async fn server(scheme: Scheme, elsewhere: String) -> World {
    World::open(move |got| {
        let (challenge, is_in) = match scheme {
            Scheme::Basic => (r#"Basic realm="press""#, is_basic(got, PASSWORD)),
            Scheme::Digest => (
                r#"Digest realm="press", nonce="n", opaque="o", qop="auth", algorithm=MD5"#,
                is_digest(got, PASSWORD),
            ),
        };
        if !is_in {
            return asking(challenge);
        }
        page(&format!("<h1>Printing press</h1><p>hello anna</p><img src='{elsewhere}/seal.png'>"))
    })
    .await
}

fn asking(challenge: &'static str) -> Response<String> {
    let mut response = kind(status(page("<h1>401</h1>"), 401), "text/html");
    response.headers_mut().insert("www-authenticate", challenge.parse().unwrap());
    response
}

async fn a_prompt_is_answered(browser: &str) {
    for scheme in [Scheme::Basic, Scheme::Digest] {
        let _slot = slot().await;
        let stranger = World::open(|_| asking(r#"Basic realm="press""#)).await;
        let elsewhere = stranger.url("").replace("127.0.0.1", "localhost");
        let (world, place) = (server(scheme, elsewhere).await, Place::new());
        let (url, file) = (world.url("/"), place.path("s.json"));
        let args = [
            "login",
            &url,
            "-u",
            "anna",
            "--password-env",
            "PW",
            "--json",
            "-s",
            &file,
            "--browser",
            browser,
        ];
        let ran = place.handstamp_with(&[("PW", PASSWORD)], &args).await.ends_with(0);
        let told = ran.json();
        assert_eq!(
            (&told["reason"], &told["sessionManagement"]["method"]),
            (&json!("logged-in"), &json!("http")),
            "{told}"
        );
        let kept = std::fs::read_to_string(&file).unwrap();
        let encoded = STANDARD.encode(format!("anna:{PASSWORD}"));
        assert!(!kept.contains(PASSWORD) && !kept.contains(encoded.trim_end_matches('=')), "{scheme:?}");
        let asked = stranger.take();
        assert!(
            !asked.is_empty() && asked.iter().all(|got| got.header("authorization").is_empty()),
            "{asked:?}"
        );
        let ran = place.handstamp_with(&[("PW", "planted-wrong")], &args).await.ends_with(3);
        let told = ran.json();
        assert_eq!(told["reason"], json!("refused"), "{told}");
        assert!(told["evidence"].as_str().unwrap().contains("realm `press`"), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn chromium_answers_the_prompts_of_the_application_and_of_nobody_else() {
    a_prompt_is_answered("chromium").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn firefox_answers_the_prompts_of_the_application_and_of_nobody_else() {
    a_prompt_is_answered("firefox").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheme_that_nobody_speaks_is_named_at_once() {
    let _slot = slot().await;
    let (world, place) = (World::open(|_| asking("Negotiate")).await, Place::new());
    let args = ["login", &world.url("/"), "-u", "anna", "--password-env", "PW", "--json"];
    let told = place.handstamp_with(&[("PW", PASSWORD)], &args).await.ends_with(3).json();
    assert_eq!(told["reason"], json!("refused"), "{told}");
    assert!(told["evidence"].as_str().unwrap().contains("`Negotiate`"), "{told}");
}
