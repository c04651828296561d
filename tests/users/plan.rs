//! Configurations for the town, as YAML.

use serde_json::{Value, json};

use super::town::Town;
use crate::support::Place;

/// The context `app` with alice and bob, whose parts may be set; JSON is YAML too.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    context: Value,
}

impl Plan {
    /// A login with JSON, and a header with the token that it answers.
    pub(crate) fn json(town: &Town) -> Self {
        let url = town.url.as_str();
        let login = json!({ "method": "json", "parameters": {
            "loginRequestUrl": format!("{url}json"),
            "loginRequestBody": r#"{"user":"{%username%}","pass":"{%password%}"}"#,
        }});
        let users = ["alice", "bob"].map(|name| {
            json!({ "name": name, "credentials": { "username": name, "passwordEnv": format!("{}_PASSWORD", name.to_uppercase()) } })
        });
        let context = json!({
            "name": "app", "urls": [url, town.secure.as_str()], "authentication": login, "users": users,
            "verification": poll(url, "me"),
            "sessionManagement": { "method": "headers", "parameters": { "Authorization": "Bearer {%json:token%}" } },
            // The town forgets sessions sooner than a real application does.
            "renewal": { "backOff": 0 },
        });
        Self { context }
    }

    /// A login with the form, and a cookie.
    pub(crate) fn form(town: &Town) -> Self {
        let form = format!("{}form", town.url);
        let login = json!({ "method": "form", "parameters": {
            "loginPageUrl": form, "loginRequestUrl": form,
            "loginRequestBody": "user={%username%}&pass={%password%}&csrf=stale",
        }});
        Self::json(town).set("authentication", login).set("sessionManagement", json!({ "method": "cookie" }))
    }

    /// HTTP authentication, with the scheme's name as the path.
    pub(crate) fn http(town: &Town, scheme: &str) -> Self {
        let (host, port) = (town.url.host_str(), town.url.port());
        let login =
            json!({ "method": "http", "parameters": { "hostname": host, "port": port, "realm": "town" } });
        Self::json(town)
            .set("authentication", login)
            .set("verification", poll(town.url.as_str(), scheme))
            .set("sessionManagement", json!({ "method": "http", "parameters": { "scheme": scheme } }))
    }

    /// A login with JSON, and a script in the folder of the configuration.
    pub(crate) fn script(town: &Town, file: &str) -> Self {
        let script = json!({ "method": "script", "parameters": { "script": file, "scheme": "Bearer" } });
        Self::json(town).set("sessionManagement", script)
    }

    pub(crate) fn set(mut self, key: &str, value: Value) -> Self {
        self.context[key] = value;
        self
    }

    /// Writes it into a place, and gives its path.
    pub(crate) fn write(&self, place: &Place) -> String {
        place.file("handstamp.yaml", &format!("contexts:\n  - {}\n", self.context))
    }
}

fn poll(url: &str, path: &str) -> Value {
    json!({
        "method": "poll", "pollUrl": format!("{url}{path}"), "pollFrequency": 60, "pollUnits": "seconds",
        "loggedInRegex": r#""user":""#,
    })
}
