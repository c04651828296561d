//! Real browsers: they open, obey, and end without leaving anything behind.

#![allow(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

mod support;

use std::time::Duration;

use handstamp::browser::{Browser, Error, Kind, Launch, Prime, Protocol};
use support::{Place, Site, slot};
use url::Url;

const ALL: [(Kind, Protocol); 3] =
    [(Kind::Chromium, Protocol::Cdp), (Kind::Chromium, Protocol::Bidi), (Kind::Firefox, Protocol::Bidi)];

#[tokio::test(flavor = "multi_thread")]
async fn every_browser_primes_an_origin_that_does_not_exist_and_names_no_headless_agent() {
    for (kind, protocol) in ALL {
        let _slot = slot().await;
        let browser = open(kind, protocol).await;
        let agent = browser.user_agent().await.unwrap();
        assert!(!agent.contains("Headless"), "{agent}");
        let origin = Url::parse("https://nowhere.test/").unwrap();
        let script = "(() => { localStorage.a = '1'; return location.origin })()".to_owned();
        let values = browser.control().prime(&[Prime { origin, script }]).await.unwrap();
        assert_eq!(values, ["https://nowhere.test"], "{kind} {protocol:?}");
        browser.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_browser_tells_its_traffic_and_what_cannot_be_reached() {
    for (kind, protocol) in ALL {
        let _slot = slot().await;
        let (browser, site) = (open(kind, protocol).await, Site::open().await);
        let traffic = browser.control().record().await.unwrap();
        browser.page().goto(&site.page("/?who=x")).await.unwrap();
        let _ = traffic.wait_quiet(Duration::from_millis(300), Duration::from_secs(10)).await;
        let seen = traffic.since(0);
        let document = seen.iter().find(|x| x.is_document()).unwrap();
        assert_eq!((document.status, document.method.as_str()), (Some(200), "GET"), "{kind} {protocol:?}");
        assert!(seen.iter().any(|x| x.is_script_call() && x.method == "POST" && x.is_done), "{seen:?}");
        // Nothing listens on port 1 of loopback.
        let refused = browser.page().goto(&Url::parse("http://127.0.0.1:1/x?secret=1").unwrap()).await;
        let Err(error @ Error::Navigation { .. }) = refused else {
            panic!("{kind} {protocol:?}: {refused:?}")
        };
        assert!(!error.to_string().contains("secret"), "{error}");
        assert!(error.to_string().contains("hint: is the application running"), "{error}");
        browser.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_is_stopped_at_any_moment_leaves_nothing_behind() {
    let _slot = slot().await;
    let site = Site::open().await;
    let page = site.page("/?who=x");
    for browser in ["chromium", "firefox"] {
        for after in [50, 600, 1500, 3000] {
            let place = Place::new();
            let args = ["login", page.as_str(), "-u", "a", "--password", "b", "--browser", browser];
            let running = place.start(&args);
            // The moment is what is tried here, whatever the browser is at.
            tokio::time::sleep(Duration::from_millis(after)).await;
            running.signal(nix::sys::signal::Signal::SIGTERM);
            let ran = running.end().await;
            assert!(ran.code == Some(130) || after == 50, "{browser} after {after} ms: {ran:?}");
            place.is_clean();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_crashes_ends_the_login_with_its_own_exit_code() {
    let _slot = slot().await;
    let (mut site, place) = (Site::open().await, Place::new());
    let page = site.page("/?who=crash");
    let running = place.start(&["login", page.as_str(), "-u", "a", "--password", "b", "--json"]);
    site.saw("crash").await;
    let killed = support::kill(&format!("{}/handstamp-browser-", place.path("tmp")));
    assert!(killed > 0, "there was a browser");
    let error = running.end().await.ends_with(4).json();
    assert!(["browser-ended", "no-browser"].contains(&error["reason"].as_str().unwrap()), "{error}");
}

async fn open(kind: Kind, protocol: Protocol) -> Browser {
    let deadline = Duration::from_secs(60);
    Browser::launch(&Launch { kind, protocol, deadline, ..Launch::default() }).await.unwrap()
}
