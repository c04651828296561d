//! A Selenium Grid: how many browsers it can open at the moment, and where its router tunnels sockets.

use serde_json::Value;
use url::Url;

use super::{Kind, Launch, fetch::fetch, handle::directory};

impl Launch {
    /// How many browsers of this kind the grid can open at the moment; nothing where there is no grid that tells.
    pub async fn vacancies(&self) -> Option<usize> {
        let status = directory(self.webdriver.clone()?).join("status").ok()?;
        vacancies(&fetch(status.as_str()).await.ok()?, self.kind)
    }
}

/// Counts the free slots in a grid's answer to `GET /status`; drivers answer without nodes.
fn vacancies(status: &Value, kind: Kind) -> Option<usize> {
    let nodes = status["value"]["nodes"].as_array()?;
    Some(nodes.iter().filter(|node| node["availability"] == "UP").map(|node| free(node, kind)).sum())
}

fn free(node: &Value, kind: Kind) -> usize {
    let wanted = kind.data().capabilities["browserName"].as_str().unwrap_or_default();
    let slots = || node["slots"].as_array().into_iter().flatten();
    let is_ours = |slot: &Value| {
        slot["stereotype"]["browserName"].as_str().is_some_and(|name| name.eq_ignore_ascii_case(wanted))
    };
    let taken = slots().filter(|slot| !slot["session"].is_null()).count();
    let most = node["maxSessions"].as_u64().and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
    let open = slots().filter(|slot| slot["session"].is_null() && is_ours(slot)).count();
    open.min(most.saturating_sub(taken))
}

/// Where the session's socket is, in the order in which it is tried: grids tell the address that they take for their
/// own, which need not be the one by which they are reached.
pub(super) fn ways(granted: &Value, driver: &str, address: &str) -> Vec<String> {
    let is_grid = granted.as_object().is_some_and(|all| all.keys().any(|key| key.starts_with("se:")));
    let through = is_grid.then(|| through(driver, address)).flatten();
    let own = address.to_owned();
    let mut ways: Vec<String> = match through {
        Some(through) if is_routed(address) => vec![through, own],
        Some(through) => vec![own, through],
        None => vec![own],
    };
    ways.dedup();
    ways
}

/// Whether the router of a Selenium Grid passes this socket on; other grids have servers of their own for them.
#[must_use]
pub fn is_routed(address: &str) -> bool {
    let path = address.split('?').next().unwrap_or_default().rsplit('/').collect::<Vec<_>>();
    matches!(path[..], [_, "se", _, "session", ..])
}

fn through(driver: &str, address: &str) -> Option<String> {
    let driver = Url::parse(driver).ok()?;
    let mut way = Url::parse(address).ok()?;
    way.set_host(driver.host_str()).ok()?;
    way.set_port(driver.port()).ok()?;
    if !way.path().starts_with(driver.path()) {
        way.set_path(&format!("{}{}", driver.path(), way.path().trim_start_matches('/')));
    }
    Some(way.into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn slot(name: &str, session: &Value) -> Value {
        json!({ "stereotype": { "browserName": name }, "session": session })
    }

    #[test]
    fn what_is_free_is_counted_by_browser_and_by_what_a_node_can_bear() {
        let (taken, nobody) = (json!({ "sessionId": "a" }), Value::Null);
        let slots = [
            slot("chrome", &taken),
            slot("chrome", &nobody),
            slot("firefox", &nobody),
            slot("chrome", &nobody),
        ];
        let host = |availability: &str, most: usize| json!({ "availability": availability, "maxSessions": most, "slots": slots });
        let status = |nodes: &[Value]| json!({ "value": { "ready": true, "nodes": nodes } });
        assert_eq!(vacancies(&status(&[host("UP", 9)]), Kind::Chromium), Some(2));
        assert_eq!(vacancies(&status(&[host("UP", 9), host("DOWN", 9)]), Kind::Firefox), Some(1));
        assert_eq!(vacancies(&status(&[host("UP", 2)]), Kind::Chromium), Some(1));
        assert_eq!(vacancies(&status(&[]), Kind::Chromium), Some(0));
        assert_eq!(vacancies(&json!({ "value": { "ready": true } }), Kind::Chromium), None);
    }

    #[test]
    fn a_grids_sockets_are_reached_the_way_the_grid_is() {
        let (told, driver) = ("ws://10.0.0.5:4444/session/a/se/cdp", "http://grid.test:4445/");
        let granted = json!({ "se:cdp": told });
        assert_eq!(ways(&granted, driver, told), ["ws://grid.test:4445/session/a/se/cdp", told]);
        let below = ways(&granted, "http://grid.test/wd/hub/", told);
        assert_eq!(below[0], "ws://grid.test/wd/hub/session/a/se/cdp");
        assert_eq!(ways(&json!({}), driver, told), [told]);
        let other = "wss://cdp.test/devtools/a";
        assert_eq!(ways(&json!({ "se:cdp": other }), driver, other)[0], other);
        assert_eq!(ways(&granted, "http://10.0.0.5:4444/", told), [told]);
    }
}
