//! What a client asks of the gateway: whose session, and which ways it takes.

use serde_json::{Map, Value};

use super::error::Error;

/// The vendor capability that is meant for the gateway and goes no further.
pub(super) const OPTIONS: &str = "handstamp:options";

/// Whether cookies and storage are put into the browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Storage {
    /// They are.
    #[default]
    Put,
    /// They are not.
    Left,
}

/// Whose session a new browser gets, and how. Read from the path and from the capability `handstamp:options`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// A session of the store.
    pub session: Option<String>,
    /// A context of the configuration.
    pub context: Option<String>,
    /// A user of the context.
    pub user: Option<String>,
    /// Whether the browser's traffic goes through a proxy that puts on what no browser can have; where nothing is said,
    /// the session decides.
    pub proxy: Option<bool>,
    /// Whether cookies and storage are put into the browser.
    pub storage: Storage,
}

impl Wish {
    /// The session of a name in the path: `NAME`, or `CONTEXT/USER`.
    pub(super) fn named(name: &str) -> Self {
        Self { session: Some(name.to_owned()), ..Self::default() }
    }

    /// Whether it tells whose session it is about.
    #[must_use]
    pub fn names_somebody(&self) -> bool {
        self.session.is_some() || self.context.is_some() || self.user.is_some()
    }

    /// Takes the gateway's own capability out of a candidate, and joins it with what the path said.
    pub(super) fn taken_from(candidate: &mut Map<String, Value>, path: &Self) -> Result<Self, Error> {
        let Some(options) = candidate.remove(OPTIONS) else { return Ok(path.clone()) };
        let Value::Object(options) = options else { return Err(invalid("it is no object")) };
        let mut wish = path.clone();
        for (name, value) in &options {
            match name.as_str() {
                "session" => wish.session = Some(text(name, value)?),
                "context" => wish.context = Some(text(name, value)?),
                "user" => wish.user = Some(text(name, value)?),
                "proxy" => wish.proxy = Some(truth(name, value)?),
                "storage" => wish.storage = if truth(name, value)? { Storage::Put } else { Storage::Left },
                _ => {
                    let known = "session, context, user, proxy and storage";
                    return Err(invalid(&format!("`{name}` is none of {known}")));
                }
            }
        }
        let names_session = options.contains_key("session");
        let names_user = options.contains_key("context") || options.contains_key("user");
        if names_session && names_user || path.names_somebody() && (names_session || names_user) {
            return Err(invalid("it names somebody although the address or another option does so too"));
        }
        Ok(wish)
    }
}

fn text(name: &str, value: &Value) -> Result<String, Error> {
    let text = value.as_str().filter(|text| !text.is_empty());
    text.map(str::to_owned).ok_or_else(|| invalid(&format!("`{name}` is no text")))
}

fn truth(name: &str, value: &Value) -> Result<bool, Error> {
    value.as_bool().ok_or_else(|| invalid(&format!("`{name}` is neither true nor false")))
}

fn invalid(what: &str) -> Error {
    Error::Invalid { reason: format!("the capability `{OPTIONS}` cannot be used: {what}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(options: &Value, path: &Wish) -> Result<Wish, String> {
        let mut candidate = Map::from_iter([("browserName".into(), json!("chrome"))]);
        candidate.insert(OPTIONS.into(), options.clone());
        let wish = Wish::taken_from(&mut candidate, path).map_err(|error| error.to_string());
        assert!(wish.is_err() || !candidate.contains_key(OPTIONS), "it goes no further");
        wish
    }

    #[test]
    fn the_capability_says_whose_session_it_is_and_which_ways_it_takes() {
        let options = json!({ "user": "anna", "context": "shop", "proxy": false, "storage": false });
        let wish = Wish {
            context: Some("shop".into()),
            user: Some("anna".into()),
            proxy: Some(false),
            storage: Storage::Left,
            ..Wish::default()
        };
        assert_eq!(read(&options, &Wish::default()), Ok(wish));
        let path = Wish::named("shop/anna");
        assert_eq!(read(&json!({}), &path), Ok(path));
    }

    #[test]
    fn what_is_not_understood_is_told() {
        for (options, path, told) in [
            (json!("anna"), Wish::default(), "no object"),
            (json!({ "usr": "anna" }), Wish::default(), "`usr` is none of"),
            (json!({ "user": 1 }), Wish::default(), "`user` is no text"),
            (json!({ "proxy": "yes" }), Wish::default(), "`proxy` is neither"),
            (json!({ "user": "anna", "session": "s" }), Wish::default(), "names somebody"),
            (json!({ "user": "anna" }), Wish::named("ben"), "names somebody"),
        ] {
            let error = read(&options, &path).unwrap_err();
            assert!(error.contains(told), "{error}");
        }
    }
}
