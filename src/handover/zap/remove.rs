//! Takes out of ZAP exactly what was put there.

use serde_json::Value;

use super::{
    Api, Error, Names, Note, Receipt, context, cookies, headers,
    receipt::Found,
    sites::{self, texts},
};

/// What is left of a push after its removal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Removed {
    /// What could not be undone.
    pub notes: Vec<Note>,
}

/// Undoes a push, as far as it is still there: what was there before it stays, with the settings that it had.
///
/// What is undone leaves the receipt, also when this fails later on.
pub async fn remove(api: &Api, names: &Names, receipt: &mut Receipt) -> Result<Removed, Error> {
    // The first call fails where the address or the key is wrong.
    api.call("core/view/version", &[]).await?;
    let mut removed = Removed::default();
    headers::take_away(api, receipt).await?;
    let all: Vec<_> = receipt.sites.keys().cloned().collect();
    for site in all {
        sites::take_away(api, &names.session(), &site, receipt).await?;
    }
    if !context::is_there(api, &names.context, receipt).await? {
        *receipt = Receipt::default();
        return Ok(removed);
    }
    let is_shared = context::has_others(api, receipt).await?;
    if receipt.context == Found::Missing && is_shared {
        removed.notes.push(Note::Context);
        remove_user(api, receipt).await?;
        *receipt = Receipt::default();
        return Ok(removed);
    }
    if receipt.context == Found::Missing {
        let form = [("contextName", names.context.as_str())];
        api.find("context/action/removeContext", &form, context::ABSENT).await?;
        *receipt = Receipt::default();
        return Ok(removed);
    }
    removed.notes.extend(cookies::take_away(api, receipt).await?);
    removed.notes.extend(restore(api, receipt).await?);
    remove_user(api, receipt).await?;
    remove_expressions(api, names, receipt).await?;
    *receipt = Receipt::default();
    Ok(removed)
}

/// Sets back what was changed; the calls stand in the order that they have to be made in.
async fn restore(api: &Api, receipt: &mut Receipt) -> Result<Vec<Note>, Error> {
    let mut notes = Vec::new();
    while let Some((call, before)) = receipt.settings.pop_first() {
        if before.is_object() {
            if call == "users/action/setUserEnabled" && receipt.user == Found::Missing {
                continue;
            }
            context::set(api, &call, &before).await?;
        } else {
            let what = if call.ends_with("setLoggedInIndicator") { "users" } else { "strangers" };
            notes.push(Note::Indicator { what });
        }
    }
    Ok(notes)
}

async fn remove_user(api: &Api, receipt: &Receipt) -> Result<(), Error> {
    if receipt.user == Found::There {
        return Ok(());
    }
    let form = [("contextId", receipt.context_id.as_str()), ("userId", &receipt.user_id)];
    api.find("users/action/removeUser", &form, &["user_not_found", "does_not_exist"]).await.map(drop)
}

/// Writes the context's expressions anew without those that were added.
async fn remove_expressions(api: &Api, names: &Names, receipt: &Receipt) -> Result<(), Error> {
    if receipt.include.is_empty() && receipt.exclude.is_empty() {
        return Ok(());
    }
    let name = [("contextName", names.context.as_str())];
    let included = api.call("context/view/includeRegexs", &name).await?;
    let excluded = api.call("context/view/excludeRegexs", &name).await?;
    let left = |found: &Value, ours: &[String]| {
        let left: Vec<_> = texts(found).into_iter().filter(|e| !ours.contains(e)).collect();
        Value::from(left).to_string()
    };
    let included = left(&included["includeRegexs"], &receipt.include);
    let excluded = left(&excluded["excludeRegexs"], &receipt.exclude);
    let form = [("contextName", names.context.as_str()), ("incRegexs", &included), ("excRegexs", &excluded)];
    api.call("context/action/setContextRegexs", &form).await.map(drop)
}
