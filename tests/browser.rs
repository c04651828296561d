//! Real browsers: they open, obey, and end without leaving anything behind.

use handstamp::browser::{Browser, Kind, Launch, Prime, Protocol};
use url::Url;

#[tokio::test(flavor = "multi_thread")]
async fn smoke() {
    for (kind, protocol) in
        [(Kind::Chromium, Protocol::Auto), (Kind::Chromium, Protocol::Bidi), (Kind::Firefox, Protocol::Auto)]
    {
        let t = std::time::Instant::now();
        let browser = Browser::launch(&Launch { kind, protocol, ..Launch::default() }).await.unwrap();
        println!("{kind} {protocol:?} {:?} {}", t.elapsed(), browser.control().name());
        println!("{}", browser.user_agent().await.unwrap());
        let origin = Url::parse("https://example.test/").unwrap();
        let values = browser
            .control()
            .prime(&[Prime {
                origin,
                script: "(() => { localStorage.a = '1'; return location.origin })()".into(),
            }])
            .await
            .unwrap();
        println!("{values:?} {:?}", t.elapsed());
        let traffic = browser.control().record().await.unwrap();
        let e = browser.page().goto(&Url::parse("http://127.0.0.1:1/x").unwrap()).await;
        println!("{:?} {:?}", e.map_err(|e| e.to_string()), traffic.since(0));
        browser.close().await;
        println!("{:?}", t.elapsed());
    }
}
