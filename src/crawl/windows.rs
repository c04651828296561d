//! Windows that an action opens: a worker goes into them, and comes home when nothing is left to do there.

use tokio::time::{self, Duration, Instant};
use tracing::debug;

use super::{event::Event, run::Team, seat::Seat, view::View};
use crate::browser::Error;

impl Seat {
    /// Goes into the window that was opened last, when it shows something of the application that can be used.
    pub(super) async fn enter_window<S, E: Fn(Event)>(
        &mut self,
        team: &Team<S, E>,
    ) -> Result<Option<View>, Error> {
        let page = self.browser.page();
        let home = self.window.clone();
        let Some(window) = page.windows().await?.into_iter().rfind(|w| *w != home) else { return Ok(None) };
        self.is_away = true;
        let view = match page.switch_to(&window).await {
            Ok(()) => self.look_inside().await,
            Err(error) => Err(error),
        };
        match view {
            Ok(view)
                if !view.actions.is_empty()
                    && view.url().is_some_and(|url| team.crawl.scope.contains(&url)) =>
            {
                debug!(worker = self.worker, url = view.url, "in a window of its own");
                Ok(Some(view))
            }
            Err(error) if error.is_over() => Err(error),
            _ => self.come_home().await.map(|()| None),
        }
    }

    /// Looks into a new window, which may be empty at first.
    async fn look_inside(&self) -> Result<View, Error> {
        let deadline = Instant::now() + BLANK;
        loop {
            let view = self.agent().look().await?;
            if !view.actions.is_empty() || Instant::now() >= deadline {
                return Ok(view);
            }
            time::sleep(BLINK).await;
        }
    }

    /// Closes every window but the first, and goes back there.
    pub(super) async fn come_home(&mut self) -> Result<(), Error> {
        let page = self.browser.page();
        for window in page.windows().await? {
            if window != self.window && page.switch_to(&window).await.is_ok() {
                let _ = page.close_window().await;
            }
        }
        self.is_away = false;
        page.switch_to(&self.window).await
    }

    /// The look at home after a window that closed itself.
    pub(super) async fn return_home(&mut self) -> Result<View, Error> {
        self.come_home().await?;
        self.agent().look().await
    }
}

/// How long a new window may stay empty.
const BLANK: Duration = Duration::from_millis(500);
const BLINK: Duration = Duration::from_millis(50);
