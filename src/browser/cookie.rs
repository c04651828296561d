//! A cookie as a browser tells it.

use std::fmt;

use serde_json::{Map, Value, json};

/// A cookie with all attributes, in the browser's own terms.
#[derive(Clone, PartialEq)]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// Its value. Not to be shown.
    pub value: String,
    /// The domain; with a leading dot when sub-domains get it too.
    pub domain: String,
    /// The path.
    pub path: String,
    /// Seconds since 1970, or nothing for a session cookie.
    pub expires: Option<f64>,
    /// Sent over https only.
    pub secure: bool,
    /// Hidden from scripts.
    pub http_only: bool,
    /// `Strict`, `Lax` or `None`; nothing when the server did not say.
    pub same_site: Option<String>,
    /// The top-level site of a partitioned cookie.
    pub partition_key: Option<String>,
}

impl fmt::Debug for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cookie({}, {}{}, ***)", self.name, self.domain, self.path)
    }
}

impl Cookie {
    /// Reads `Network.Cookie` of the Chrome DevTools Protocol.
    pub(super) fn from_cdp(v: &Value) -> Option<Self> {
        let partition =
            v.get("partitionKey").and_then(|p| p.as_str().or_else(|| p.get("topLevelSite")?.as_str()));
        Some(Self {
            name: text(v, "name")?,
            value: text(v, "value")?,
            domain: text(v, "domain")?,
            path: text(v, "path")?,
            expires: v["expires"].as_f64().filter(|e| *e >= 0.0),
            secure: v["secure"].as_bool().unwrap_or_default(),
            http_only: v["httpOnly"].as_bool().unwrap_or_default(),
            same_site: text(v, "sameSite"),
            partition_key: partition.map(str::to_owned),
        })
    }

    /// Writes `Network.CookieParam` of the Chrome DevTools Protocol. A cookie for one host alone is given by URL.
    pub(super) fn to_cdp(&self) -> Value {
        let mut param = Map::new();
        param.insert("name".into(), json!(self.name));
        param.insert("value".into(), json!(self.value));
        param.insert("path".into(), json!(self.path));
        param.insert("secure".into(), json!(self.secure));
        param.insert("httpOnly".into(), json!(self.http_only));
        if self.domain.starts_with('.') {
            param.insert("domain".into(), json!(self.domain));
        } else {
            let scheme = if self.secure { "https" } else { "http" };
            param.insert("url".into(), json!(format!("{scheme}://{}{}", self.domain, self.path)));
        }
        if let Some(expires) = self.expires {
            param.insert("expires".into(), json!(expires));
        }
        if let Some(same_site) = &self.same_site {
            param.insert("sameSite".into(), json!(same_site));
        }
        if let Some(site) = &self.partition_key {
            let is_foreign = !self.is_at_home_in(site);
            param.insert(
                "partitionKey".into(),
                json!({ "topLevelSite": site, "hasCrossSiteAncestor": is_foreign }),
            );
        }
        Value::Object(param)
    }

    /// Whether a partition is that of the cookie's own site, as it is for what a page in a tab of its own sets.
    fn is_at_home_in(&self, site: &str) -> bool {
        let host = site.split_once("://").map_or(site, |(_, host)| host);
        let domain = self.domain.trim_start_matches('.');
        domain.strip_suffix(host).is_some_and(|below| below.is_empty() || below.ends_with('.'))
    }

    /// Reads `network.Cookie` of WebDriver BiDi. Chromium tells an unset `SameSite` as "none": without Secure it cannot be that.
    pub(super) fn from_bidi(v: &Value) -> Option<Self> {
        let secure = v["secure"].as_bool().unwrap_or_default();
        let same_site = match v["sameSite"].as_str() {
            Some("strict") => Some("Strict"),
            Some("lax") => Some("Lax"),
            Some("none") if secure => Some("None"),
            _ => None,
        };
        Some(Self {
            name: text(v, "name")?,
            value: bidi_text(&v["value"])?,
            domain: text(v, "domain")?,
            path: text(v, "path")?,
            expires: v["expiry"].as_f64(),
            secure,
            http_only: v["httpOnly"].as_bool().unwrap_or_default(),
            same_site: same_site.map(str::to_owned),
            partition_key: None,
        })
    }

    /// Writes `storage.PartialCookie` of WebDriver BiDi.
    pub(super) fn to_bidi(&self) -> Value {
        let mut cookie = Map::new();
        cookie.insert("name".into(), json!(self.name));
        cookie.insert("value".into(), json!({ "type": "string", "value": self.value }));
        cookie.insert("domain".into(), json!(self.domain));
        cookie.insert("path".into(), json!(self.path));
        cookie.insert("httpOnly".into(), json!(self.http_only));
        cookie.insert("secure".into(), json!(self.secure));
        if let Some(same_site) = &self.same_site {
            cookie.insert("sameSite".into(), json!(same_site.to_ascii_lowercase()));
        }
        if let Some(expires) = self.expires {
            #[expect(clippy::cast_possible_truncation, reason = "BiDi takes whole seconds")]
            cookie.insert("expiry".into(), json!(expires as i64));
        }
        Value::Object(cookie)
    }

    /// Writes a serialized cookie of classic WebDriver; what was not said is left out.
    pub(super) fn to_classic(&self) -> Value {
        let mut cookie = Map::new();
        cookie.insert("name".into(), json!(self.name));
        cookie.insert("value".into(), json!(self.value));
        cookie.insert("domain".into(), json!(self.domain));
        cookie.insert("path".into(), json!(self.path));
        cookie.insert("secure".into(), json!(self.secure));
        cookie.insert("httpOnly".into(), json!(self.http_only));
        if let Some(same_site) = &self.same_site {
            cookie.insert("sameSite".into(), json!(same_site));
        }
        if let Some(expires) = self.expires {
            #[expect(clippy::cast_possible_truncation, reason = "WebDriver takes whole seconds")]
            cookie.insert("expiry".into(), json!(expires as i64));
        }
        Value::Object(cookie)
    }

    /// Reads a serialized cookie of classic WebDriver (see 14 Cookies).
    pub(super) fn from_classic(v: &Value) -> Option<Self> {
        Some(Self {
            name: text(v, "name")?,
            value: text(v, "value")?,
            domain: text(v, "domain")?,
            path: text(v, "path")?,
            expires: v["expiry"].as_f64(),
            secure: v["secure"].as_bool().unwrap_or_default(),
            http_only: v["httpOnly"].as_bool().unwrap_or_default(),
            same_site: None,
            partition_key: None,
        })
    }
}

/// The text of a `network.BytesValue` of WebDriver BiDi.
pub(super) fn bidi_text(value: &Value) -> Option<String> {
    let raw = value["value"].as_str()?;
    match value["type"].as_str()? {
        "base64" => {
            use base64::Engine as _;
            let bytes = base64::engine::general_purpose::STANDARD.decode(raw).ok()?;
            Some(String::from_utf8_lossy(&bytes).into_owned())
        }
        _ => Some(raw.to_owned()),
    }
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}
