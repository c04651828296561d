//! The one list of views, which the page's router reads and which is published as the truth.

use serde_json::{Value, json};

use crate::route::Access::{self, Admins, Everyone, Guests, Members};

/// A view: its hash route, who it is for, and the script module and function that draw it.
pub(crate) type View = (&'static str, Access, &'static str, &'static str);

/// The list as the page's router reads it.
pub(crate) fn for_router() -> Value {
    let views = VIEWS.iter().map(|(route, access, module, draw)| {
        json!({"route": route, "access": access.name(), "module": module, "draw": draw})
    });
    views.collect()
}

/// All views, in the order that the router tries them.
pub(crate) const VIEWS: &[View] = &[
    ("#/products", Everyone, "products", "list"),
    ("#/product/{id}", Everyone, "product", "show"),
    ("#/category/{id}", Everyone, "category", "show"),
    ("#/search/{term}", Everyone, "search", "results"),
    ("#/about", Everyone, "about", "show"),
    ("#/stores", Everyone, "stores", "list"),
    ("#/store/{id}", Everyone, "stores", "show"),
    ("#/help", Everyone, "help", "show"),
    ("#/feedback", Everyone, "feedback", "show"),
    ("#/track", Everyone, "track", "show"),
    ("#/photos", Everyone, "photos", "wall"),
    ("#/photo/{id}", Everyone, "photos", "show"),
    ("#/login", Guests, "login", "show"),
    ("#/register", Guests, "register", "show"),
    ("#/forgot-password", Guests, "forgot", "show"),
    ("#/basket", Members, "basket", "show"),
    ("#/checkout/address", Members, "checkout", "address"),
    ("#/checkout/delivery", Members, "checkout", "delivery"),
    ("#/checkout/payment", Members, "checkout", "payment"),
    ("#/checkout/summary", Members, "checkout", "summary"),
    ("#/checkout/done/{id}", Members, "checkout", "done"),
    ("#/orders", Members, "orders", "list"),
    ("#/order/{id}", Members, "orders", "show"),
    ("#/wishlist", Members, "wishlist", "show"),
    ("#/account", Members, "account", "show"),
    ("#/addresses", Members, "addresses", "list"),
    ("#/address/new", Members, "addresses", "create"),
    ("#/address/{id}", Members, "addresses", "edit"),
    ("#/cards", Members, "cards", "list"),
    ("#/card/{id}", Members, "cards", "show"),
    ("#/wallet", Members, "wallet", "show"),
    ("#/subscriptions", Members, "subscriptions", "list"),
    ("#/recycling", Members, "recycling", "list"),
    ("#/recycling/{id}", Members, "recycling", "show"),
    ("#/complaints", Members, "complaints", "list"),
    ("#/complaint/{id}", Members, "complaints", "show"),
    ("#/chat", Members, "chat", "show"),
    ("#/notifications", Members, "notifications", "list"),
    ("#/profile", Members, "profile", "show"),
    ("#/settings", Members, "settings", "show"),
    ("#/admin", Admins, "admin", "summary"),
    ("#/admin/users", Admins, "admin-users", "list"),
    ("#/admin/user/{id}", Admins, "admin-users", "show"),
    ("#/admin/feedback", Admins, "admin-desk", "feedback"),
    ("#/admin/complaints", Admins, "admin-desk", "complaints"),
    ("#/admin/orders", Admins, "admin-desk", "orders"),
    ("#/admin/recycling", Admins, "admin-desk", "recycling"),
    ("#/admin/stock", Admins, "admin-stock", "list"),
    ("#/admin/coupons", Admins, "admin-stock", "coupons"),
    ("#/admin/log", Admins, "admin", "log"),
];
