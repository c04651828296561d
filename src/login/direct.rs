//! Logs in without a browser: one request with the credentials, as ZAP's `form` and `json` authentication make it.

use std::time::Duration;

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode,
    header::{
        ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, REFERER, SET_COOKIE, USER_AGENT,
    },
};
use percent_encoding::percent_decode_str;
use tokio::time;
use url::Url;

use super::{
    body::{Encoding, Values},
    credentials::Credentials,
    error::Error,
    hidden::Fields,
    judge::judge,
    outcome::Outcome,
};
use crate::{
    browser::{Exchange, header_texts},
    context::RequestLogin,
    proxy::{self, Client},
    session::{Secret, State, now},
    site::Origin,
};

/// A login by one request.
#[derive(Clone, Debug)]
pub struct DirectSettings {
    /// The page that is read first, the request, and its body with places for the credentials.
    pub request: RequestLogin,
    /// How the body is written.
    pub encoding: Encoding,
    /// Who logs in.
    pub credentials: Credentials,
    /// What else the user has, for places of these names.
    pub more: Vec<(String, Secret)>,
    /// The User-Agent to send.
    pub user_agent: Option<String>,
    /// How long each answer may take.
    pub limit: Duration,
}

/// A login that was made without a browser.
#[derive(Debug)]
pub struct Direct {
    /// How it ended.
    pub outcome: Outcome,
    /// All of its traffic, in order.
    pub traffic: Vec<Exchange>,
    /// The place of the login request in the traffic.
    pub mark: usize,
    /// Where it ended.
    pub page: Url,
}

/// Reads the login page where there is one, sends the login, and follows where that leads.
///
/// Cookies are kept on the way as a browser keeps them. The body may hold `{%username%}`, `{%password%}`, the names of
/// further credentials, and `{%csrf:name%}` for a field of the login page; a form's empty and anti-forgery fields take
/// the login page's values by themselves, and a JSON login answers a cookie `XSRF-TOKEN` with the header that goes with
/// it. Redirects that would carry the credentials to another origin are not followed.
///
/// # Errors
/// When a place has no value, an address is none of the web, or the application cannot be reached. That it refuses is an
/// [`Outcome`].
pub async fn direct(client: &Client, settings: &DirectSettings) -> Result<Direct, Error> {
    let mut walk = Walk { client, settings, jar: State::default(), traffic: Vec::new() };
    let mut fields = Fields::default();
    let mut referrer = None;
    if let Some(page) = &settings.request.login_page {
        let (end, body) = walk.follow(Step::get(page.clone(), None)).await?;
        fields = Fields::of(&body);
        referrer = Some(end);
    }
    let step = walk.login(&fields, referrer)?;
    let mark = walk.traffic.len();
    let (page, _) = walk.follow(step).await?;
    let outcome = judge(&walk.traffic[mark..], &settings.credentials);
    Ok(Direct { outcome, mark, page, traffic: walk.traffic })
}

struct Walk<'a> {
    client: &'a Client,
    settings: &'a DirectSettings,
    jar: State,
    traffic: Vec<Exchange>,
}

/// One request.
#[derive(Clone)]
struct Step {
    method: Method,
    url: Url,
    body: Option<String>,
    referrer: Option<Url>,
}

impl Step {
    fn get(url: Url, referrer: Option<Url>) -> Self {
        Self { method: Method::GET, url, body: None, referrer }
    }
}

impl Walk<'_> {
    /// The request with the credentials in it.
    fn login(&self, fields: &Fields, referrer: Option<Url>) -> Result<Step, Error> {
        let DirectSettings { request, encoding, credentials, more, .. } = self.settings;
        let name = Secret::from(credentials.username.clone().unwrap_or_default());
        let mut known = vec![("username", &name), ("password", &credentials.password)];
        known.extend(more.iter().map(|(name, value)| (name.as_str(), value)));
        let values = Values { credentials: known, fields };
        let url = values.fill(&request.request_url, Encoding::Form)?;
        let url = web(url.parse().map_err(|_| Error::NoWebAddress)?)?;
        let Some(template) = &request.body else { return Ok(Step::get(url, referrer)) };
        let body = values.fill(template.expose(), *encoding)?;
        let body = if *encoding == Encoding::Form { values.refresh(&body) } else { body };
        Ok(Step { method: Method::POST, url, body: Some(body), referrer })
    }

    /// Sends a request and follows redirects; tells where that ended, and the last body.
    async fn follow(&mut self, mut step: Step) -> Result<(Url, String), Error> {
        for _ in 0..MOST_REDIRECTS {
            let (status, headers, body) = self.send(&step).await?;
            match next(&step, status, &headers) {
                Some(further) => step = further,
                None => return Ok((step.url, body)),
            }
        }
        Err(Error::TooManyRedirects { host: step.url.host_str().unwrap_or_default().to_owned() })
    }

    async fn send(&mut self, step: &Step) -> Result<(StatusCode, HeaderMap, String), Error> {
        let headers = self.headers(step);
        let body = step.body.clone().map_or_else(proxy::empty, proxy::full);
        let mut target = step.url.clone();
        target.set_fragment(None);
        let mut request = Request::builder().method(step.method.clone()).uri(target.as_str());
        request.headers_mut().into_iter().for_each(|all| all.clone_from(&headers));
        let request = request.body(body).map_err(|_| Error::NoWebAddress)?;
        let mut exchange = Exchange {
            method: step.method.to_string(),
            url: target.to_string(),
            kind: if self.settings.encoding == Encoding::Json && step.body.is_some() {
                "Fetch"
            } else {
                "Document"
            }
            .into(),
            request_headers: header_texts(&headers),
            request_body: step.body.clone(),
            ..Exchange::default()
        };
        let host = step.url.host_str().unwrap_or_default().to_owned();
        let answer = async {
            let (head, body) = self.client.send(request).await?.into_parts();
            // A body that is too long, or that breaks off, tells nothing; the head still does.
            let body = proxy::read(body, MOST_BODY).await.unwrap_or_default();
            Ok::<_, Error>((head, String::from_utf8_lossy(&body).into_owned()))
        };
        let answer = time::timeout(self.settings.limit, answer).await.map_err(|_| Error::Slow { host })?;
        let (head, body) = answer?;
        for line in head.headers.get_all(SET_COOKIE).iter().filter_map(|line| line.to_str().ok()) {
            self.jar.receive_cookie(line, &step.url, now());
        }
        exchange.status = Some(head.status.as_u16());
        exchange.response_headers = header_texts(&head.headers);
        exchange.response_body = Some(body.clone());
        exchange.is_done = true;
        self.traffic.push(exchange);
        Ok((head.status, head.headers, body))
    }

    fn headers(&self, step: &Step) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut set = |name: HeaderName, text: &str| {
            headers.extend(HeaderValue::from_str(text).ok().map(|value| (name, value)));
        };
        let is_json = self.settings.encoding == Encoding::Json && step.body.is_some();
        set(ACCEPT, if is_json { "application/json, */*" } else { "text/html,*/*;q=0.8" });
        set(ACCEPT_ENCODING, "identity");
        if let Some(agent) = &self.settings.user_agent {
            set(USER_AGENT, agent);
        }
        if let Some(referrer) = &step.referrer {
            set(REFERER, &referrer[..url::Position::AfterPath]);
        }
        if step.body.is_some() {
            set(CONTENT_TYPE, self.settings.encoding.media_type());
            let home = step.referrer.as_ref().and_then(Origin::of).or_else(|| Origin::of(&step.url));
            set(ORIGIN, &home.map(|origin| origin.to_string()).unwrap_or_default());
        }
        let cookies = self.jar.cookies_for(&step.url, now());
        let token = cookies.iter().find(|cookie| cookie.name == XSRF_COOKIE).filter(|_| is_json);
        if let Some(token) = token {
            set(XSRF_HEADER, &percent_decode_str(token.value.expose()).decode_utf8_lossy());
        }
        let pairs: Vec<_> = cookies.iter().map(|c| format!("{}={}", c.name, c.value.expose())).collect();
        if !pairs.is_empty() {
            set(COOKIE, &pairs.join("; "));
        }
        headers
    }
}

/// The request that a redirect asks for. See 4.4 HTTP-redirect fetch of the Fetch standard.
fn next(step: &Step, status: StatusCode, headers: &HeaderMap) -> Option<Step> {
    let location = headers.get(LOCATION)?.to_str().ok()?;
    let mut url = web(step.url.join(location).ok()?).ok()?;
    // What such an address holds would be sent as Basic credentials by a browser.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    match status.as_u16() {
        301..=303 => Some(Step::get(url, Some(step.url.clone()))),
        307 | 308 if step.body.is_none() => Some(Step::get(url, Some(step.url.clone()))),
        307 | 308 if Origin::of(&url) == Origin::of(&step.url) => Some(Step { url, ..step.clone() }),
        _ => None,
    }
}

fn web(url: Url) -> Result<Url, Error> {
    if matches!(url.scheme(), "http" | "https") && url.has_host() {
        Ok(url)
    } else {
        Err(Error::NoWebAddress)
    }
}

/// What Angular, axios and their servers agree on.
const XSRF_COOKIE: &str = "XSRF-TOKEN";
const XSRF_HEADER: HeaderName = HeaderName::from_static("x-xsrf-token");
/// As many as browsers follow.
const MOST_REDIRECTS: usize = 20;
/// The longest body that is read, in bytes.
const MOST_BODY: usize = 2 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn redirected(status: u16, location: &str, body: Option<&str>) -> Option<(String, String, bool)> {
        let url = "https://app.example/login".parse().unwrap();
        let step = Step { method: Method::POST, url, body: body.map(str::to_owned), referrer: None };
        let headers = HeaderMap::from_iter([(LOCATION, location.parse().unwrap())]);
        let next = next(&step, StatusCode::from_u16(status).unwrap(), &headers)?;
        Some((next.method.to_string(), next.url.to_string(), next.body.is_some()))
    }

    #[test]
    fn a_redirect_leads_on_as_in_a_browser_but_takes_no_credentials_elsewhere() {
        let get = |url: &str| Some(("GET".to_owned(), url.to_owned(), false));
        for status in [301, 302, 303] {
            assert_eq!(redirected(status, "/home", Some("pw")), get("https://app.example/home"));
            assert_eq!(redirected(status, "https://b.example/", Some("pw")), get("https://b.example/"));
        }
        let again = Some(("POST".to_owned(), "https://app.example/v2".to_owned(), true));
        assert_eq!(redirected(307, "/v2", Some("pw")), again);
        for elsewhere in ["https://b.example/", "http://app.example/", "https://app.example:8443/"] {
            assert_eq!(redirected(308, elsewhere, Some("pw")), None, "{elsewhere}");
        }
    }

    #[test]
    fn a_redirect_to_no_web_address_is_not_followed() {
        for location in ["file:///etc/passwd", "javascript:alert(1)", "data:text/html,x"] {
            assert_eq!(redirected(302, location, None), None, "{location}");
        }
        assert_eq!(redirected(302, "//user:pw@b.example/x", None).unwrap().1, "https://b.example/x");
    }
}
