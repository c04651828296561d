//! The published list of what there is to find.

use serde_json::{Value, json};

use crate::reply::{Call, Reply};
use crate::shop::Shop;
use crate::{table, views};

/// `GET /truth.json`: every endpoint and view, with who reaches it by using the interface.
pub(crate) fn show(shop: &mut Shop, _: &Call) -> Reply {
    let endpoints = table::routes(shop.refresh).map(|route| {
        json!({
            "method": route.method,
            "template": route.template,
            "users": route.access.users(),
            "kind": kind(route.template),
        })
    });
    let views = views::VIEWS.iter().map(|(route, access, ..)| {
        let kind = if *route == "#/login" { "login" } else { "view" };
        json!({"route": route, "users": access.users(), "kind": kind})
    });
    Reply::plain(json!({"endpoints": endpoints.collect::<Value>(), "views": views.collect::<Value>()}))
}

/// Sets apart what a measure of coverage leaves out.
fn kind(template: &str) -> &'static str {
    match template {
        "/truth.json" => "truth",
        "/rest/user/login" => "login",
        "/rest/user/logout" => "logout",
        _ => "api",
    }
}
