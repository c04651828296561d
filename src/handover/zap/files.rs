//! A session as files for a ZAP that is yet to start: an automation plan, and the scripts that it names.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Error, Goods, Names, plan::plan};
use crate::{
    context::Context,
    inject::HttpAuth,
    session::{Cookie, Item, State, now},
    site::Origin,
};

/// The names and contents of the files, which belong into one folder. They hold the session: keep them as such.
///
/// `plan.yaml` makes the context with its user, `session.js` puts cookies and headers onto their requests,
/// `authentication.js` stands for the login that is done already, and `browser.js` fills the storage of browsers.
/// Fails with [`Error::Nowhere`] where the session belongs to no origin.
pub fn files(
    state: &State,
    names: Names,
    context: Option<&Context>,
    auth: Option<Arc<HttpAuth>>,
) -> Result<Vec<(&'static str, String)>, Error> {
    let goods = Goods::of(state, names, context, auth)?;
    let page = state.check.as_ref().map_or_else(|| goods.origins[0].url(), |check| check.url.clone());
    Ok(vec![
        ("plan.yaml", plan(&goods, context)),
        ("session.js", script("SESSION", &session(state, &goods), include_str!("js/session.js"))),
        ("authentication.js", script("PAGE", &page.as_str().into(), include_str!("js/authentication.js"))),
        ("browser.js", script("STORED", &stored(state, &goods), include_str!("js/browser.js"))),
    ])
}

/// A script with what it works on before it; JSON is JavaScript, too.
fn script(name: &str, data: &Value, text: &str) -> String {
    format!("const {name} = {data};\n\n{text}")
}

fn session(state: &State, goods: &Goods) -> Value {
    let of = |origin: &Origin| {
        let headers: Vec<_> = goods.headers.iter().filter(|header| header.origin == *origin).collect();
        let headers: Vec<_> =
            headers.iter().map(|header| json!([header.name, header.value.expose()])).collect();
        let cookies = cookies(state, origin).map(
            |cookie| json!({ "name": cookie.name, "value": cookie.value.expose(), "path": cookie.path }),
        );
        json!({
            "scheme": origin.scheme(), "host": origin.host(), "port": origin.port(),
            "headers": headers, "cookies": cookies.collect::<Vec<_>>(),
        })
    };
    let user = format!("{}/{}", goods.names.context, goods.names.user);
    json!({ "user": user, "origins": goods.origins.iter().map(of).collect::<Vec<_>>() })
}

fn stored(state: &State, goods: &Goods) -> Value {
    let items = |items: &[Item]| items.iter().map(|i| json!([i.name, i.value.expose()])).collect::<Vec<_>>();
    let of = |origin: &Origin| {
        let cookies = cookies(state, origin).map(|cookie| {
            json!({
                "name": cookie.name, "value": cookie.value.expose(), "path": cookie.path, "secure": cookie.secure,
                "httpOnly": cookie.http_only, "domain": (!cookie.host_only).then_some(&cookie.domain),
            })
        });
        let stored = state.origin(origin);
        let value = json!({
            "cookies": cookies.collect::<Vec<_>>(),
            "local": stored.map(|stored| items(&stored.local_storage)).unwrap_or_default(),
            "session": stored.map(|stored| items(&stored.session_storage)).unwrap_or_default(),
        });
        (origin.to_string(), value)
    };
    Value::Object(goods.origins.iter().map(of).collect())
}

/// The cookies that go to an origin, those of longer paths first.
fn cookies<'a>(state: &'a State, origin: &'a Origin) -> impl Iterator<Item = &'a Cookie> {
    let mut cookies = Goods::cookies_of(state, origin, now());
    cookies.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
    cookies.into_iter()
}

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
