//! The sockets that a session's capabilities name, and where they lead.

use serde_json::{Map, Value, json};
use url::{Host, Url};

use crate::browser::AskedBidi;

/// Where the sockets of a session really are.
#[derive(Clone, Debug, Default)]
pub(super) struct Sockets {
    bidi: Option<Url>,
    cdp: Option<Url>,
}

impl Sockets {
    /// Reads them from granted capabilities.
    pub(super) fn of(capabilities: &Value) -> Self {
        let read = |name: &str| capabilities[name].as_str().and_then(|url| Url::parse(url).ok());
        Self { bidi: read("webSocketUrl").or_else(|| read("se:bidi")), cdp: read("se:cdp") }
    }

    /// Where a socket that was opened below the session leads to; nothing where the driver itself knows.
    pub(super) fn behind(&self, below: &str) -> Option<Url> {
        match below.split('?').next() {
            Some("" | "/" | "/se/bidi") => self.bidi.as_ref().map(as_http),
            Some("/se/cdp") => self.cdp.as_ref().map(as_http),
            _ => None,
        }
    }
}

/// Corrects what a driver on another machine says of itself: its loopback is not ours.
pub(super) fn seen_from_here(capabilities: &Value, driver: &Url) -> Value {
    let mut seen = capabilities.clone();
    if is_loopback(driver) {
        return seen;
    }
    for name in ["webSocketUrl", "se:bidi", "se:cdp"] {
        let url = seen[name].as_str().and_then(|url| Url::parse(url).ok());
        if let Some(mut url) = url.filter(is_loopback)
            && url.set_host(driver.host_str()).is_ok()
        {
            seen[name] = json!(url.as_str());
        }
    }
    if let Some(options) = seen.get_mut("goog:chromeOptions").and_then(Value::as_object_mut) {
        options.remove("debuggerAddress");
    }
    seen
}

/// Leads the sockets in granted capabilities through the gateway, where `base` says how that is reached, and takes out the one
/// that nobody asked for. Returns whether anything changed.
pub(super) fn rewrite(
    capabilities: &mut Map<String, Value>,
    (id, base, bidi): (&str, Option<&str>, AskedBidi),
) -> bool {
    let mut changed = bidi == AskedBidi::Added && capabilities.remove("webSocketUrl").is_some();
    let Some(base) = base else { return changed };
    for (name, path) in [("webSocketUrl", "se/bidi"), ("se:bidi", "se/bidi"), ("se:cdp", "se/cdp")] {
        if capabilities.get(name).is_some_and(Value::is_string) {
            capabilities.insert(name.to_owned(), json!(format!("{base}/session/{id}/{path}")));
            changed = true;
        }
    }
    changed
}

/// Whether an address is one of this machine alone.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// The address of the HTTP request that opens a socket.
fn as_http(socket: &Url) -> Url {
    let scheme = if socket.scheme() == "wss" { "https" } else { "http" };
    // A special scheme becomes another one.
    let mut url = socket.clone();
    let _ = url.set_scheme(scheme);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_lead_through_the_gateway_and_from_there_to_the_driver() {
        let granted = json!({ "webSocketUrl": "ws://localhost:1/session/a", "se:cdp": "wss://grid.test/session/a/se/cdp" });
        let sockets = Sockets::of(&granted);
        assert_eq!(sockets.behind("/se/bidi").unwrap().as_str(), "http://localhost:1/session/a");
        assert_eq!(sockets.behind("/se/cdp").unwrap().as_str(), "https://grid.test/session/a/se/cdp");
        assert!(sockets.behind("/se/vnc").is_none());
        let Value::Object(mut shown) = granted else { panic!() };
        assert!(rewrite(&mut shown, ("a", Some("ws://here:4444"), AskedBidi::Asked)));
        assert_eq!(shown["webSocketUrl"], "ws://here:4444/session/a/se/bidi");
        assert_eq!(shown["se:cdp"], "ws://here:4444/session/a/se/cdp");
        assert!(rewrite(&mut shown, ("a", None, AskedBidi::Added)) && !shown.contains_key("webSocketUrl"));
        assert!(!rewrite(&mut shown, ("a", None, AskedBidi::Asked)), "nothing else is touched");
    }

    #[test]
    fn the_loopback_of_another_machine_is_that_machine() {
        let granted = json!({
            "webSocketUrl": "ws://127.0.0.1:9/session/a", "goog:chromeOptions": { "debuggerAddress": "localhost:5" },
        });
        let here = seen_from_here(&granted, &"http://127.0.0.1:4".parse().unwrap());
        assert_eq!(here, granted);
        let there = seen_from_here(&granted, &"http://node.test:4".parse().unwrap());
        assert_eq!(there["webSocketUrl"], "ws://node.test:9/session/a");
        assert_eq!(there["goog:chromeOptions"], json!({}));
    }
}
