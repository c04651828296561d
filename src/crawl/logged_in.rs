//! Browsers for a crawl with a session that is kept alive while they use it.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use tracing::{info, warn};

use super::{
    error::BoxError,
    source::{Revival, Sign, Source},
};
use crate::{
    browser::{Browser, Launch},
    inject,
    keep::{Living, Login},
    session::{State, Verdict},
};

/// Opens browsers that have the session before their first page.
#[derive(Debug)]
pub struct LoggedIn<L> {
    launch: Launch,
    living: Arc<Living<L>>,
    /// The session as it was when it was last seen alive.
    good: Mutex<Option<State>>,
}

impl<L: Login> LoggedIn<L> {
    /// Browsers that are launched like this, with this session.
    #[must_use]
    pub fn new(launch: Launch, living: Arc<Living<L>>) -> Self {
        Self { launch, living, good: Mutex::default() }
    }

    fn note_good(&self) {
        let now = self.living.shared().snapshot();
        *self.good.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }
}

impl<L: Login> Source for LoggedIn<L> {
    async fn open(&self, _worker: usize, proxy: SocketAddr) -> Result<Browser, BoxError> {
        // Browsers are opened anew when one was lost: the session may be dead by now.
        self.living.check_up().await;
        let state = self.living.shared().snapshot();
        // The browser trusts the proxy whatever it signs; the proxy checks the target's certificate.
        let launch = Launch {
            proxy: Some(proxy),
            insecure: true,
            user_agent: state.user_agent.clone(),
            ..self.launch.clone()
        };
        let browser = Box::pin(inject::open(&launch, None)).await?;
        let injected = inject::into_browser(&state, browser.control()).await?;
        for name in &injected.refused {
            warn!(%name, "the browser refused a part of the session");
        }
        Ok(browser)
    }

    async fn room(&self) -> Option<usize> {
        self.launch.vacancies().await
    }

    fn state(&self) -> Option<State> {
        Some(self.living.shared().snapshot())
    }

    fn making(&self) -> u64 {
        self.living.epoch()
    }

    async fn ask(&self, since: Instant) -> Sign {
        match self.living.sign(since).await {
            Verdict::Proven { .. } => {
                self.note_good();
                Sign::Alive
            }
            Verdict::Stale { evidence } => Sign::Dead { evidence },
            Verdict::Unproven { .. } => Sign::Unknown,
        }
    }

    async fn revive(&self, evidence: &str) -> Revival {
        let good = self.good.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match self.living.revive(good, evidence).await {
            Ok(true) => {
                info!(evidence, "the session was made anew");
                Revival::Renewed
            }
            Ok(false) => Revival::Kept,
            Err(reason) => Revival::Unable { reason: reason.to_string() },
        }
    }
}
