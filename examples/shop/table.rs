//! The one list of endpoints, which serves the requests and is published as the truth.

use crate::route::Access::{self, Admins, Everyone, Guests, Members, Nobody};
use crate::route::Action::{self, Change, Create, List, Remove, Run, Show};
use crate::route::Place::{All, Own, Shared};
use crate::route::Route;
use crate::{account, admin, basket, catalog, truth};

/// The route that a request is for, with its parameters.
pub(crate) fn find(method: &str, path: &str, refresh: bool) -> Option<(&'static Route, Vec<String>)> {
    routes(refresh).find_map(|route| Some((route, route.matches(method, path)?)))
}

/// All routes that are on; `refresh` turns renewal on.
pub(crate) fn routes(refresh: bool) -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().filter(move |route| refresh || route.template != REFRESH)
}

const fn get(template: &'static str, access: Access, action: Action) -> Route {
    Route { method: "GET", template, access, action }
}

const fn post(template: &'static str, access: Access, action: Action) -> Route {
    Route { method: "POST", template, access, action }
}

const fn put(template: &'static str, access: Access, action: Action) -> Route {
    Route { method: "PUT", template, access, action }
}

const fn patch(template: &'static str, access: Access, action: Action) -> Route {
    Route { method: "PATCH", template, access, action }
}

const fn delete(template: &'static str, access: Access, action: Action) -> Route {
    Route { method: "DELETE", template, access, action }
}

/// Trades a token for a younger one.
const REFRESH: &str = "/rest/user/refresh";
const ADDRESS: &[&str] = &["name", "street", "city", "zip", "country"];

const ROUTES: &[Route] = &[
    get("/truth.json", Nobody, Run(truth::show)),
    // The session.
    post("/rest/user/login", Guests, Run(account::login)),
    post("/rest/user/logout", Members, Run(account::logout)),
    get("/rest/user/whoami", Everyone, Run(account::whoami)),
    post(REFRESH, Members, Run(account::refresh)),
    post("/api/users", Guests, Run(account::register)),
    get("/rest/security-questions", Guests, List(Shared("questions"))),
    get("/rest/user/security-question", Guests, Run(account::security_question)),
    post("/rest/user/recovery", Guests, Run(account::recovery)),
    // The shop window.
    get("/rest/configuration", Everyone, Run(catalog::configuration)),
    get("/rest/i18n/{language}", Everyone, Run(catalog::labels)),
    get("/api/categories", Everyone, List(Shared("categories"))),
    get("/api/categories/{id}/products", Everyone, Run(catalog::of_category)),
    get("/api/products", Everyone, Run(catalog::products)),
    get("/rest/products/search", Everyone, Run(catalog::search)),
    get("/api/products/{id}", Everyone, Show(Shared("products"))),
    get("/api/products/{id}/reviews", Everyone, Run(catalog::reviews)),
    post("/api/products/{id}/reviews", Members, Run(catalog::add_review)),
    put("/api/reviews/{id}", Members, Run(catalog::edit_review)),
    post("/api/reviews/{id}/like", Members, Run(catalog::like_review)),
    get("/api/stores", Everyone, List(Shared("stores"))),
    get("/api/stores/{id}", Everyone, Show(Shared("stores"))),
    get("/api/faq", Everyone, List(Shared("faq"))),
    post("/api/faq/{id}/helpful", Everyone, Run(catalog::helpful)),
    get("/api/feedback", Everyone, List(Shared("feedback"))),
    post("/api/feedback", Everyone, Create(Shared("feedback"), &["comment", "rating"])),
    post("/rest/newsletter", Everyone, Run(account::newsletter)),
    get("/rest/track/{code}", Everyone, Run(catalog::track)),
    get("/api/photos", Everyone, List(Shared("photos"))),
    get("/api/photos/{id}", Everyone, Show(Shared("photos"))),
    post("/api/photos", Members, Create(Shared("photos"), &["caption", "colour"])),
    post("/api/photos/{id}/like", Members, Run(catalog::like_photo)),
    // Buying.
    get("/rest/basket/{id}", Members, Run(basket::show)),
    post("/rest/basket/{id}/coupon", Members, Run(basket::coupon)),
    post("/rest/basket/{id}/checkout", Members, Run(basket::checkout)),
    post("/api/basket-items", Members, Run(basket::add)),
    put("/api/basket-items/{id}", Members, Run(basket::change)),
    delete("/api/basket-items/{id}", Members, Remove(Own("basket"))),
    get("/api/deliveries", Members, List(Shared("deliveries"))),
    get("/api/deliveries/{id}", Members, Show(Shared("deliveries"))),
    get("/rest/orders", Members, List(Own("orders"))),
    get("/rest/orders/{id}", Members, Show(Own("orders"))),
    get("/rest/orders/{id}/invoice", Members, Run(basket::invoice)),
    post("/rest/orders/{id}/reorder", Members, Run(basket::reorder)),
    post("/rest/orders/{id}/cancel", Members, Run(basket::cancel)),
    get("/api/wishlist", Members, List(Own("wishlist"))),
    post("/api/wishlist", Members, Create(Own("wishlist"), &["product", "name"])),
    delete("/api/wishlist/{id}", Members, Remove(Own("wishlist"))),
    // The account.
    get("/api/addresses", Members, List(Own("addresses"))),
    post("/api/addresses", Members, Create(Own("addresses"), ADDRESS)),
    get("/api/addresses/{id}", Members, Show(Own("addresses"))),
    put("/api/addresses/{id}", Members, Change(Own("addresses"), ADDRESS)),
    delete("/api/addresses/{id}", Members, Remove(Own("addresses"))),
    get("/api/cards", Members, List(Own("cards"))),
    post("/api/cards", Members, Run(account::add_card)),
    get("/api/cards/{id}", Members, Show(Own("cards"))),
    delete("/api/cards/{id}", Members, Remove(Own("cards"))),
    get("/rest/wallet", Members, Run(account::wallet)),
    post("/rest/wallet", Members, Run(account::top_up)),
    get("/rest/wallet/history", Members, List(Own("payments"))),
    get("/api/subscriptions", Members, List(Own("subscriptions"))),
    post("/api/subscriptions", Members, Create(Own("subscriptions"), &["plan", "interval"])),
    patch("/api/subscriptions/{id}", Members, Change(Own("subscriptions"), &["paused"])),
    delete("/api/subscriptions/{id}", Members, Remove(Own("subscriptions"))),
    get("/api/recycling", Members, List(Own("recycling"))),
    post("/api/recycling", Members, Create(Own("recycling"), &["quantity", "date", "pickup"])),
    get("/api/recycling/{id}", Members, Show(Own("recycling"))),
    get("/api/complaints", Members, List(Own("complaints"))),
    post("/api/complaints", Members, Create(Own("complaints"), &["subject", "message"])),
    get("/api/complaints/{id}", Members, Show(Own("complaints"))),
    get("/rest/chat", Members, List(Own("chat"))),
    post("/rest/chat", Members, Run(account::chat)),
    get("/api/notifications", Members, List(Own("notifications"))),
    post("/api/notifications/read-all", Members, Run(account::read_all)),
    patch("/api/notifications/{id}", Members, Change(Own("notifications"), &["read"])),
    delete("/api/notifications/{id}", Members, Remove(Own("notifications"))),
    get("/rest/settings", Members, Run(account::settings)),
    put("/rest/settings/{key}", Members, Run(account::set)),
    get("/rest/profile", Members, Run(account::profile)),
    put("/rest/profile", Members, Run(account::edit_profile)),
    get("/rest/user/export", Members, Run(account::export)),
    // The back office.
    get("/rest/admin/summary", Admins, Run(admin::summary)),
    get("/rest/admin/users", Admins, Run(admin::users)),
    get("/rest/admin/users/{id}", Admins, Run(admin::user)),
    put("/rest/admin/users/{id}/note", Admins, Run(admin::note)),
    delete("/rest/admin/feedback/{id}", Admins, Remove(Shared("feedback"))),
    get("/rest/admin/complaints", Admins, List(All("complaints"))),
    patch("/rest/admin/complaints/{id}", Admins, Change(All("complaints"), &["status"])),
    get("/rest/admin/orders", Admins, List(All("orders"))),
    put("/rest/admin/orders/{id}/status", Admins, Change(All("orders"), &["status"])),
    get("/rest/admin/stock", Admins, Run(admin::stock)),
    put("/rest/admin/stock/{id}", Admins, Change(Shared("products"), &["stock"])),
    get("/rest/admin/recycling", Admins, List(All("recycling"))),
    patch("/rest/admin/recycling/{id}", Admins, Change(All("recycling"), &["status"])),
    get("/rest/admin/coupons", Admins, List(Shared("coupons"))),
    post("/rest/admin/coupons", Admins, Create(Shared("coupons"), &["code", "percent"])),
    delete("/rest/admin/coupons/{id}", Admins, Remove(Shared("coupons"))),
    get("/rest/admin/log", Admins, Run(admin::log)),
];
