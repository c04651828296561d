//! Control of a browser by classic commands and by the proxy in front of it.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Value, json};
use tracing::warn;
use url::Url;

use super::{Backstage, Challenges, Cookie, Page, Prime, Reports, Traffic, error::Result, tabs::Once};

/// Control where there is neither BiDi nor CDP. Scripts come with the documents; what belongs to a tab is put into the
/// first one.
#[derive(Debug)]
pub(super) struct Proxied {
    page: Page,
    backstage: Backstage,
}

impl Proxied {
    pub(super) fn new(page: Page, backstage: Backstage) -> Self {
        Self { page, backstage }
    }

    pub(super) fn page(&self) -> &Page {
        &self.page
    }

    /// The cookies that documents at the places that were shown would send: the driver tells those of one document.
    pub(super) async fn cookies(&self) -> Result<Vec<Cookie>> {
        let places = self.backstage.places();
        let answers = self.aside(&places, |page| async move { page.classic_cookies().await }).await?;
        let mut all: BTreeMap<_, Cookie> = BTreeMap::new();
        for cookie in answers.iter().flat_map(|answer| answer.as_array().into_iter().flatten()) {
            if let Some(cookie) = Cookie::from_classic(cookie) {
                all.insert((cookie.domain.clone(), cookie.path.clone(), cookie.name.clone()), cookie);
            }
        }
        Ok(all.into_values().collect())
    }

    /// The driver of this browser takes cookies of any domain.
    pub(super) async fn set_cookies(&self, cookies: &[Cookie]) -> Result<()> {
        for cookie in cookies {
            self.page.post("cookie", "add cookie", json!({ "cookie": cookie.to_classic() })).await?;
        }
        Ok(())
    }

    pub(super) fn add_preload(&self, source: &str) {
        self.backstage.add_script(source);
    }

    /// Runs a script at its origin in the current tab, before any document of the application is there.
    pub(super) async fn add_once(&self, once: &Once) -> Result<()> {
        let Ok(origin) = Url::parse(&once.origin) else { return Ok(()) };
        warn!(origin = once.origin, "this browser has the sessionStorage in its first tab only");
        self.page.goto(&self.backstage.empty_page(&origin)).await?;
        self.page.evaluate(&once.source, &[]).await?;
        self.page.goto(&blank()).await
    }

    pub(super) async fn prime(&self, primes: &[Prime]) -> Result<Vec<Value>> {
        let places: Vec<Url> = primes.iter().map(|prime| prime.origin.clone()).collect();
        let mut scripts = primes.iter().map(|prime| format!("return {}", prime.script));
        self.aside(&places, |page| {
            let script = scripts.next().unwrap_or_default();
            async move { page.evaluate(&script, &[]).await }
        })
        .await
    }

    pub(super) async fn report(&self, source: &str) -> Result<Reports> {
        Ok(self.backstage.listen(source, self.page.window().await?))
    }

    pub(super) fn answer(&self, challenges: Challenges) {
        self.backstage.answer(challenges);
    }

    pub(super) fn record(&self) -> Traffic {
        self.backstage.record()
    }

    /// Does something on an empty page at each place, in a tab of its own.
    async fn aside<F: Future<Output = Result<Value>>>(
        &self,
        places: &[Url],
        mut act: impl FnMut(Page) -> F,
    ) -> Result<Vec<Value>> {
        let home = self.page.window().await?;
        let tab = self.page.new_tab().await?;
        self.page.switch_to(&tab).await?;
        let mut values = Ok(Vec::new());
        for place in places {
            let value = match self.page.goto(&self.backstage.empty_page(place)).await {
                Ok(()) => act(self.page.clone()).await,
                Err(error) => Err(error),
            };
            match (&mut values, value) {
                (Ok(values), Ok(value)) => values.push(value),
                (values, Err(error)) => *values = Err(error),
                (Err(_), _) => {}
            }
        }
        self.page.close_window().await?;
        self.page.switch_to(&home).await?;
        values
    }
}

impl Page {
    async fn classic_cookies(&self) -> Result<Value> {
        self.command(Method::GET, "cookie", "get all cookies", None).await
    }
}

fn blank() -> Url {
    Url::parse("about:blank").expect("it is a valid address")
}
