//! One crawl of the bed with real browsers.

use std::{
    env,
    net::SocketAddr,
    time::{Duration, Instant},
};

use handstamp::{
    browser::{Browser, Kind, Launch},
    crawl::{BoxError, Crawl, Event, Outcome, Settings, Source},
    proxy::{Authority, Client, Trust},
    site::{Origin, Scope},
};
use tokio_util::sync::CancellationToken;

use crate::server::Server;

/// Which browser crawls.
pub(crate) fn kind() -> Kind {
    env::var("BED_BROWSER").ok().map_or(Kind::Chromium, |name| name.parse().unwrap())
}

/// Opens browsers without a session.
struct Plain;

impl Source for Plain {
    async fn open(&self, _worker: usize, proxy: SocketAddr) -> Result<Browser, BoxError> {
        let launch = Launch { kind: kind(), proxy: Some(proxy), insecure: true, ..Launch::default() };
        Ok(Browser::launch(&launch).await?)
    }
}

/// Crawls with two browsers until all is done.
pub(crate) async fn crawl(server: &Server) -> Outcome {
    let is_loud = env::var_os("BED_LOUD").is_some();
    let clock = Instant::now();
    let origins = [server.start(), server.other()].map(|url| Origin::of(&url).unwrap());
    let crawl = Crawl {
        start: server.start(),
        scope: Scope::new(origins),
        settings: Settings {
            max_duration: Some(limit()),
            values: vec![("Customer number".into(), "4711-XY".into())],
            ..Settings::default()
        },
        stamp: None,
        rotation: None,
        authority: Authority::ephemeral().unwrap(),
        client: Client::new(&Trust::System).unwrap(),
        source: Plain,
        events: |event| match event {
            Event::Fired { worker, what, progress, .. } if is_loud => {
                let seconds = clock.elapsed().as_secs_f64();
                println!("{seconds:7.2} {worker} {what} -> {} waiting {}", progress.url, progress.waiting);
            }
            Event::Replaced { worker, reason } => println!("{worker} is replaced: {reason}"),
            _ => {}
        },
        resume: None,
        cancel: CancellationToken::new(),
    };
    crawl.run().await.unwrap()
}

/// `BED_SECONDS`, or plenty.
fn limit() -> Duration {
    env::var("BED_SECONDS").map_or(LIMIT, |text| Duration::from_secs(text.parse().unwrap()))
}

/// When a crawl that does not end is given up.
const LIMIT: Duration = Duration::from_secs(600);
