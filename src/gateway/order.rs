//! What a new-session command asks for.

use serde_json::{Map, Value};

use super::{error::Error, settings::Behind, wish::Wish};
use crate::browser::Kind;

/// The capabilities that will do, best first, in groups that are tried one after the other.
#[derive(Debug)]
pub(super) struct Order(pub(super) Vec<Group>);

/// Candidates that one driver can choose from.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// The browser; nothing where somebody else's driver or grid decides.
    pub(super) kind: Option<Kind>,
    /// Whose session the browser gets.
    pub(super) wish: Wish,
    /// The merged capabilities of each candidate.
    pub(super) candidates: Vec<Map<String, Value>>,
}

impl Order {
    /// Reads the body of a command (see 7.2 Processing Capabilities of the WebDriver standard).
    ///
    /// Each candidate carries its own wish, and drivers of our own open one kind of browser each; so candidates are merged here
    /// and grouped, in their order, by what they have in common.
    pub(super) fn read(body: &[u8], path: &Wish, behind: &Behind) -> Result<Self, Error> {
        let mut groups: Vec<Group> = Vec::new();
        let mut names = Vec::new();
        for mut capabilities in merged(body)? {
            let wish = Wish::taken_from(&mut capabilities, path)?;
            let kind = match behind {
                Behind::Upstream { .. } => None,
                Behind::Own(usual) => match own_kind(&capabilities, *usual) {
                    Ok(kind) => Some(kind),
                    Err(name) => {
                        names.push(format!("`{name}`"));
                        continue;
                    }
                },
            };
            match groups.last_mut() {
                Some(last) if last.kind == kind && last.wish == wish => last.candidates.push(capabilities),
                _ => groups.push(Group { kind, wish, candidates: vec![capabilities] }),
            }
        }
        if groups.is_empty() { Err(Error::NoMatch { names: names.join(", ") }) } else { Ok(Self(groups)) }
    }
}

impl Group {
    /// Whether its browsers have neither `BiDi` nor CDP.
    pub(super) fn is_bare(&self) -> bool {
        let is_named =
            |c: &Map<String, Value>| c.get("browserName").is_some_and(|name| name == "MiniBrowser");
        match self.kind {
            Some(kind) => kind == Kind::WebKit,
            None => self.candidates.iter().all(is_named),
        }
    }
}

/// The browser of ours that was asked for, or the name of another.
fn own_kind(capabilities: &Map<String, Value>, usual: Kind) -> Result<Kind, String> {
    match capabilities.get("browserName") {
        None | Some(Value::Null) => Ok(usual),
        Some(Value::String(name)) => name.parse().map_err(|_| name.clone()),
        Some(other) => Err(other.to_string()),
    }
}

fn merged(body: &[u8]) -> Result<Vec<Map<String, Value>>, Error> {
    let body: Value = serde_json::from_slice(body).map_err(|_| invalid("the body is no JSON"))?;
    let Some(Value::Object(capabilities)) = body.get("capabilities") else {
        return Err(invalid("there are no `capabilities`"));
    };
    let always = match capabilities.get("alwaysMatch") {
        None => Map::new(),
        Some(Value::Object(always)) => always.clone(),
        Some(_) => return Err(invalid("`alwaysMatch` is no object")),
    };
    let none = vec![Value::Object(Map::new())];
    let first = match capabilities.get("firstMatch") {
        None => &none,
        Some(Value::Array(first)) if !first.is_empty() => first,
        Some(_) => return Err(invalid("`firstMatch` is no list with something in it")),
    };
    first.iter().map(|entry| merge(&always, entry)).collect()
}

fn merge(always: &Map<String, Value>, entry: &Value) -> Result<Map<String, Value>, Error> {
    let Value::Object(entry) = entry else { return Err(invalid("an entry of `firstMatch` is no object")) };
    if let Some(name) = entry.keys().find(|name| always.contains_key(*name)) {
        return Err(invalid(&format!("`{name}` stands in `alwaysMatch` and in `firstMatch`")));
    }
    Ok(always.iter().chain(entry).map(|(name, value)| (name.clone(), value.clone())).collect())
}

fn invalid(reason: &str) -> Error {
    Error::Invalid { reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(capabilities: &Value, behind: &Behind) -> Result<Vec<Group>, String> {
        let body = json!({ "capabilities": capabilities }).to_string();
        Order::read(body.as_bytes(), &Wish::default(), behind).map(|o| o.0).map_err(|e| e.to_string())
    }

    #[test]
    fn candidates_are_merged_and_grouped_in_their_order() {
        let first = json!([
            { "browserName": "safari" }, { "browserName": "firefox" },
            { "browserName": "firefox", "handstamp:options": { "session": "b" } }, { "browserName": "chrome" }, {},
        ]);
        let asked = json!({ "alwaysMatch": { "pageLoadStrategy": "eager" }, "firstMatch": first });
        let groups = read(&asked, &Behind::Own(Kind::Chromium)).unwrap();
        let told: Vec<_> = groups
            .iter()
            .map(|g| (g.kind.unwrap().name(), g.wish.session.as_deref(), g.candidates.len()))
            .collect();
        assert_eq!(told, [("firefox", None, 1), ("firefox", Some("b"), 1), ("chromium", None, 2)]);
        assert!(groups.iter().flat_map(|g| &g.candidates).all(|c| c["pageLoadStrategy"] == "eager"));
        let grid = Behind::plain("http://grid.test/".parse().unwrap());
        let counts: Vec<_> = read(&asked, &grid).unwrap().iter().map(|g| g.candidates.len()).collect();
        assert_eq!(counts, [2, 1, 2]);
    }

    #[test]
    fn what_the_standard_forbids_is_refused() {
        for (asked, told) in [
            (json!(null), "there are no `capabilities`"),
            (json!({ "alwaysMatch": [] }), "`alwaysMatch` is no object"),
            (json!({ "firstMatch": [] }), "`firstMatch` is no list"),
            (json!({ "firstMatch": [1] }), "an entry of `firstMatch`"),
            (json!({ "alwaysMatch": { "a:b": 1 }, "firstMatch": [{ "a:b": 1 }] }), "`a:b` stands in"),
            (json!({ "firstMatch": [{ "browserName": "safari" }] }), "none of the browsers"),
        ] {
            let error = read(&asked, &Behind::Own(Kind::Chromium)).unwrap_err();
            assert!(error.contains(told), "{error}");
        }
    }
}
