//! What is there from the start.

use serde_json::{Value, json};

use crate::user::User;

/// The shelves that all share; products come first, so that their ids start at 1.
pub(crate) const SHARED: [&str; 10] = [
    "products",
    "categories",
    "reviews",
    "stores",
    "faq",
    "feedback",
    "photos",
    "deliveries",
    "questions",
    "coupons",
];

/// The shelves that each user has.
pub(crate) const OWN: [&str; 11] = [
    "basket",
    "orders",
    "wishlist",
    "addresses",
    "cards",
    "payments",
    "subscriptions",
    "recycling",
    "complaints",
    "notifications",
    "chat",
];

/// The single objects that each user has.
pub(crate) const SHEETS: [&str; 3] = ["wallet", "settings", "profile"];

/// The first rows of a shelf that all share.
pub(crate) fn shared(name: &str) -> Vec<Value> {
    match name {
        "products" => PRODUCTS.iter().map(product).collect(),
        "categories" => rows(json!([
            {"key": "kettle", "name": "Kettles"}, {"key": "kite", "name": "Kites"},
            {"key": "tea", "name": "Teas"}, {"key": "reel", "name": "Reels & string"},
        ])),
        "reviews" => reviews(),
        "stores" => rows(json!([
            {"city": "Harbour Lane 4, Ostrand", "hours": "9–18", "phone": "+00 555 0104"},
            {"city": "Mill Hill 21, Fennbrook", "hours": "10–17", "phone": "+00 555 0121"},
            {"city": "The Old Signal Box, Tarnwick", "hours": "11–16", "phone": "+00 555 0199"},
        ])),
        "faq" => rows(json!([
            {"question": "Does the copper tarnish?", "answer": "It does, and it is lovely.", "helpful": 3},
            {"question": "How much wind does a kite need?", "answer": "If leaves rustle, it flies.", "helpful": 8},
            {"question": "Can I send a tea back?", "answer": "Unopened, within thirty days.", "helpful": 1},
        ])),
        "feedback" => rows(json!([
            {"comment": "Arrived before the kettle boiled.", "rating": "5", "author": "anna@shop.test"},
            {"comment": "The string was shorter than the wind.", "rating": "3", "author": "a guest"},
        ])),
        "photos" => rows(json!([
            {"caption": "First flight over the dunes", "colour": "#5b8def", "likes": 4, "author": "ben@shop.test"},
            {"caption": "Tea on the roof", "colour": "#c8743c", "likes": 9, "author": "anna@shop.test"},
            {"caption": "A kettle at dawn", "colour": "#7a6a9e", "likes": 2, "author": "root@shop.test"},
        ])),
        "deliveries" => rows(json!([
            {"name": "On foot", "days": 5, "price": 0}, {"name": "By bicycle", "days": 2, "price": 4},
            {"name": "By balloon", "days": 1, "price": 12},
        ])),
        "questions" => rows(json!([
            {"text": "What was your first kite's name?"}, {"text": "Which tea can you not stand?"},
        ])),
        "coupons" => {
            rows(json!([{"code": "TAILWIND", "percent": "10"}, {"code": "STEAM20", "percent": "20"}]))
        }
        _ => Vec::new(),
    }
}

/// The first rows of a shelf of `user`.
pub(crate) fn own(name: &str, user: &User) -> Vec<Value> {
    let first = first_name(user);
    match name {
        "basket" => rows(json!([line(0, 1), line(7, 2)])),
        "orders" => orders(user),
        "wishlist" => {
            rows(json!([{"product": 3, "name": PRODUCTS[2].0}, {"product": 6, "name": PRODUCTS[5].0}]))
        }
        "addresses" => rows(json!([
            {"name": first, "street": "Gull Street 7", "city": "Ostrand", "zip": "40112", "country": "Norland"},
            {"name": first, "street": "Attic Row 1", "city": "Fennbrook", "zip": "40980", "country": "Norland"},
        ])),
        "cards" => rows(json!([
            {"holder": first, "number": "•••• 4821", "month": "4", "year": "2031"},
            {"holder": first, "number": "•••• 0077", "month": "11", "year": "2029"},
        ])),
        "payments" => rows(json!([{"text": "Welcome gift", "amount": 25}])),
        "subscriptions" => rows(json!([{"plan": "Morning black", "interval": "monthly", "paused": false}])),
        "recycling" => rows(json!([
            {"quantity": "3", "date": "2031-05-02", "pickup": true, "status": "collected"},
            {"quantity": "1", "date": "2031-06-11", "pickup": false, "status": "new"},
        ])),
        "complaints" => rows(json!([
            {"subject": "A dent in the lid", "message": "It does not whistle any more.", "status": "new"},
        ])),
        "notifications" => rows(json!([
            {"text": "Your order is on its way.", "read": false},
            {"text": "Storm Kite is back on the shelf.", "read": false},
            {"text": "Someone liked your photo.", "read": true},
        ])),
        _ => Vec::new(),
    }
}

/// A single object of `user`.
pub(crate) fn sheet(name: &str, user: &User) -> Value {
    match name {
        "wallet" => json!({"balance": 25}),
        "settings" => {
            json!({"newsletter": true, "wind-alerts": false, "large-text": false, "share-photos": true})
        }
        "profile" => json!({"name": first_name(user), "motto": "Up and away.", "email": user.email}),
        _ => Value::Null,
    }
}

fn orders(user: &User) -> Vec<Value> {
    let order = |number: u64, status: &str, items: Value, total: u64| {
        json!({
            "code": format!("KK-{}", user.id * 100 + number), "status": status, "items": items, "total": total,
            "address": "Gull Street 7, Ostrand", "delivery": "By bicycle", "payment": "•••• 4821",
        })
    };
    vec![
        order(1, "delivered", json!([line(1, 1)]), PRODUCTS[1].2),
        order(2, "placed", json!([line(4, 1), line(8, 1)]), PRODUCTS[4].2 + PRODUCTS[8].2),
        order(3, "cancelled", json!([line(10, 2)]), PRODUCTS[10].2 * 2),
    ]
}

/// A line of a basket or an order, about the product at this place of the list.
fn line(place: usize, quantity: u64) -> Value {
    let (name, _, price, ..) = PRODUCTS[place];
    json!({"product": place + 1, "name": name, "price": price, "quantity": quantity})
}

fn product((name, category, price, colour, text): &(&str, &str, u64, &str, &str)) -> Value {
    json!({"name": name, "category": category, "price": price, "colour": colour, "text": text, "stock": 12})
}

/// Everyone has reviewed everything briefly, so that each user finds a review to edit and one to like.
fn reviews() -> Vec<Value> {
    let authors =
        [("anna@shop.test", "Just what the kitchen wanted."), ("ben@shop.test", "Light, and well made.")];
    let by_product = (1..=PRODUCTS.len()).flat_map(|product| {
        authors.map(|(author, text)| json!({"product": product, "author": author, "text": text, "likes": 1}))
    });
    let checked =
        json!({"product": 1, "author": "root@shop.test", "text": "Checked in our workshop.", "likes": 0});
    by_product.chain([checked]).collect()
}

fn rows(list: Value) -> Vec<Value> {
    if let Value::Array(rows) = list { rows } else { Vec::new() }
}

/// The email's local part with a capital letter.
fn first_name(user: &User) -> String {
    let name = user.email.split('@').next().unwrap_or_default();
    name.chars().take(1).flat_map(char::to_uppercase).chain(name.chars().skip(1)).collect()
}

/// Name, category, price in crowns, colour and text.
const PRODUCTS: [(&str, &str, u64, &str, &str); 12] = [
    ("Copper Whistler", "kettle", 64, "#c8743c", "A two-litre kettle that sings a third when it boils."),
    ("Storm Kite", "kite", 48, "#3c6fc8", "Ripstop nylon and carbon rods, for days when others stay in."),
    ("Night Train Tea", "tea", 9, "#4b3a5e", "Smoky leaves, best with a window seat."),
    ("Lighthouse Reel", "reel", 15, "#c83c4f", "Sixty metres of line on an ash reel."),
    ("Enamel Traveller", "kettle", 29, "#3f8f7a", "Half a litre, one flame, no hurry."),
    ("Paper Swift", "kite", 12, "#e0a526", "Folds flat, flies far, forgives little."),
    ("Orchard Green", "tea", 11, "#6e9c3a", "Green tea with dried apple from our own trees."),
    ("Braided Line, 100 m", "reel", 19, "#58646e", "Does not stretch, does not sing, does not snap."),
    ("Glass Observatory", "kettle", 52, "#6bb3c9", "Watch it boil after all."),
    ("Box of Four Winds", "kite", 75, "#8a4fc8", "A box kite in four colours, with a bag to carry it in."),
    ("Frost Mint", "tea", 8, "#4fa98c", "Mint that was picked after the first frost."),
    ("Winder Gloves", "reel", 14, "#a3562a", "Goatskin palms for long afternoons."),
];
