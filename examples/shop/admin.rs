//! What only administrators see.

use serde_json::{Value, json};

use crate::reply::{Call, Reply};
use crate::shelf::pick;
use crate::shop::Shop;
use crate::user::User;

/// `GET /rest/admin/summary`
pub(crate) fn summary(shop: &mut Shop, _: &Call) -> Reply {
    Reply::data(json!({
        "Users": shop.users.len(),
        "Products": shop.rows(0, "products").len(),
        "Orders": shop.everyones("orders").len(),
        "Complaints": shop.everyones("complaints").len(),
        "Comments": shop.rows(0, "feedback").len(),
        "Photos": shop.rows(0, "photos").len(),
    }))
}

/// `GET /rest/admin/users`
pub(crate) fn users(shop: &mut Shop, _: &Call) -> Reply {
    Reply::data(shop.users.iter().map(card).collect::<Value>())
}

/// `GET /rest/admin/users/{id}`
pub(crate) fn user(shop: &mut Shop, call: &Call) -> Reply {
    let found = call.id().and_then(|id| shop.user(id)).cloned();
    Reply::from(found.map(|user| {
        let mut card = card(&user);
        card["orders"] = json!(shop.rows(user.id, "orders").len());
        card["note"] = shop.sheet(user.id, "note")["note"].clone();
        card
    }))
}

/// `PUT /rest/admin/users/{id}/note`
pub(crate) fn note(shop: &mut Shop, call: &Call) -> Reply {
    let Some(owner) = call.id().filter(|&id| shop.user(id).is_some()) else { return Reply::missing() };
    match pick(&call.body, &["note"]) {
        Err(_) => Reply::error(400, "An empty note is no note."),
        Ok(note) => {
            *shop.sheet(owner, "note") = Value::Object(note.clone());
            Reply::data(Value::Object(note))
        }
    }
}

/// `GET /rest/admin/stock`
pub(crate) fn stock(shop: &mut Shop, _: &Call) -> Reply {
    let products = shop.rows(0, "products").iter();
    let stock = products.map(|row| json!({"id": row["id"], "name": row["name"], "stock": row["stock"]}));
    Reply::data(stock.collect::<Value>())
}

/// `GET /rest/admin/log`
pub(crate) fn log(shop: &mut Shop, _: &Call) -> Reply {
    Reply::data(shop.recent.iter().rev().cloned().collect::<Value>())
}

fn card(user: &User) -> Value {
    json!({"id": user.id, "email": user.email, "role": user.role.name(), "basket": user.basket()})
}
