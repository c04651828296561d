//! Logging in and out, and what belongs to an account.

use serde_json::{Value, json};

use crate::reply::{Call, Reply};
use crate::shelf::pick;
use crate::shop::Shop;
use crate::user;

/// `POST /rest/user/login`
pub(crate) fn login(shop: &mut Shop, call: &Call) -> Reply {
    let known = shop.user_by_email(call.text("email"));
    let Some(user) = known.filter(|user| call.body["password"] == user.password.as_str()).cloned() else {
        return Reply::error(401, "Invalid email or password.");
    };
    let token = shop.tokens.issue(&user);
    Reply::plain(json!({"authentication": {"token": token, "bid": user.basket(), "umail": user.email}}))
}

/// `POST /rest/user/logout`
pub(crate) fn logout(shop: &mut Shop, call: &Call) -> Reply {
    call.token.iter().for_each(|token| shop.tokens.revoke(token));
    Reply::data("Goodbye.")
}

/// `GET /rest/user/whoami`
pub(crate) fn whoami(_: &mut Shop, call: &Call) -> Reply {
    let user = call.user.as_ref();
    let user = user.map(|user| json!({"id": user.id, "email": user.email, "role": user.role.name()}));
    Reply::plain(json!({"user": user.unwrap_or_else(|| json!({}))}))
}

/// `POST /rest/user/refresh`: a younger token; the old one stays good until it expires.
pub(crate) fn refresh(shop: &mut Shop, call: &Call) -> Reply {
    let token = call.user.as_ref().map(|user| shop.tokens.issue(user));
    Reply::plain(json!({"authentication": {"token": token}}))
}

/// `POST /api/users`
pub(crate) fn register(shop: &mut Shop, call: &Call) -> Reply {
    let (email, password) = (call.text("email"), call.text("password"));
    if !email.contains('@') || password.chars().count() < SHORTEST_PASSWORD {
        return Reply::error(400, "An email and a password of 5 characters or more, please.");
    }
    if user::seeded().any(|user| user.email.eq_ignore_ascii_case(email)) {
        return Reply::error(400, "This email is taken.");
    }
    match shop.user_by_email(email) {
        Some(user) => Reply::created(json!({"id": user.id, "email": user.email})),
        None => Reply::created(shop.register(email, password)),
    }
}

/// `GET /rest/user/security-question`: the same for all, so that it tells nobody who is known.
pub(crate) fn security_question(shop: &mut Shop, call: &Call) -> Reply {
    let questions = shop.rows(0, "questions");
    Reply::from(questions.get(call.query("email").len() % questions.len().max(1)).cloned())
}

/// `POST /rest/user/recovery`
pub(crate) fn recovery(_: &mut Shop, _: &Call) -> Reply {
    Reply::data("If there is such an account, a message is on its way.")
}

/// `POST /rest/newsletter`
pub(crate) fn newsletter(_: &mut Shop, call: &Call) -> Reply {
    if call.text("email").contains('@') {
        Reply::data("The next letter goes out on Sunday.")
    } else {
        Reply::error(400, "This is no email address.")
    }
}

/// `POST /api/cards`: keeps the last digits only.
pub(crate) fn add_card(shop: &mut Shop, call: &Call) -> Reply {
    match pick(&call.body, &["holder", "number", "month", "year"]) {
        Err(field) => Reply::error(400, &format!("Please fill in: {field}.")),
        Ok(mut card) => {
            let number = card["number"].as_str().unwrap_or_default();
            let ending: String = number.chars().skip(number.chars().count().saturating_sub(4)).collect();
            card.insert("number".into(), json!(format!("•••• {ending}")));
            let (cards, ids) = shop.shelf(call.owner(), "cards");
            Reply::created(cards.add(Value::Object(card), ids))
        }
    }
}

/// `GET /rest/wallet`
pub(crate) fn wallet(shop: &mut Shop, call: &Call) -> Reply {
    Reply::data(shop.sheet(call.owner(), "wallet").clone())
}

/// `POST /rest/wallet`
pub(crate) fn top_up(shop: &mut Shop, call: &Call) -> Reply {
    let Some(amount) = call.number("amount").filter(|amount| (1..=500).contains(amount)) else {
        return Reply::error(400, "Between 1 and 500, please.");
    };
    let wallet = shop.sheet(call.owner(), "wallet");
    let balance = (wallet["balance"].as_u64().unwrap_or(0) + amount).min(FULLEST_WALLET);
    wallet["balance"] = json!(balance);
    let (payments, ids) = shop.shelf(call.owner(), "payments");
    payments.add(json!({"text": "Top-up", "amount": amount}), ids);
    Reply::data(json!({"balance": balance}))
}

/// `POST /rest/chat`: keeps the message and answers it.
pub(crate) fn chat(shop: &mut Shop, call: &Call) -> Reply {
    let message = call.text("message").to_owned();
    if message.is_empty() {
        return Reply::error(400, "Say something.");
    }
    let answer = match message.to_lowercase() {
        text if text.contains("order") => "Orders leave our attic every morning at nine.",
        text if text.contains("kite") => "Mind the trees, and the power lines.",
        _ => "Let me think about that over a cup of tea.",
    };
    let (lines, ids) = shop.shelf(call.owner(), "chat");
    Reply::created(lines.add(json!({"message": message, "answer": answer}), ids))
}

/// `POST /api/notifications/read-all`
pub(crate) fn read_all(shop: &mut Shop, call: &Call) -> Reply {
    let (notifications, _) = shop.shelf(call.owner(), "notifications");
    let ids: Vec<_> = notifications.rows().iter().filter_map(|row| row["id"].as_u64()).collect();
    for id in ids {
        if let Some(row) = notifications.row_mut(id) {
            row["read"] = json!(true);
        }
    }
    Reply::data("All read.")
}

/// `GET /rest/settings`
pub(crate) fn settings(shop: &mut Shop, call: &Call) -> Reply {
    Reply::data(shop.sheet(call.owner(), "settings").clone())
}

/// `PUT /rest/settings/{key}`
pub(crate) fn set(shop: &mut Shop, call: &Call) -> Reply {
    let setting = call.parameters.first().map_or("", String::as_str);
    match shop.sheet(call.owner(), "settings").get_mut(setting) {
        None => Reply::missing(),
        Some(value) => {
            *value = json!(call.body["value"] == true);
            Reply::data(json!({ setting: value }))
        }
    }
}

/// `GET /rest/profile`
pub(crate) fn profile(shop: &mut Shop, call: &Call) -> Reply {
    Reply::data(shop.sheet(call.owner(), "profile").clone())
}

/// `PUT /rest/profile`
pub(crate) fn edit_profile(shop: &mut Shop, call: &Call) -> Reply {
    match pick(&call.body, &["name", "motto"]) {
        Err(field) => Reply::error(400, &format!("Please fill in: {field}.")),
        Ok(values) => {
            let profile = shop.sheet(call.owner(), "profile");
            values.into_iter().for_each(|(field, value)| profile[field] = value);
            Reply::data(profile.clone())
        }
    }
}

/// `GET /rest/user/export`: all that is kept about the user.
pub(crate) fn export(shop: &mut Shop, call: &Call) -> Reply {
    let profile = shop.sheet(call.owner(), "profile").clone();
    let (orders, addresses) = (shop.rows(call.owner(), "orders"), shop.rows(call.owner(), "addresses"));
    Reply::data(json!({"profile": profile, "orders": orders, "addresses": addresses}))
}

/// In characters.
const SHORTEST_PASSWORD: usize = 5;
/// In crowns.
const FULLEST_WALLET: u64 = 5_000;
