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

/// Corrects what a driver says of where it is: the loopback of another machine is not ours.
pub(super) fn seen_from_here(capabilities: &Value, at: &Url) -> Value {
    led(capabilities, at, &|socket| Some(socket.clone()))
}

/// An answer of a driver or grid with its sockets led to where `way` says, seen as what they are at that machine, and without
/// the debugging ports that only that machine can reach.
pub(super) fn led(answer: &Value, at: &Url, way: &impl Fn(&Url) -> Option<Url>) -> Value {
    match answer {
        Value::Array(all) => all.iter().map(|one| led(one, at, way)).collect(),
        Value::Object(all) => {
            let seen =
                all.iter().filter_map(|(name, value)| Some((name.clone(), member(name, value, at, way)?)));
            Value::Object(seen.collect())
        }
        other => other.clone(),
    }
}

fn member(name: &str, value: &Value, at: &Url, way: &impl Fn(&Url) -> Option<Url>) -> Option<Value> {
    match (name, value) {
        ("debuggerAddress", _) if !is_loopback(at) => None,
        ("webSocketUrl" | "se:bidi" | "se:cdp", Value::String(text)) => {
            let socket = Url::parse(text).ok().and_then(|socket| way(&nearer(socket, at)));
            Some(socket.map_or_else(|| value.clone(), |socket| json!(socket.as_str())))
        }
        _ => Some(led(value, at, way)),
    }
}

/// A socket on the loopback of another machine, at that machine.
fn nearer(socket: Url, at: &Url) -> Url {
    let mut there = socket.clone();
    let is_far = is_loopback(&socket) && !is_loopback(at);
    if is_far && there.set_host(at.host_str()).is_ok() { there } else { socket }
}

/// Whether a socket is at the address by which its driver is reached. Drivers behind TLS do not know of it.
pub(super) fn is_at(socket: &Url, at: &Url) -> bool {
    socket.host() == at.host()
        && (socket.port() == at.port() || socket.port_or_known_default() == at.port_or_known_default())
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
    use crate::browser::is_routed;

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
        let of = |driver: &str| seen_from_here(&granted, &driver.parse().unwrap());
        assert_eq!(of("http://127.0.0.1:4"), granted);
        let there = of("http://node.test:4");
        assert_eq!(there["webSocketUrl"], "ws://node.test:9/session/a");
        assert_eq!(there["goog:chromeOptions"], json!({}));
    }

    #[test]
    fn a_socket_is_at_its_driver_whatever_either_knows_of_tls() {
        let is = |socket: &str, at: &str| is_at(&socket.parse().unwrap(), &at.parse().unwrap());
        assert!(
            is("ws://hub.test/session/a", "https://hub.test")
                && is("wss://hub.test/a", "https://hub.test:443")
        );
        assert!(!is("ws://hub.test:9/a", "https://hub.test") && !is("wss://cdp.test/a", "https://hub.test"));
        assert!(is_routed("ws://10.0.0.5:4444/wd/hub/session/a/se/cdp"));
        assert!(!is_routed("wss://cdp.test/devtools/a") && !is_routed("wss://bidi.test/session/a"));
    }
}
