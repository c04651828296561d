//! The shop window: products, reviews and what else everyone sees.

use serde_json::{Value, json};

use crate::reply::{Call, Reply};
use crate::shelf::pick;
use crate::shop::Shop;

/// `GET /rest/configuration`
pub(crate) fn configuration(shop: &mut Shop, _: &Call) -> Reply {
    Reply::data(json!({
        "name": "Kettle & Kite", "currency": "cr", "refresh": shop.refresh,
        "languages": [{"key": "en", "name": "English"}, {"key": "de", "name": "Deutsch"}, {"key": "fr", "name": "Français"}],
    }))
}

/// `GET /rest/i18n/{language}`: the labels of the menu.
pub(crate) fn labels(_: &mut Shop, call: &Call) -> Reply {
    let texts = match call.parameters.first().map(String::as_str) {
        Some("en") => ["Products", "Shops", "Photo wall", "Help", "Basket", "Feedback", "About us"],
        Some("de") => ["Waren", "Läden", "Fotowand", "Hilfe", "Korb", "Meinung", "Über uns"],
        Some("fr") => ["Produits", "Boutiques", "Photos", "Aide", "Panier", "Avis", "À propos"],
        _ => return Reply::missing(),
    };
    let keys = ["products", "stores", "photos", "help", "basket", "feedback", "about"];
    Reply::data(
        keys.into_iter().zip(texts).map(|(key, text)| (key.to_owned(), json!(text))).collect::<Value>(),
    )
}

/// `GET /api/products?page=&sort=`: a page of all products.
pub(crate) fn products(shop: &mut Shop, call: &Call) -> Reply {
    let mut rows = shop.rows(0, "products").to_vec();
    match call.query("sort") {
        "price" => rows.sort_by_key(|row| row["price"].as_u64()),
        "name" => rows.sort_by_key(|row| row["name"].to_string()),
        _ => {}
    }
    let pages = rows.len().div_ceil(PAGE);
    let page = call.query("page").parse().unwrap_or(1).clamp(1, pages.max(1));
    let items: Vec<_> = rows.into_iter().skip((page - 1) * PAGE).take(PAGE).collect();
    Reply::data(json!({"items": items, "page": page, "pages": pages}))
}

/// `GET /api/categories/{id}/products`
pub(crate) fn of_category(shop: &mut Shop, call: &Call) -> Reply {
    let category = shop.shelf(0, "categories").0.rows().iter().find(|row| row["id"].as_u64() == call.id());
    let Some(key) = category.map(|row| row["key"].clone()) else { return Reply::missing() };
    let products = shop.rows(0, "products").iter().filter(|row| row["category"] == key);
    Reply::data(products.cloned().collect::<Value>())
}

/// `GET /rest/products/search?q=`
pub(crate) fn search(shop: &mut Shop, call: &Call) -> Reply {
    let wanted = call.query("q").to_lowercase();
    let found = shop.rows(0, "products").iter().filter(|row| {
        [&row["name"], &row["text"]].iter().any(|text| text.to_string().to_lowercase().contains(&wanted))
    });
    Reply::data(found.cloned().collect::<Value>())
}

/// `GET /api/products/{id}/reviews`
pub(crate) fn reviews(shop: &mut Shop, call: &Call) -> Reply {
    let reviews = shop.rows(0, "reviews").iter().filter(|row| row["product"].as_u64() == call.id());
    Reply::data(reviews.cloned().collect::<Value>())
}

/// `POST /api/products/{id}/reviews`
pub(crate) fn add_review(shop: &mut Shop, call: &Call) -> Reply {
    let Some(product) = call.id().filter(|&id| shop.shelf(0, "products").0.row(id).is_some()) else {
        return Reply::missing();
    };
    match pick(&call.body, &["text"]) {
        Err(_) => Reply::error(400, "An empty review helps nobody."),
        Ok(review) => {
            let author = call.user.as_ref().map(|user| user.email.clone());
            let row = json!({"product": product, "author": author, "text": review["text"], "likes": 0});
            let (reviews, ids) = shop.shelf(0, "reviews");
            Reply::created(reviews.add(row, ids))
        }
    }
}

/// `PUT /api/reviews/{id}`: for who wrote it.
pub(crate) fn edit_review(shop: &mut Shop, call: &Call) -> Reply {
    let author = call.user.as_ref().map_or("", |user| &user.email);
    let row = call.id().and_then(|id| shop.shelf(0, "reviews").0.row_mut(id));
    match (row, pick(&call.body, &["text"])) {
        (None, _) => Reply::missing(),
        (Some(row), _) if row["author"] != author => Reply::error(403, "This is not your review."),
        (Some(_), Err(_)) => Reply::error(400, "An empty review helps nobody."),
        (Some(row), Ok(review)) => {
            row["text"] = review["text"].clone();
            Reply::data(row.clone())
        }
    }
}

/// `POST /api/reviews/{id}/like`
pub(crate) fn like_review(shop: &mut Shop, call: &Call) -> Reply {
    count(shop, call, "reviews", "likes")
}

/// `POST /api/photos/{id}/like`
pub(crate) fn like_photo(shop: &mut Shop, call: &Call) -> Reply {
    count(shop, call, "photos", "likes")
}

/// `POST /api/faq/{id}/helpful`
pub(crate) fn helpful(shop: &mut Shop, call: &Call) -> Reply {
    count(shop, call, "faq", "helpful")
}

/// `GET /rest/track/{code}`: any code has an answer.
pub(crate) fn track(shop: &mut Shop, call: &Call) -> Reply {
    let code = call.parameters.first().cloned().unwrap_or_default();
    let order = shop.everyones("orders").into_iter().find(|row| row["code"] == code.as_str());
    let status = order.map_or_else(|| json!("unknown"), |order| order["status"].clone());
    Reply::data(json!({"code": code, "status": status}))
}

/// Adds one to a count of a row.
fn count(shop: &mut Shop, call: &Call, shelf: &'static str, field: &str) -> Reply {
    let row = call.id().and_then(|id| shop.shelf(0, shelf).0.row_mut(id));
    Reply::from(row.map(|row| {
        row[field] = json!(row[field].as_u64().unwrap_or(0) + 1);
        row.clone()
    }))
}

/// How many products stand on a page.
const PAGE: usize = 4;
