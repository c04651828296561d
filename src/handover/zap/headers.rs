//! The session's request headers, as rules of the replacer or as ZAP's variables for one header.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    Api, Error, Goods, Note, Receipt,
    abilities::{self, text},
    goods::Header,
};

/// Puts the headers where this ZAP has a place for them, and tells of the others.
pub(super) async fn keep(
    api: &Api,
    goods: &Goods,
    way: abilities::Headers,
    receipt: &mut Receipt,
) -> Result<Vec<Note>, Error> {
    match way {
        abilities::Headers::Rules => keep_rules(api, goods, receipt).await,
        abilities::Headers::Variables => keep_variables(api, goods, receipt).await,
        abilities::Headers::Nothing => {
            Ok(carrying(goods).map(|header| behind(header, "no header")).collect())
        }
    }
}

/// Removes the rules and sets the variables back.
pub(super) async fn take_away(api: &Api, receipt: &mut Receipt) -> Result<(), Error> {
    for rule in std::mem::take(&mut receipt.rules) {
        remove_rule(api, &rule).await?;
    }
    for (name, before) in std::mem::take(&mut receipt.variables) {
        set_variable(api, &name, before.as_deref()).await?;
    }
    Ok(())
}

async fn keep_rules(api: &Api, goods: &Goods, receipt: &mut Receipt) -> Result<Vec<Note>, Error> {
    let rules = api.call("replacer/view/rules", &[]).await?;
    let rules = rules["rules"].as_array().cloned().unwrap_or_default();
    let mut wanted = BTreeSet::new();
    for header in &goods.headers {
        wanted.insert(keep_rule(api, goods, header, &rules, receipt).await?);
    }
    for rule in receipt.rules.difference(&wanted) {
        remove_rule(api, rule).await?;
    }
    receipt.rules = wanted;
    Ok(Vec::new())
}

/// Adds the rule of a header unless there is one that does the same; returns its name.
///
/// A rule cannot be changed, only removed: the new one gets another name and comes first, so that no request goes out
/// without either.
async fn keep_rule(
    api: &Api,
    goods: &Goods,
    header: &Header,
    rules: &[Value],
    receipt: &mut Receipt,
) -> Result<String, Error> {
    let url = Goods::addresses(&header.origin);
    let name = |turn: u8| format!("{} {} {} {turn}", goods.names.session(), header.name, header.origin);
    let found = |name: &str| rules.iter().find(|rule| rule["description"] == name);
    let does_it = |rule: &Value| {
        rule["replacement"] == header.value.expose()
            && rule["matchString"] == header.name.as_str()
            && rule["url"] == url.as_str()
            && text(&rule["enabled"]) == "true"
    };
    if let Some(name) = [name(1), name(2)].into_iter().find(|name| found(name).is_some_and(does_it)) {
        receipt.rules.insert(name.clone());
        return Ok(name);
    }
    let new = if found(&name(1)).is_some() { name(2) } else { name(1) };
    if found(&new).is_some() {
        remove_rule(api, &new).await?;
    }
    let form = [
        ("description", new.as_str()),
        ("enabled", "true"),
        ("matchType", "REQ_HEADER"),
        ("matchRegex", "false"),
        ("matchString", &header.name),
        ("replacement", header.value.expose()),
        ("url", &url),
    ];
    receipt.rules.insert(new.clone());
    api.call("replacer/action/addRule", &form).await?;
    for old in [name(1), name(2)].iter().filter(|old| **old != new && found(old).is_some()) {
        remove_rule(api, old).await?;
    }
    Ok(new)
}

async fn remove_rule(api: &Api, name: &str) -> Result<(), Error> {
    let absent = ["does_not_exist", "no_implementor"];
    api.find("replacer/action/removeRule", &[("description", name)], &absent).await.map(drop)
}

async fn keep_variables(api: &Api, goods: &Goods, receipt: &mut Receipt) -> Result<Vec<Note>, Error> {
    let mut headers: Vec<&Header> = carrying(goods).collect();
    headers.sort_by_key(|header| header.name != "Authorization");
    let before = api.call("script/view/globalVars", &[]).await?;
    let before = &before["globalVars"];
    let is_taken = before.get(VALUE).is_some() && !receipt.variables.contains_key(VALUE);
    if is_taken {
        return Ok(headers
            .iter()
            .map(|h| behind(h, "one header by its variables, and that is taken"))
            .collect());
    }
    let Some((header, others)) = headers.split_first() else {
        take_away(api, receipt).await?;
        return Ok(Vec::new());
    };
    // The site comes first, and the value last: it must not go to any other.
    for (name, value) in [(SITE, header.origin.host()), (NAME, &header.name), (VALUE, header.value.expose())]
    {
        // What a value was before is nobody's business.
        let kept = before.get(name).filter(|_| name != VALUE).map(text);
        receipt.variables.entry(name.to_owned()).or_insert(kept);
        set_variable(api, name, Some(value)).await?;
    }
    let loose = Note::Loose { name: header.name.clone(), host: header.origin.host().to_owned() };
    let behind = others.iter().map(|header| behind(header, "one header by its variables"));
    Ok(std::iter::once(loose).chain(behind).collect())
}

async fn set_variable(api: &Api, name: &str, value: Option<&str>) -> Result<(), Error> {
    let lacking = ["no_implementor"];
    match value {
        Some(value) => {
            api.call("script/action/setGlobalVar", &[("varKey", name), ("varValue", value)]).await.map(drop)
        }
        None => api.find("script/action/clearGlobalVar", &[("varKey", name)], &lacking).await.map(drop),
    }
}

/// The headers that carry the session.
fn carrying(goods: &Goods) -> impl Iterator<Item = &Header> {
    goods.headers.iter().filter(|header| !header.is_user_agent())
}

fn behind(header: &Header, what: &'static str) -> Note {
    Note::Header { name: header.name.clone(), origin: header.origin.to_string(), what }
}

const VALUE: &str = "ZAP_AUTH_HEADER_VALUE";
const NAME: &str = "ZAP_AUTH_HEADER";
const SITE: &str = "ZAP_AUTH_HEADER_SITE";
