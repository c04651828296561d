//! Nothing of a session goes where it does not belong, whatever the method.

use handstamp::{inject::Mode, session::Method};
use http::Response;

use crate::{
    stage::{Stage, every_method, session},
    support::{Got, World},
};

const HOME: &str = "http://app.shop.test";

/// Checks that something that was sent to a server holds no secret, as text or in base64.
#[track_caller]
fn holds_nothing(got: &Got, told: &str) {
    let text = got.text();
    for secret in ["planted", "YW5uYTpwbGFudGVk", "Digest"] {
        assert!(!text.contains(secret), "{told}: {text}");
    }
}

/// Sends requests in each method and mode, and checks that nothing goes along. The home has been visited before.
async fn carries_nothing(home: &str, requests: &[(&str, &str, &str)]) {
    for (name, method) in every_method() {
        for mode in [Mode::Force, Mode::Fill, Mode::Follow] {
            let stage = Stage::set(session(home, method.clone()), mode, asking().await).await;
            stage.get(&format!("{HOME}/first")).await;
            stage.world.take();
            for (verb, url, lines) in requests {
                stage.send(verb, url, lines).await;
                holds_nothing(&stage.world.one(), &format!("{name} {mode:?} {verb} {url}"));
            }
        }
    }
}

/// A world that asks everybody for credentials.
async fn asking() -> World {
    World::open(|_| {
        let challenge = r#"Digest realm="r", nonce="n", qop="auth", Basic realm="r""#;
        Response::builder().status(401).header("www-authenticate", challenge).body("who?".into()).unwrap()
    })
    .await
}

#[tokio::test]
async fn third_parties_sub_domains_siblings_parents_and_look_alikes_get_nothing() {
    let hosts = [
        "http://third.example/",
        "http://www.app.shop.test/",
        "http://api.shop.test/",
        "http://shop.test/",
        "http://test/",
        "http://app.shop.test.evil.example/",
        "http://xapp.shop.test/",
    ];
    carries_nothing(HOME, &hosts.map(|url| ("GET", url, ""))).await;
}

#[tokio::test]
async fn neighbours_under_a_public_suffix_get_nothing() {
    for (home, other) in
        [("http://me.github.io", "http://you.github.io/"), ("http://shop.co.uk", "http://evil.co.uk/")]
    {
        carries_nothing(home, &[("GET", other, "")]).await;
    }
}

#[tokio::test]
async fn http_after_https_and_other_ports_get_nothing() {
    carries_nothing("https://app.shop.test", &[("GET", "http://app.shop.test/", "")]).await;
    carries_nothing(
        HOME,
        &[("GET", "http://app.shop.test:8080/", ""), ("GET", "http://app.shop.test:443/", "")],
    )
    .await;
}

#[tokio::test]
async fn a_preflight_carries_nothing() {
    let preflight = "Origin: http://app.shop.test\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization\r\n";
    carries_nothing(HOME, &[("OPTIONS", "http://app.shop.test/api", preflight)]).await;
}

#[tokio::test]
async fn tricks_with_the_host_change_nothing() {
    let requests = [
        ("GET", "http://evil.test/?http://app.shop.test/", ""),
        ("GET", "http://evil.test/", "X-Forwarded-Host: app.shop.test\r\n"),
        ("GET", "http://evil.test/", "Referer: http://app.shop.test/\r\nOrigin: http://app.shop.test\r\n"),
    ];
    carries_nothing(HOME, &requests).await;
}

#[tokio::test]
async fn a_redirect_to_elsewhere_is_the_client_s_to_follow_and_carries_nothing_there() {
    for (name, method) in every_method() {
        let world = World::open(|got| {
            let elsewhere = got.target.contains("app.shop.test");
            let status = if elsewhere { 302 } else { 200 };
            Response::builder()
                .status(status)
                .header("location", "http://evil.test/in")
                .body(String::new())
                .unwrap()
        });
        let stage = Stage::set(session(HOME, method), Mode::Force, world.await).await;
        let answer = stage.get("http://app.shop.test/out").await;
        assert!(answer.contains("location: http://evil.test/in"), "{answer}");
        assert_eq!(stage.world.take().len(), 1, "{name}: the proxy follows nothing");
        stage.get("http://evil.test/in").await;
        holds_nothing(&stage.world.one(), name);
    }
}

#[tokio::test]
async fn a_request_with_another_user_s_token_is_either_theirs_or_ours_and_never_both() {
    let theirs =
        "Cookie: sid=theirs\r\nAuthorization: Bearer theirs\r\nX-Memory: theirs\r\nX-Place-0: theirs\r\n";
    for (name, method) in every_method() {
        let fill = Stage::set(session(HOME, method.clone()), Mode::Fill, asking().await).await;
        fill.send("GET", "http://app.shop.test/", theirs).await;
        for got in fill.world.take() {
            holds_nothing(&got, name);
            assert_eq!(
                (got.header("cookie"), got.header("authorization")),
                ("sid=theirs", "Bearer theirs"),
                "{name}"
            );
        }
        let force = Stage::set(session(HOME, method.clone()), Mode::Force, World::kind().await).await;
        force.send("GET", "http://app.shop.test/", theirs).await;
        let got = force.world.one();
        assert!(got.header("cookie").contains("sid=planted-sid"), "{name}");
        assert!(!got.header("cookie").contains("theirs"), "{name}");
        let is_replaced = match method {
            Method::Http { .. } => !got.header("authorization").contains("theirs"),
            Method::Headers { .. } => !got.header("x-place-0").contains("theirs"),
            Method::Browser => !got.header("x-memory").contains("theirs"),
            _ => true,
        };
        assert!(is_replaced, "{name}: {got:?}");
    }
}

#[tokio::test]
async fn a_websocket_handshake_or_another_upgrade_carries_it_to_its_own_origin_only() {
    for (name, method) in every_method() {
        let (world, stranger) = (World::kind().await, World::kind().await);
        let home = world.url("");
        let stage = Stage::near(session(&home, method.clone()), world).await;
        for upgrade in [
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
            "Connection: Upgrade\r\nUpgrade: other/1\r\n",
        ] {
            stage.send("GET", &stage.world.url("/live"), upgrade).await;
            assert!(stage.world.one().header("cookie").contains("planted-sid"), "{name} {upgrade}");
            stage.send("GET", &stranger.url("/live"), upgrade).await;
            holds_nothing(&stranger.one(), name);
        }
    }
}

#[tokio::test]
async fn an_answer_is_never_kept_for_the_next_user() {
    for (name, method) in every_method() {
        let world = World::open(|got| {
            let is_known = got.header("if-none-match") == "\"v1\"";
            let user =
                if got.header("cookie").contains("planted") { "private to us" } else { "for strangers" };
            Response::builder()
                .status(if is_known { 304 } else { 200 })
                .header("etag", "\"v1\"")
                .header("cache-control", "public, max-age=3600")
                .header("vary", "Cookie, Authorization")
                .body(if is_known { String::new() } else { user.to_owned() })
                .unwrap()
        });
        let stage = Stage::set(session(HOME, method), Mode::Force, world.await).await;
        let ours = stage.get("http://app.shop.test/").await;
        assert!(ours.ends_with("private to us"), "{name}: {ours}");
        for line in ["cache-control: public, max-age=3600", "vary: Cookie, Authorization", "etag: \"v1\""] {
            assert!(ours.contains(line), "{name}: {ours}");
        }
        // The session has gone: the same request is asked anew, and answered for whoever asks now.
        stage.shared.update(|state| state.cookies.clear());
        let theirs = stage.get("http://app.shop.test/").await;
        assert!(theirs.ends_with("for strangers"), "{name}: {theirs}");
        let known = stage.send("GET", "http://app.shop.test/", "If-None-Match: \"v1\"\r\n").await;
        assert!(known.starts_with("HTTP/1.1 304") && !known.contains("private"), "{name}: {known}");
        assert_eq!(stage.world.take().len(), 3, "{name}: each request reaches the server");
    }
}
