//! What classic WebDriver lacks, by whichever protocol the browser offers.

use serde_json::Value;

use super::{
    Answer, Challenges, Cookie, Prime, Reports, Traffic,
    bidi::Bidi,
    cdp::Cdp,
    driver_cdp::{DriverCdp, until_closed},
    error::{Error, Result},
    proxied::Proxied,
    tabs::Once,
};

/// Control of a whole browser: every tab, frame and pop-up, those to come included.
#[derive(Debug)]
pub struct Control(pub(super) Means);

/// What stays in a browser that nobody holds any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasting {
    /// Cookies, storage, and scripts that run before those of pages.
    Scripts,
    /// Cookies and storage alone.
    Storage,
}

/// The protocol in use.
#[derive(Debug)]
pub(super) enum Means {
    Bidi(Bidi),
    Cdp(Cdp),
    Driver(DriverCdp),
    Proxied(Proxied),
}

impl Control {
    /// All cookies of the browser, of every domain and path, hidden ones included.
    pub async fn cookies(&self) -> Result<Vec<Cookie>> {
        match &self.0 {
            Means::Bidi(b) => b.cookies().await,
            Means::Cdp(c) => c.cookies(None).await,
            Means::Driver(d) => d.cookies().await,
            Means::Proxied(p) => p.cookies().await,
        }
    }

    /// Sets cookies of any domain, in every jar and without a page of it being open; gives the names of those that the browser refused.
    pub async fn set_cookies(&self, cookies: &[Cookie]) -> Result<Vec<String>> {
        if cookies.is_empty() {
            return Ok(Vec::new());
        }
        match self.set_all(cookies).await {
            Ok(()) => return Ok(Vec::new()),
            Err(e @ Error::Unsupported { .. }) => return Err(e),
            Err(e) if e.is_lost() => return Err(e),
            Err(_) => {}
        }
        // One bad cookie spoils the lot: find it.
        let mut refused = Vec::new();
        for cookie in cookies {
            match self.set_all(std::slice::from_ref(cookie)).await {
                Ok(()) => {}
                Err(e) if e.is_lost() => return Err(e),
                Err(_) => refused.push(format!("cookie {}", cookie.name)),
            }
        }
        Ok(refused)
    }

    async fn set_all(&self, cookies: &[Cookie]) -> Result<()> {
        match &self.0 {
            Means::Bidi(b) => b.set_cookies(cookies).await,
            Means::Cdp(c) => c.set_cookies(cookies).await,
            Means::Driver(d) => d.set_cookies(cookies).await,
            Means::Proxied(p) => p.set_cookies(cookies).await,
        }
    }

    /// Runs a script in every document from now on, before the document's own scripts.
    pub async fn add_preload(&self, source: &str) -> Result<()> {
        match &self.0 {
            Means::Bidi(b) => b.add_preload(source).await,
            Means::Cdp(c) => c.add_preload(source).await,
            Means::Driver(d) => d.add_preload(source).await,
            Means::Proxied(p) => {
                p.add_preload(source);
                Ok(())
            }
        }
    }

    /// Runs a script in every document from now on, before the document's own, and gives what it reports: the source is a
    /// function whose one argument is a function that takes a text.
    ///
    /// # Errors
    /// [`Error::Unsupported`] where there is neither BiDi nor CDP, nor a proxy in their place.
    pub async fn report(&self, source: &str) -> Result<Reports> {
        match &self.0 {
            Means::Bidi(b) => b.report(source).await,
            Means::Cdp(c) => c.report(source).await,
            Means::Proxied(p) => p.report(source).await,
            Means::Driver(_) => Err(Error::Unsupported { what: "tell what happens in its pages".into() }),
        }
    }

    /// Runs a script in the first document that each tab shows of an origin, before the document's own scripts.
    ///
    /// The script must not overwrite what is there: a pop-up starts with its opener's storage.
    pub async fn add_once(&self, origin: &str, source: &str) -> Result<()> {
        let once = Once { origin: origin.to_owned(), source: source.to_owned() };
        match &self.0 {
            Means::Bidi(b) => b.add_once(once).await,
            Means::Cdp(c) => c.add_once(once).await,
            Means::Proxied(p) => p.add_once(&once).await,
            Means::Driver(_) => Err(Error::Unsupported { what: "tell the first document of a tab".into() }),
        }
    }

    /// Runs scripts at origins while every request is answered with an empty page; gives their values.
    ///
    /// # Errors
    /// [`Error::Unsupported`] where there is neither BiDi nor CDP.
    pub async fn prime(&self, primes: &[Prime]) -> Result<Vec<Value>> {
        match &self.0 {
            _ if primes.is_empty() => Ok(Vec::new()),
            Means::Bidi(b) => b.prime(primes, None).await,
            Means::Cdp(c) => c.prime(primes, None).await,
            Means::Proxied(p) => p.prime(primes).await,
            Means::Driver(_) => Err(Error::Unsupported { what: "answer requests with an empty page".into() }),
        }
    }

    /// The same in every jar that the browser has: in private windows too, and in the contexts that test tools make.
    ///
    /// # Errors
    /// [`Error::Unsupported`] where there is neither BiDi nor CDP.
    pub async fn prime_everywhere(&self, primes: &[Prime]) -> Result<Vec<Value>> {
        match &self.0 {
            Means::Bidi(b) if !primes.is_empty() => b.prime_everywhere(primes).await,
            Means::Cdp(c) if !primes.is_empty() => c.prime_everywhere(primes).await,
            _ => self.prime(primes).await,
        }
    }

    /// Runs a script in the first top-level document of an origin that a jar shows which is still to come, before the
    /// document's own scripts. Only CDP tells such jars in time; elsewhere nothing is done.
    pub async fn add_to_new_jars(&self, origin: &str, source: &str) -> Result<()> {
        match &self.0 {
            Means::Cdp(c) => {
                c.add_to_new_jars(Once { origin: origin.to_owned(), source: source.to_owned() }).await
            }
            Means::Bidi(_) | Means::Driver(_) | Means::Proxied(_) => Ok(()),
        }
    }

    /// Waits until the browser has ended, or the driver has let go of it.
    pub async fn ended(&self) {
        match &self.0 {
            Means::Bidi(b) => b.ended().await,
            Means::Cdp(c) => c.ended().await,
            Means::Driver(d) => d.ended().await,
            Means::Proxied(p) => until_closed(p.page()).await,
        }
    }

    /// Records all traffic from now on.
    ///
    /// # Errors
    /// [`Error::Unsupported`] where there is neither BiDi nor CDP.
    pub async fn record(&self) -> Result<Traffic> {
        match &self.0 {
            Means::Bidi(b) => b.record().await,
            Means::Cdp(c) => c.record().await,
            Means::Proxied(p) => Ok(p.record()),
            Means::Driver(_) => Err(Error::Unsupported { what: "tell its traffic".into() }),
        }
    }

    /// Answers the challenges of one origin from now on, and cancels all others. See [`super::Prompts::Answered`].
    ///
    /// # Errors
    /// [`Error::Unsupported`] where there is neither BiDi nor CDP, nor a proxy in their place.
    pub async fn answer_challenges(&self, answer: Answer) -> Result<Challenges> {
        let challenges = Challenges::new(answer);
        match &self.0 {
            Means::Bidi(b) => b.answer(challenges.clone()).await?,
            Means::Cdp(c) => c.answer(challenges.clone()).await?,
            Means::Proxied(p) => p.answer(challenges.clone()),
            Means::Driver(_) => return Err(Error::Unsupported { what: "answer challenges".into() }),
        }
        Ok(challenges)
    }

    /// What is left when this control lets go of the browser.
    #[must_use]
    pub fn lasting(&self) -> Lasting {
        match &self.0 {
            Means::Bidi(_) | Means::Driver(_) | Means::Proxied(_) => Lasting::Scripts,
            Means::Cdp(_) => Lasting::Storage,
        }
    }

    /// The protocol in use, for logs and `doctor`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match &self.0 {
            Means::Bidi(_) => "bidi",
            Means::Cdp(_) => "cdp",
            Means::Driver(_) => "driver",
            Means::Proxied(_) => "proxy",
        }
    }
}
