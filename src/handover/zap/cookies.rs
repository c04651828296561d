//! The cookies of a user of a context: what ZAP sends when it asks as that user.

use std::collections::BTreeSet;

use super::{
    Api, Error, Goods, Note, Receipt,
    receipt::{CookiePlace, Found},
};
use crate::session::{Cookie, Secret};

/// Gives the user the cookies, and empties those that the session has lost.
pub(super) async fn keep(api: &Api, goods: &Goods, receipt: &mut Receipt) -> Result<(), Error> {
    for cookie in &goods.cookies {
        receipt.cookies.insert(place(cookie));
        set(api, receipt, &place(cookie), &cookie.value).await?;
    }
    let now: BTreeSet<_> = goods.cookies.iter().map(place).collect();
    let lost: Vec<_> = receipt.cookies.difference(&now).cloned().collect();
    for place in &lost {
        set(api, receipt, place, &Secret::default()).await?;
    }
    receipt.cookies = now;
    Ok(())
}

/// Empties the cookies of a user that others made; one that was made here is removed with all that it has.
pub(super) async fn take_away(api: &Api, receipt: &mut Receipt) -> Result<Option<Note>, Error> {
    let places = std::mem::take(&mut receipt.cookies);
    if receipt.user == Found::Missing || places.is_empty() {
        return Ok(None);
    }
    for place in &places {
        if let Err(error) = set(api, receipt, place, &Secret::default()).await {
            let is_gone = matches!(error.code(), Some("user_not_found" | "context_not_found"));
            return if is_gone { Ok(None) } else { Err(error) };
        }
    }
    Ok(Some(Note::Emptied { count: places.len() }))
}

async fn set(api: &Api, receipt: &Receipt, place: &CookiePlace, value: &Secret) -> Result<(), Error> {
    let form = [
        ("contextId", receipt.context_id.as_str()),
        ("userId", &receipt.user_id),
        ("domain", &place.domain),
        ("name", &place.name),
        ("value", value.expose()),
        ("path", &place.path),
        ("secure", if place.secure { "true" } else { "false" }),
    ];
    api.call("users/action/setCookie", &form).await.map(drop)
}

fn place(cookie: &Cookie) -> CookiePlace {
    CookiePlace {
        domain: cookie.domain.clone(),
        name: cookie.name.clone(),
        path: cookie.path.clone(),
        secure: cookie.secure,
    }
}
