//! The page and its files, built into the program.

use crate::views;

/// The page, with the list of views that its router reads.
pub(crate) fn page(refresh: bool) -> String {
    let views = views::for_router().to_string();
    let refresh = if refresh { "true" } else { "false" };
    include_str!("static/index.html").replace("{{views}}", &views).replace("{{refresh}}", refresh)
}

/// A file by its path, with its content type.
pub(crate) fn find(path: &str) -> Option<(&'static str, &'static str)> {
    let name = path.strip_prefix("/static/")?;
    let (_, text) = FILES.iter().find(|(file, _)| *file == name)?;
    Some((if name == "style.css" { "text/css" } else { "text/javascript" }, text))
}

macro_rules! files {
    ($($name:literal),* $(,)?) => { &[$(($name, include_str!(concat!("static/", $name)))),*] };
}

const FILES: &[(&str, &str)] = files![
    "style.css",
    "app.js",
    "api.js",
    "router.js",
    "overlays.js",
    "ui.js",
    "views/about.js",
    "views/account.js",
    "views/addresses.js",
    "views/admin.js",
    "views/admin-desk.js",
    "views/admin-stock.js",
    "views/admin-users.js",
    "views/basket.js",
    "views/cards.js",
    "views/category.js",
    "views/chat.js",
    "views/checkout.js",
    "views/complaints.js",
    "views/feedback.js",
    "views/forgot.js",
    "views/help.js",
    "views/login.js",
    "views/notifications.js",
    "views/orders.js",
    "views/photos.js",
    "views/product.js",
    "views/products.js",
    "views/profile.js",
    "views/recycling.js",
    "views/register.js",
    "views/search.js",
    "views/settings.js",
    "views/stores.js",
    "views/subscriptions.js",
    "views/track.js",
    "views/wallet.js",
    "views/wishlist.js",
];
