//! Speaks to the agent in the page: waits for rest, looks around, and fires actions.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::time::{self, Instant};
use url::Url;

use super::{
    action::Kind,
    flight::Flight,
    view::{Acted, View},
};
use crate::browser::{Browser, Element, Error, Page, script};

/// The agent of one browser's page.
#[derive(Debug)]
pub(super) struct Agent<'a> {
    page: &'a Page,
    flight: &'a Flight,
    patience: &'a Patience,
    limit: Duration,
}

/// Which long timers came to nothing, how often: they are not waited for any more.
#[derive(Debug, Default)]
pub(super) struct Patience(Mutex<HashMap<String, usize>>);

impl Patience {
    fn learn(&self, idle: &[String]) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for kind in idle {
            *known.entry(kind.clone()).or_default() += 1;
        }
    }

    fn spent(&self) -> Value {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().filter(|(_, times)| **times >= TIMES).map(|(kind, _)| kind.as_str()).collect()
    }
}

/// What came of an attempt to fire an action.
#[derive(Debug)]
pub(super) enum Fired {
    /// It was fired, and the page came to rest.
    Rest(Box<View>),
    /// The element has been drawn anew since the look, or is gone.
    Gone,
    /// The element does not take it.
    Disabled,
}

impl<'a> Agent<'a> {
    /// Puts the agent into every document that the browser opens from now on.
    pub(super) async fn install(browser: &Browser) -> Result<(), Error> {
        browser.control().add_preload(&source()).await
    }

    pub(super) fn new(page: &'a Page, flight: &'a Flight, patience: &'a Patience, limit: Duration) -> Self {
        Self { page, flight, patience, limit }
    }

    /// Opens an address and looks around there.
    pub(super) async fn open(&self, url: &Url) -> Result<View, Error> {
        match self.page.goto(url).await {
            Err(error) if error.is_lost() => Err(error),
            // A page that took itself elsewhere, or an address that answers with nothing: the look tells.
            _ => self.look().await,
        }
    }

    /// Shows a view by the application's own router, without loading a document; nothing where that does nothing.
    pub(super) async fn open_softly(&self, url: &Url) -> Result<Option<View>, Error> {
        if url.fragment().is_some() {
            // The same document shows another fragment without being loaded.
            return self.open(url).await.map(Some);
        }
        let before = match self.page.evaluate(SOFT, &[json!(url.as_str())]).await {
            Err(error) if error.is_lost() => return Err(error),
            Ok(Value::String(before)) => before,
            // Another origin, or no history.
            _ => return Ok(None),
        };
        let view = self.look().await?;
        match self.page.evaluate(SHOWN, &[]).await {
            Ok(Value::String(after)) if after == before => Ok(None),
            _ => Ok(Some(view)),
        }
    }

    /// What the page's own router and bundler know.
    pub(super) async fn routes(&self) -> Result<Value, Error> {
        self.page.evaluate(&format!("return {}", script("crawl-routes")), &[]).await
    }

    /// Loads the document again and looks around.
    pub(super) async fn reload(&self) -> Result<View, Error> {
        match self.page.reload().await {
            Err(error) if error.is_lost() => Err(error),
            _ => self.look().await,
        }
    }

    /// Waits until the page is at rest and tells what is there.
    pub(super) async fn look(&self) -> Result<View, Error> {
        let mut deadline = Instant::now() + self.limit + GRACE;
        let last = deadline + MOST_HELD;
        loop {
            // A page whose requests are held cannot come to rest, and is not to blame for that.
            let held = self.flight.wait_released(last.saturating_duration_since(Instant::now())).await;
            deadline = last.min(deadline + held);
            self.flight.wait_idle(deadline.saturating_duration_since(Instant::now())).await;
            if self.flight.has_held() && Instant::now() < last {
                continue;
            }
            let is_late = Instant::now() >= deadline;
            match self.page.evaluate(LOOK, &[json!(QUIET_MS), self.limit_ms(), self.patience.spent()]).await {
                Ok(Value::Null) => drop(self.page.evaluate(&source(), &[]).await),
                Ok(answer) if is_late || !self.flight.is_busy() => {
                    if let Ok(view) = serde_json::from_value::<View>(answer["view"].clone()) {
                        self.patience.learn(&view.idle);
                        return Ok(view);
                    }
                }
                Err(error) if error.is_lost() || is_late => return Err(error),
                // The document went away under the script: another one is being loaded.
                Ok(_) => {}
                Err(_) => time::sleep(BLINK).await,
            }
            if is_late {
                return Err(Error::Timeout { command: "look around".into(), after: self.limit });
            }
        }
    }

    /// Fires an action by its index in the look of that generation.
    pub(super) async fn fire(
        &self,
        kind: Kind,
        index: usize,
        generation: u64,
        variant: usize,
        hints: &Value,
    ) -> Result<Fired, Error> {
        if kind == Kind::Scroll {
            return self.after(self.page.evaluate(SCROLL, &[json!(QUIET_MS), self.limit_ms()]).await).await;
        }
        let mut answer = self.ask(index, generation, variant, hints, false).await;
        let mut is_inside = false;
        while let Some((frame, index, generation)) = answer.as_ref().ok().and_then(inward) {
            self.page.enter_frame(&frame).await?;
            is_inside = true;
            answer = self.ask(index, generation, variant, hints, false).await;
        }
        let fired = self.finish(answer, is_inside).await;
        if is_inside {
            self.page.leave_frames().await?;
        }
        match fired? {
            Some(fired) => Ok(fired),
            None => self.look().await.map(|view| Fired::Rest(Box::new(view))),
        }
    }

    /// Does what is left to be done; gives nothing when a look has to tell what came of it.
    async fn finish(&self, answer: Result<Value, Error>, is_inside: bool) -> Result<Option<Fired>, Error> {
        let Ok(value) = &answer else {
            return if is_inside { Ok(None) } else { self.after(answer).await.map(Some) };
        };
        let acted: Acted = serde_json::from_value(value.clone()).unwrap_or_default();
        if acted.gone || acted.disabled {
            return Ok(Some(if acted.gone { Fired::Gone } else { Fired::Disabled }));
        }
        if !acted.input.is_null() {
            return match self.page.perform(&acted.input).await {
                Err(error) if error.is_lost() => Err(error),
                // It lies where nothing can be pointed at: a script's click reaches it all the same.
                Err(_) => {
                    drop(self.page.evaluate(FORCE, &[]).await);
                    Ok(None)
                }
                Ok(()) => Ok(None),
            };
        }
        if is_inside { Ok(None) } else { self.after(answer).await.map(Some) }
    }

    async fn ask(
        &self,
        index: usize,
        generation: u64,
        variant: usize,
        hints: &Value,
        untrusted: bool,
    ) -> Result<Value, Error> {
        let args = [
            json!(index),
            json!(generation),
            json!(variant),
            hints.clone(),
            json!(untrusted),
            json!(QUIET_MS),
            self.limit_ms(),
            self.patience.spent(),
        ];
        self.page.evaluate(ACT, &args).await
    }

    /// Takes the look that came with an answer where that is good enough, else looks anew.
    async fn after(&self, answer: Result<Value, Error>) -> Result<Fired, Error> {
        match answer {
            Err(error) if error.is_lost() => return Err(error),
            Ok(answer) if !self.flight.is_busy() => {
                if let Ok(view) = serde_json::from_value::<View>(answer["view"].clone()) {
                    self.patience.learn(&view.idle);
                    return Ok(Fired::Rest(Box::new(view)));
                }
            }
            _ => {}
        }
        self.look().await.map(|view| Fired::Rest(Box::new(view)))
    }

    fn limit_ms(&self) -> Value {
        json!(u64::try_from(self.limit.as_millis()).unwrap_or(u64::MAX))
    }
}

fn source() -> String {
    SOURCE.clone()
}

/// The frame that has to be entered, and which of its actions is meant.
fn inward(value: &Value) -> Option<(Element, usize, u64)> {
    let frame = Element::from_value(&value["enter"])?;
    let acted: Acted = serde_json::from_value(value.clone()).unwrap_or_default();
    Some((frame, acted.index, acted.generation))
}

/// All of the agent. Its frames know each other by a word that changes with each run.
static SOURCE: LazyLock<String> = LazyLock::new(|| {
    let parts = [
        "crawl-hook",
        "crawl-agent",
        "crawl-hear",
        "crawl-frames",
        "crawl-name",
        "crawl-kinds",
        "crawl-look",
        "crawl-values",
        "crawl-fill",
        "crawl-input",
        "crawl-act",
    ];
    let secret = format!("{:032x}", rand::random::<u128>());
    parts.map(script).join("\n").replace("{{secret}}", &secret)
});

const LOOK: &str =
    "const agent = window[Symbol.for('handstamp.crawl')]; return agent ? agent.observe(...arguments) : null";
const ACT: &str = "return window[Symbol.for('handstamp.crawl')].act(...arguments)";
const SOFT: &str = "const before = document.body.innerText; history.pushState(history.state, '', arguments[0]); \
    dispatchEvent(new PopStateEvent('popstate', { state: history.state })); return before";
const SHOWN: &str = "return document.body.innerText";
const FORCE: &str = "return window[Symbol.for('handstamp.crawl')].forceLast()";
const SCROLL: &str = "return window[Symbol.for('handstamp.crawl')].scroll(...arguments)";
/// How long nothing may have happened for a page to count as being at rest.
const QUIET_MS: u64 = 100;
const BLINK: Duration = Duration::from_millis(20);
const GRACE: Duration = Duration::from_secs(2);
/// How much longer a page may take when its requests are held.
const MOST_HELD: Duration = Duration::from_secs(30);
/// How often a long timer may come to nothing before it is no longer waited for.
const TIMES: usize = 2;
