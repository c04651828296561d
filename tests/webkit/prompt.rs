//! HTTP authentication with `WebKit`: the proxy in front of it answers what the server asks.

use handstamp::session::HttpScheme;
use http::Response;
use serde_json::json;

use super::support::{Got, Place, World, is_basic, is_digest, slot};

/// A server that asks for credentials at every address. Its page has a picture from another server, which asks too.
pub(crate) async fn server(scheme: HttpScheme, elsewhere: String) -> World {
    World::open(move |got| {
        let (challenge, is_in) = match scheme {
            HttpScheme::Digest => (DIGEST, is_digest(got, PASSWORD)),
            _ => (BASIC, is_basic(got, PASSWORD)),
        };
        if !is_in {
            return asking(challenge);
        }
        let page = format!(
            "<!doctype html><h1>Printing press</h1><p>hello anna</p><img src='{elsewhere}/seal.png'>"
        );
        Response::builder().header("content-type", "text/html").body(page).unwrap()
    })
    .await
}

fn asking(challenge: &'static str) -> Response<String> {
    let page = "<!doctype html><h1>401</h1>".to_owned();
    let answer = Response::builder().status(401).header("www-authenticate", challenge);
    answer.header("content-type", "text/html").body(page).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs WebKit; run by make test-webkit"]
async fn prompts_of_the_application_are_answered_and_those_of_nobody_else() {
    for scheme in [HttpScheme::Basic, HttpScheme::Digest] {
        let _slot = slot().await;
        let stranger = World::open(|_| asking(BASIC)).await;
        let elsewhere = stranger.url("").replace("127.0.0.1", "localhost");
        let (world, place) = (server(scheme, elsewhere).await, Place::new());
        let (url, file) = (world.url("/"), place.path("s.json"));
        let args = ["login", &url, "-u", "anna", "--password-env", "PW", "--json", "-s", &file];
        let args = [&args[..], &["--browser", "webkit"]].concat();
        let told = place.handstamp_with(&[("PW", PASSWORD)], &args).await.ends_with(0).json();
        let is = (&told["reason"], &told["sessionManagement"]["method"]);
        assert_eq!(is, (&json!("logged-in"), &json!("http")), "{told}");
        let asked = stranger.take();
        let is_bare = |got: &Got| got.header("authorization").is_empty();
        assert!(!asked.is_empty() && asked.iter().all(is_bare), "{asked:?}");
        let ran = place.handstamp_with(&[("PW", "planted-wrong")], &args).await.ends_with(3);
        assert_eq!(ran.json()["reason"], json!("refused"), "{}", ran.out);
    }
}

pub(crate) const PASSWORD: &str = "Stamp-1234-abc";
const BASIC: &str = r#"Basic realm="press""#;
const DIGEST: &str = r#"Digest realm="press", nonce="n", opaque="o", qop="auth", algorithm=MD5"#;
