//! From the basket to the order.

use serde_json::{Value, json};

use crate::reply::{Call, Reply};
use crate::shop::Shop;

/// `GET /rest/basket/{id}`
pub(crate) fn show(shop: &mut Shop, call: &Call) -> Reply {
    if !is_own(call, call.id()) {
        return foreign();
    }
    let items = shop.rows(call.owner(), "basket").to_vec();
    let discount = discount(shop, call);
    Reply::data(
        json!({"id": call.id(), "items": items, "discount": discount, "total": total(&items, discount)}),
    )
}

/// `POST /api/basket-items`
pub(crate) fn add(shop: &mut Shop, call: &Call) -> Reply {
    if !is_own(call, call.number("basket")) {
        return foreign();
    }
    let product = call.number("product");
    let Some(product) = shop.rows(0, "products").iter().find(|row| row["id"].as_u64() == product).cloned()
    else {
        return Reply::missing();
    };
    put_in(
        shop,
        call.owner(),
        &json!({"product": product["id"], "name": product["name"], "price": product["price"]}),
    )
}

/// `PUT /api/basket-items/{id}`
pub(crate) fn change(shop: &mut Shop, call: &Call) -> Reply {
    let Some(quantity) = call.number("quantity").filter(|quantity| (1..=MOST_OF_ONE).contains(quantity))
    else {
        return Reply::error(400, "Between 1 and 9, please.");
    };
    let (items, _) = shop.shelf(call.owner(), "basket");
    let item = call.id().and_then(|id| items.row_mut(id));
    Reply::from(item.map(|item| {
        item["quantity"] = json!(quantity);
        item.clone()
    }))
}

/// `POST /rest/basket/{id}/coupon`: a code that is not known is worth nothing, and no error.
pub(crate) fn coupon(shop: &mut Shop, call: &Call) -> Reply {
    if !is_own(call, call.id()) {
        return foreign();
    }
    let code = call.text("code").to_uppercase();
    let coupons = shop.rows(0, "coupons");
    let percent = coupons.iter().find(|row| row["code"] == code.as_str()).map(|row| number(&row["percent"]));
    let percent = percent.unwrap_or(0).min(50);
    *shop.sheet(call.owner(), "coupon") = json!({"code": code, "percent": percent});
    Reply::data(json!({"percent": percent}))
}

/// `POST /rest/basket/{id}/checkout`: makes an order; the standing items are back in the basket afterwards.
pub(crate) fn checkout(shop: &mut Shop, call: &Call) -> Reply {
    if !is_own(call, call.id()) {
        return foreign();
    }
    let items = shop.rows(call.owner(), "basket").to_vec();
    let total = total(&items, discount(shop, call));
    let code = format!("KK-{}", 7000 + shop.ids);
    let order = json!({
        "code": code, "items": items, "total": total, "status": "placed", "address": call.text("address"),
        "delivery": call.text("delivery"), "payment": call.text("payment"),
    });
    let (basket, ids) = shop.shelf(call.owner(), "basket");
    basket.restock(ids);
    *shop.sheet(call.owner(), "coupon") = Value::Null;
    let (orders, ids) = shop.shelf(call.owner(), "orders");
    Reply::created(orders.add(order, ids))
}

/// `GET /rest/orders/{id}/invoice`
pub(crate) fn invoice(shop: &mut Shop, call: &Call) -> Reply {
    let email = call.user.as_ref().map(|user| user.email.clone());
    let (orders, _) = shop.shelf(call.owner(), "orders");
    let order = call.id().and_then(|id| orders.row(id));
    Reply::from(order.map(|order| json!({"number": order["code"], "to": email, "due": order["total"]})))
}

/// `POST /rest/orders/{id}/reorder`
pub(crate) fn reorder(shop: &mut Shop, call: &Call) -> Reply {
    let (orders, _) = shop.shelf(call.owner(), "orders");
    let Some(order) = call.id().and_then(|id| orders.row(id)) else { return Reply::missing() };
    let items = order["items"].as_array().cloned().unwrap_or_default();
    for item in &items {
        put_in(shop, call.owner(), item);
    }
    Reply::data(json!({"added": items.len()}))
}

/// `POST /rest/orders/{id}/cancel`: cancels an order, or takes that back.
pub(crate) fn cancel(shop: &mut Shop, call: &Call) -> Reply {
    let (orders, _) = shop.shelf(call.owner(), "orders");
    let order = call.id().and_then(|id| orders.row_mut(id));
    Reply::from(order.map(|order| {
        order["status"] = json!(if order["status"] == "cancelled" { "placed" } else { "cancelled" });
        order.clone()
    }))
}

/// One more of an item, up to a limit.
fn put_in(shop: &mut Shop, owner: u64, item: &Value) -> Reply {
    let (basket, ids) = shop.shelf(owner, "basket");
    let there = basket.rows().iter().find(|row| row["product"] == item["product"]);
    if let Some(row) = there.and_then(|row| row["id"].as_u64()).and_then(|id| basket.row_mut(id)) {
        row["quantity"] = json!((number(&row["quantity"]) + 1).min(MOST_OF_ONE));
        Reply::created(row.clone())
    } else {
        let row =
            json!({"product": item["product"], "name": item["name"], "price": item["price"], "quantity": 1});
        Reply::created(basket.add(row, ids))
    }
}

fn is_own(call: &Call, basket: Option<u64>) -> bool {
    basket.is_some() && basket == call.user.as_ref().map(crate::user::User::basket)
}

fn foreign() -> Reply {
    Reply::error(403, "This is not your basket.")
}

fn discount(shop: &mut Shop, call: &Call) -> u64 {
    number(&shop.sheet(call.owner(), "coupon")["percent"])
}

/// What the items cost together, in crowns.
fn total(items: &[Value], discount: u64) -> u64 {
    let sum: u64 = items.iter().map(|item| number(&item["price"]) * number(&item["quantity"])).sum();
    sum * (100 - discount) / 100
}

/// A number that a form may have sent as text.
fn number(value: &Value) -> u64 {
    value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap_or(0)
}

const MOST_OF_ONE: u64 = 9;
