//! Who may use a stand-in: what drivers are told of other machines, names and pages is heeded.

use handstamp::browser::Kind;
use nix::sys::signal::Signal;

use crate::{
    raw::{Asked, answer_to},
    stage::{Stage, port},
    support::Running,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_stand_in_serves_nobody_but_this_machine_and_no_page() {
    let stage = Stage::set().await;
    for kind in [Kind::Chromium, Kind::Firefox] {
        let (mut driver, port) = started(&stage, kind, &["--port=0"]).await;
        assert_eq!(answer_to(&Asked::at(port)).await.0, 200, "{kind}");
        for asked in [
            Asked { host: Some("evil.example"), ..Asked::at(port) },
            Asked { origin: Some("http://evil.example"), ..Asked::at(port) },
            Asked { origin: Some("null"), ..Asked::at(port) },
        ] {
            let (status, text) = answer_to(&asked).await;
            assert!(status == 403 && text.contains("hint: "), "{kind}: {asked:?}: {text}");
        }
        end(&mut driver);
        driver.end().await.ends_with(0);
    }
    stage.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn chromedriver_s_lists_of_addresses_and_origins_are_heeded() {
    let stage = Stage::set().await;
    let args = ["--port=0", "--allowed-ips=127.0.0.2,10.0.0.7", "--allowed-origins=http://tools.test:8000"];
    let (mut driver, port) = started(&stage, Kind::Chromium, &args).await;
    let named = Asked { from: [127, 0, 0, 2], ..Asked::at(port) };
    assert_eq!(answer_to(&named).await.0, 200);
    assert_eq!(answer_to(&Asked::at(port)).await.0, 200, "the real one lets this machine in as well");
    let other = Asked { from: [127, 0, 0, 3], ..named };
    let (status, text) = answer_to(&other).await;
    assert!(status == 403 && text.contains("127.0.0.3"), "{text}");
    let page = Asked { origin: Some("http://tools.test:8000"), host: Some("tools.test"), ..named };
    assert_eq!(answer_to(&page).await.0, 200);
    let evil = Asked { origin: Some("http://evil.example"), ..named };
    assert_eq!(answer_to(&evil).await.0, 403);
    end(&mut driver);
    let ran = driver.end().await.ends_with(0);
    assert!(!ran.err.contains("other machines"), "it was told which: {}", ran.err);

    let (mut driver, port) = started(&stage, Kind::Chromium, &["--port=0", "--allowed-ips="]).await;
    assert_eq!(answer_to(&Asked { from: [127, 0, 0, 3], ..Asked::at(port) }).await.0, 200);
    end(&mut driver);
    driver
        .end()
        .await
        .ends_with(0)
        .says("other machines that reach this port get browsers that are logged in");

    let wrong = stage.driver(Kind::Chromium, &["--port=0", "--allowed-ips=here"]).end().await.ends_with(2);
    wrong.says("`here` is no address");
    stage.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn geckodriver_s_lists_of_hosts_and_origins_are_heeded() {
    let stage = Stage::set().await;
    let args =
        ["--port", "0", "--host", "127.0.0.2", "--allow-origins", "http://tools.test:8000", "--allow-hosts"];
    let args = [&args[..], &["box.test", "mill.test"]].concat();
    let (mut driver, port) = started(&stage, Kind::Firefox, &args).await;
    let here = Asked { to: [127, 0, 0, 2], ..Asked::at(port) };
    for host in [None, Some("box.test"), Some("mill.test"), Some("127.0.0.2")] {
        assert_eq!(answer_to(&Asked { host, ..here }).await.0, 200, "{host:?}");
    }
    for host in ["localhost", "other.test"] {
        assert_eq!(answer_to(&Asked { host: Some(host), ..here }).await.0, 403, "{host}");
    }
    let page = Asked { origin: Some("http://tools.test:8000"), ..here };
    assert_eq!(answer_to(&page).await.0, 200);
    assert_eq!(answer_to(&Asked { origin: Some("http://tools.test:8001"), ..here }).await.0, 403);
    end(&mut driver);
    driver.end().await.ends_with(0);
    stage.is_empty();
}

async fn started(stage: &Stage, kind: Kind, args: &[&str]) -> (Running, u16) {
    let mut driver = stage.driver(kind, args);
    let port = port(&mut driver, kind).await;
    (driver, port)
}

fn end(driver: &mut Running) {
    driver.signal(Signal::SIGTERM);
}
