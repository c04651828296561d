//! Speaks to the agent in the page: waits for rest, looks around, and fires actions.

use std::time::Duration;

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
    limit: Duration,
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

    pub(super) fn new(page: &'a Page, flight: &'a Flight, limit: Duration) -> Self {
        Self { page, flight, limit }
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
        let deadline = Instant::now() + self.limit + GRACE;
        loop {
            self.flight.wait_idle(deadline.saturating_duration_since(Instant::now())).await;
            let is_late = Instant::now() >= deadline;
            match self.page.evaluate(LOOK, &[json!(QUIET_MS), self.limit_ms()]).await {
                Ok(Value::Null) => drop(self.page.evaluate(&source(), &[]).await),
                Ok(answer) if is_late || !self.flight.is_busy() => {
                    if let Ok(view) = serde_json::from_value(answer["view"].clone()) {
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
    ) -> Result<Fired, Error> {
        if kind == Kind::Scroll {
            return self.after(self.page.evaluate(SCROLL, &[json!(QUIET_MS), self.limit_ms()]).await).await;
        }
        let answer = self.ask(index, generation, variant, false).await;
        let Ok(value) = &answer else { return self.after(answer).await };
        let acted: Acted = serde_json::from_value(value.clone()).unwrap_or_default();
        if acted.gone || acted.disabled {
            return Ok(if acted.gone { Fired::Gone } else { Fired::Disabled });
        }
        if let (false, Some(element)) = (acted.done, Element::from_value(&value["element"])) {
            match self.trusted(kind, &element).await {
                Err(error) if error.is_lost() => return Err(error),
                // Something lies over it, or it moves: a script's click reaches it all the same.
                Err(_) if kind != Kind::Input => drop(self.ask(index, generation, variant, true).await),
                _ => {}
            }
            return self.look().await.map(|view| Fired::Rest(Box::new(view)));
        }
        self.after(answer).await
    }

    async fn ask(
        &self,
        index: usize,
        generation: u64,
        variant: usize,
        untrusted: bool,
    ) -> Result<Value, Error> {
        let args = [
            json!(index),
            json!(generation),
            json!(variant),
            json!(untrusted),
            json!(QUIET_MS),
            self.limit_ms(),
        ];
        self.page.evaluate(ACT, &args).await
    }

    /// Takes the look that came with an answer where that is good enough, else looks anew.
    async fn after(&self, answer: Result<Value, Error>) -> Result<Fired, Error> {
        match answer {
            Err(error) if error.is_lost() => return Err(error),
            Ok(answer) if !self.flight.is_busy() => {
                if let Ok(view) = serde_json::from_value::<View>(answer["view"].clone()) {
                    return Ok(Fired::Rest(Box::new(view)));
                }
            }
            _ => {}
        }
        self.look().await.map(|view| Fired::Rest(Box::new(view)))
    }

    /// Does it as a person would, with real input.
    async fn trusted(&self, kind: Kind, element: &Element) -> Result<(), Error> {
        let onto =
            json!({ "type": "pointerMove", "duration": 0, "origin": element.to_value(), "x": 0, "y": 0 });
        let press = |button: u8| {
            [
                json!({ "type": "pointerDown", "button": button }),
                json!({ "type": "pointerUp", "button": button }),
            ]
        };
        let steps = match kind {
            Kind::Input => return self.page.press(ENTER).await,
            Kind::Key => {
                self.page.evaluate("arguments[0].focus()", &[element.to_value()]).await?;
                return self.page.press(ENTER).await;
            }
            Kind::Hover => vec![onto],
            Kind::Menu => [vec![onto], press(2).to_vec()].concat(),
            Kind::DoubleClick => [vec![onto], press(0).to_vec(), press(0).to_vec()].concat(),
            _ => return self.page.click(element).await,
        };
        self.page.perform(&json!([{ "type": "pointer", "id": "mouse", "actions": steps }])).await
    }

    fn limit_ms(&self) -> Value {
        json!(u64::try_from(self.limit.as_millis()).unwrap_or(u64::MAX))
    }
}

fn source() -> String {
    ["crawl-agent", "crawl-look", "crawl-fill", "crawl-act"].map(script).join("\n")
}

const LOOK: &str =
    "const agent = window[Symbol.for('handstamp.crawl')]; return agent ? agent.observe(...arguments) : null";
const ACT: &str = "return window[Symbol.for('handstamp.crawl')].act(...arguments)";
const SOFT: &str = "const before = document.body.innerText; history.pushState(history.state, '', arguments[0]); \
    dispatchEvent(new PopStateEvent('popstate', { state: history.state })); return before";
const SHOWN: &str = "return document.body.innerText";
const SCROLL: &str = "return window[Symbol.for('handstamp.crawl')].scroll(...arguments)";
/// How long nothing may have happened for a page to count as being at rest.
const QUIET_MS: u64 = 100;
const BLINK: Duration = Duration::from_millis(20);
const GRACE: Duration = Duration::from_secs(2);
const ENTER: &str = "\u{E007}";
