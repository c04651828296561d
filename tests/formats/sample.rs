//! Sessions that the tests hand over.

use handstamp::{
    session::{Cookie, Database, HeaderToken, Item, SameSite, Source, State},
    site::Origin,
};
use serde_json::json;
use url::Url;

/// A cookie for a host, and no more than that.
pub(crate) fn cookie(name: &str, value: &str, domain: &str) -> Cookie {
    Cookie {
        name: name.into(),
        value: value.into(),
        domain: domain.into(),
        host_only: true,
        path: "/".into(),
        ..Cookie::default()
    }
}

/// A session that has some of everything, with values that are hard to quote.
pub(crate) fn full() -> State {
    let shop = Origin::parse("https://shop.example").unwrap();
    let api = Origin::parse("https://api.shop.example").unwrap();
    let mut state =
        State { scope: vec![api.clone(), shop.clone()], created: 1_700_000_000, ..State::default() };
    let host = "shop.example";
    state.cookies = vec![
        Cookie {
            http_only: true,
            secure: true,
            same_site: Some(SameSite::Strict),
            ..cookie("sid", HARD, host)
        },
        Cookie { host_only: false, expires: Some(1_999_999_999), ..cookie("lang", "ü=日本", host) },
        Cookie { path: "/deep".into(), same_site: Some(SameSite::Lax), ..cookie("deep", "", host) },
        Cookie {
            secure: true,
            same_site: Some(SameSite::None),
            partition_key: Some("https://top.example".into()),
            ..cookie("parted", "p", "api.shop.example")
        },
    ];
    for origin in [&api, &shop] {
        let stored = state.origin_mut(origin);
        stored.local_storage.push(Item::new("token", format!("local\n of {origin}")));
        stored.session_storage.push(Item::new("tab \"1\"", format!("</script> \u{2028} of {origin}")));
    }
    state.origin_mut(&shop).indexed_db.extend(Database::new(
        json!({ "name": "db", "version": 1, "stores": [{
        "name": "s", "autoIncrement": false, "indexes": [], "records": [{ "key": "k", "value": "stored" }],
    }] }),
    ));
    state.headers = vec![
        token(&shop, "Authorization", "Bearer abc.def-1234567890"),
        token(&shop, "X-Token", HARD),
        token(&api, "X-Api-Key", "key-of-api-0123456789"),
    ];
    state.user_agent = Some("Mozilla/5.0 (X11) Test/1".into());
    state
}

/// A session for a server on loopback that tools can quote, send and show.
pub(crate) fn for_server(url: &str) -> State {
    let url = Url::parse(url).unwrap();
    let origin = Origin::of(&url).unwrap();
    let host = url.host_str().unwrap();
    let mut state = State { scope: vec![origin.clone()], ..State::default() };
    state.cookies = vec![
        Cookie { http_only: true, ..cookie("sid", "planted-cookie-0123456789", host) },
        Cookie { expires: Some(4_000_000_000), ..cookie("seen", "own-cookie", host) },
    ];
    state.headers = vec![token(&origin, "X-Token", "planted-header it's \"$HOME\" \\n `x` 0123456789")];
    state.user_agent = Some("Mozilla/5.0 (X11) Test/1".into());
    state
}

pub(crate) fn token(origin: &Origin, name: &str, value: &str) -> HeaderToken {
    HeaderToken { origin: origin.clone(), name: name.into(), value: value.into(), source: Source::Memory }
}

/// All that a shell, a configuration file or JSON could stumble over.
pub(crate) const HARD: &str = r#"it's "hard" \ $HOME `x` %20 #{a} = 1+1,2 é"#;
