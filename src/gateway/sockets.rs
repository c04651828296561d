//! The sockets that a session's capabilities name, and where they lead.

use serde_json::{Map, Value, json};
use url::Url;

use crate::{browser::AskedBidi, proxy::is_loopback};

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

/// Corrects what a driver says of where it is: the loopback of another machine is not ours, and where a way of our own leads
/// to it, its sockets are at the end of that as well.
pub(super) fn seen_from_here(capabilities: &Value, at: &Url, way: &Url) -> Value {
    let mut seen = capabilities.clone();
    let is_grid = seen.as_object().is_some_and(|all| all.keys().any(|name| name.starts_with("se:")));
    for name in ["webSocketUrl", "se:bidi", "se:cdp"] {
        let Some(url) = seen[name].as_str().and_then(|url| Url::parse(url).ok()) else { continue };
        let url = nearer(url, at);
        // Grids tell the address that they take for their own, which need not be the one by which they are reached.
        let is_there = url.host() == at.host() && url.port_or_known_default() == at.port_or_known_default();
        let url = if way != at && (is_grid || is_there) { through(&url, at, way) } else { url };
        seen[name] = json!(url.as_str());
    }
    if !is_loopback(at)
        && let Some(options) = seen.get_mut("goog:chromeOptions").and_then(Value::as_object_mut)
    {
        options.remove("debuggerAddress");
    }
    seen
}

/// A socket on the loopback of another machine, at that machine.
fn nearer(socket: Url, at: &Url) -> Url {
    let mut there = socket.clone();
    let is_far = is_loopback(&socket) && !is_loopback(at);
    if is_far && there.set_host(at.host_str()).is_ok() { there } else { socket }
}

/// A socket of the driver by the way that leads to it.
fn through(socket: &Url, at: &Url, way: &Url) -> Url {
    let base = at.path().trim_end_matches('/');
    let path = socket.path().strip_prefix(base).unwrap_or(socket.path());
    let mut url = way.clone();
    url.set_path(&format!("{}{path}", way.path().trim_end_matches('/')));
    url.set_query(socket.query());
    // A special scheme becomes another one.
    let _ = url.set_scheme("ws");
    url
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
        let of = |driver: &str| {
            let at = driver.parse().unwrap();
            seen_from_here(&granted, &at, &at)
        };
        assert_eq!(of("http://127.0.0.1:4"), granted);
        let there = of("http://node.test:4");
        assert_eq!(there["webSocketUrl"], "ws://node.test:9/session/a");
        assert_eq!(there["goog:chromeOptions"], json!({}));
    }

    #[test]
    fn sockets_of_a_driver_that_a_way_leads_to_are_at_the_end_of_the_way() {
        let (at, way) =
            ("https://hub.test/wd/hub".parse().unwrap(), "http://127.0.0.1:7/word/".parse().unwrap());
        let seen = |granted: Value| seen_from_here(&granted, &at, &way);
        let grid = seen(json!({ "se:cdp": "ws://10.0.0.5:4444/session/a/se/cdp?x" }));
        assert_eq!(grid["se:cdp"], "ws://127.0.0.1:7/word/session/a/se/cdp?x");
        let own = seen(json!({ "webSocketUrl": "wss://hub.test/wd/hub/session/a" }));
        assert_eq!(own["webSocketUrl"], "ws://127.0.0.1:7/word/session/a");
        let other = seen(json!({ "webSocketUrl": "wss://bidi.test/a" }));
        assert_eq!(other["webSocketUrl"], "wss://bidi.test/a");
    }
}
