//! The context in ZAP, its user, and its settings.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::{
    Api, Error, Goods, Note, Receipt,
    abilities::{Abilities, Verification, text},
    indicators::Indicators,
    receipt::Found,
    sites::texts,
};

/// Makes or completes the context and its user.
pub(super) async fn keep(
    api: &Api,
    goods: &Goods,
    abilities: &Abilities,
    receipt: &mut Receipt,
) -> Result<Vec<Note>, Error> {
    let before = find_or_make(api, goods, receipt).await?;
    let mut work = Setup { api, name: &goods.names.context, receipt };
    work.add_expressions(goods).await?;
    let mut notes = Vec::new();
    notes.extend(work.authentication(&goods.names.user).await?);
    work.management().await?;
    if let Ok(indicators) = &goods.indicators {
        work.verification(indicators, abilities.verification, &before).await?;
    }
    work.user(&goods.names.user).await?;
    Ok(notes)
}

/// Whether the context that the receipt tells of is there.
pub(super) async fn is_there(api: &Api, name: &str, receipt: &Receipt) -> Result<bool, Error> {
    let found = api.find("context/view/context", &[("contextName", name)], ABSENT).await?;
    Ok(found.is_some_and(|found| text(&found["context"]["id"]) == receipt.context_id))
}

/// Whether the context has users beside the one of the receipt.
pub(super) async fn has_others(api: &Api, receipt: &Receipt) -> Result<bool, Error> {
    Ok(users(api, receipt).await?.iter().any(|user| text(&user["id"]) != receipt.user_id))
}

async fn users(api: &Api, receipt: &Receipt) -> Result<Vec<Value>, Error> {
    let form = [("contextId", receipt.context_id.as_str())];
    let found = api.call("users/view/usersList", &form).await?;
    Ok(found["usersList"].as_array().cloned().unwrap_or_default())
}

/// Lets the user's credentials name the HTTP session, so that ZAP has something to log in with.
pub(super) async fn credentials(api: &Api, goods: &Goods, receipt: &Receipt) -> Result<Option<Note>, Error> {
    if goods.sites.is_empty() {
        return Ok(None);
    }
    let session = form_urlencoded::Serializer::new(String::new())
        .append_pair("sessionName", &goods.names.session())
        .finish();
    let form = [
        ("contextId", receipt.context_id.as_str()),
        ("userId", &receipt.user_id),
        ("authCredentialsConfigParams", &session),
    ];
    let is_plain = goods.sites.keys().any(|site| goods.plain.contains(site));
    // ZAP looks for the session among the sites of the context, and takes all of them for plain ones.
    let refused = ["does_not_exist", "illegal_parameter", "missing_parameter"];
    let call = "users/action/setAuthenticationCredentials";
    let named = is_plain && api.find(call, &form, &refused).await?.is_some();
    Ok((!named).then_some(Note::Credentials))
}

/// The context as it is now; the receipt begins anew where that is another than it tells of.
async fn find_or_make(api: &Api, goods: &Goods, receipt: &mut Receipt) -> Result<Value, Error> {
    let name = [("contextName", goods.names.context.as_str())];
    if let Some(found) = api.find("context/view/context", &name, ABSENT).await? {
        let id = text(&found["context"]["id"]);
        if id != receipt.context_id {
            *receipt = Receipt { context_id: id, ..Receipt::default() };
        }
        return Ok(found["context"].clone());
    }
    let made = api.call("context/action/newContext", &name).await?;
    *receipt =
        Receipt { context_id: text(&made["contextId"]), context: Found::Missing, ..Receipt::default() };
    Ok(Value::Null)
}

/// The work on one context.
struct Setup<'a> {
    api: &'a Api,
    name: &'a str,
    receipt: &'a mut Receipt,
}

impl Setup<'_> {
    async fn add_expressions(&mut self, goods: &Goods) -> Result<(), Error> {
        let name = [("contextName", self.name)];
        let included = self.api.call("context/view/includeRegexs", &name).await?;
        let excluded = self.api.call("context/view/excludeRegexs", &name).await?;
        let (included, excluded) = (texts(&included["includeRegexs"]), texts(&excluded["excludeRegexs"]));
        for expression in goods.include.iter().filter(|e| !included.contains(e)) {
            let form = [("contextName", self.name), ("regex", expression)];
            self.api.call("context/action/includeInContext", &form).await?;
            self.receipt.include.push(expression.clone());
        }
        for expression in goods.exclude.iter().filter(|e| !excluded.contains(e)) {
            let form = [("contextName", self.name), ("regex", expression)];
            self.api.call("context/action/excludeFromContext", &form).await?;
            self.receipt.exclude.push(expression.clone());
        }
        Ok(())
    }

    /// Leaves the login to us, unless other users of the context have credentials for another way.
    async fn authentication(&mut self, user: &str) -> Result<Option<Note>, Error> {
        let id = self.receipt.context_id.clone();
        let found =
            self.api.call("authentication/view/getAuthenticationMethod", &[("contextId", &id)]).await?;
        let method = text(&found["method"]["methodName"]);
        if method == MANUAL {
            return Ok(None);
        }
        let has_others = users(self.api, self.receipt).await?.iter().any(|other| other["name"] != user);
        if has_others {
            return Ok(Some(Note::Authentication { method }));
        }
        let before = parameters(&found["method"], "authMethodName", "authMethodConfigParams");
        let form = json!({ "authMethodName": MANUAL });
        self.set("authentication/action/setAuthenticationMethod", &form, before).await?;
        Ok(None)
    }

    /// Cookies: a method that makes headers takes them from a login that ZAP makes, and there is none.
    async fn management(&mut self) -> Result<(), Error> {
        let id = self.receipt.context_id.clone();
        let call = "sessionManagement/view/getSessionManagementMethod";
        let found = self.api.call(call, &[("contextId", &id)]).await?;
        let found = if found["method"].is_object() { &found["method"] } else { &found };
        if text(&found["methodName"]) == COOKIES {
            return Ok(());
        }
        let before = parameters(found, "methodName", "methodConfigParams");
        self.set(
            "sessionManagement/action/setSessionManagementMethod",
            &json!({ "methodName": COOKIES }),
            before,
        )
        .await
    }

    async fn verification(
        &mut self,
        wanted: &Indicators,
        place: Verification,
        context: &Value,
    ) -> Result<(), Error> {
        let (component, call, by) = match place {
            Verification::Own => ("verification", "verification/action/setVerificationMethod", "contextId"),
            Verification::Spread => {
                ("authentication", "context/action/setContextCheckingStrategy", "contextName")
            }
        };
        let poll = json!({
            "checkingStrategy": "POLL_URL", "pollUrl": wanted.url, "pollData": wanted.body,
            "pollHeaders": wanted.headers, "pollFrequency": "60", "pollFrequencyUnits": "SECONDS",
        });
        let mut before: Map<String, Value> = Map::new();
        for key in poll.as_object().into_iter().flat_map(Map::keys) {
            before.insert(key.clone(), text(&context[key]).into());
        }
        let id = if by == "contextId" { self.receipt.context_id.clone() } else { self.name.to_owned() };
        self.set_by(call, (by, &id), &poll, before.into()).await?;
        let indicators = [
            ("setLoggedInIndicator", "loggedInIndicatorRegex", &wanted.logged_in, "loggedInPattern"),
            ("setLoggedOutIndicator", "loggedOutIndicatorRegex", &wanted.logged_out, "loggedOutPattern"),
        ];
        for (name, parameter, pattern, key) in indicators {
            let Some(pattern) = pattern else { continue };
            let before = text(&context[key]);
            let before = if before.is_empty() { Value::Null } else { json!({ parameter: before }) };
            self.set(&format!("{component}/action/{name}"), &json!({ parameter: pattern }), before).await?;
        }
        Ok(())
    }

    async fn user(&mut self, name: &str) -> Result<(), Error> {
        let id = self.receipt.context_id.clone();
        let found = users(self.api, self.receipt).await?.into_iter().find(|user| user["name"] == name);
        let user = if let Some(user) = &found {
            text(&user["id"])
        } else {
            text(
                &self.api.call("users/action/newUser", &[("contextId", &id), ("name", name)]).await?["userId"],
            )
        };
        if found.is_none() {
            (self.receipt.user, self.receipt.cookies) = (Found::Missing, BTreeSet::new());
        } else if user != self.receipt.user_id {
            self.receipt.user = Found::There;
        }
        self.receipt.user_id.clone_from(&user);
        if found.is_none_or(|found| text(&found["enabled"]) != "true") {
            let before = json!({ "userId": user, "enabled": "false" });
            self.set("users/action/setUserEnabled", &json!({ "userId": user, "enabled": "true" }), before)
                .await?;
        }
        Ok(())
    }

    async fn set(&mut self, call: &str, form: &Value, before: Value) -> Result<(), Error> {
        let id = self.receipt.context_id.clone();
        self.set_by(call, ("contextId", &id), form, before).await
    }

    /// Changes a setting, and remembers what it was in a context that others made.
    async fn set_by(
        &mut self,
        call: &str,
        (key, id): (&str, &str),
        form: &Value,
        mut before: Value,
    ) -> Result<(), Error> {
        let mut form = form.clone();
        form[key] = id.into();
        if before.is_object() {
            before[key] = id.into();
        }
        set(self.api, call, &form).await?;
        if self.receipt.context == Found::There {
            self.receipt.settings.entry(call.to_owned()).or_insert(before);
        }
        Ok(())
    }
}

/// Makes a call with a form that is an object of texts.
pub(super) async fn set(api: &Api, call: &str, form: &Value) -> Result<(), Error> {
    let pairs: Vec<(String, String)> =
        form.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect();
    let pairs: Vec<(&str, &str)> =
        pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    api.call(call, &pairs).await.map(drop)
}

/// The form that sets a method as a view tells it.
fn parameters(method: &Value, name_key: &str, parameters_key: &str) -> Value {
    let rest = method.as_object().into_iter().flatten().filter(|(name, _)| *name != "methodName");
    let rest = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(rest.map(|(name, value)| (name.clone(), text(value))))
        .finish();
    json!({ name_key: text(&method["methodName"]), parameters_key: rest })
}

pub(super) const MANUAL: &str = "manualAuthentication";
const COOKIES: &str = "cookieBasedSessionManagement";

/// What ZAP says of a context that is not there.
pub(super) const ABSENT: &[&str] = &["does_not_exist", "context_not_found", "illegal_parameter"];
