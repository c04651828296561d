//! A session that is renewed by the call with which its application did that before.

use std::sync::Arc;

use handstamp::{
    keep::Rotation,
    proxy::{Client, Exchange, Next, Trust, full},
    session::Shared,
};
use http::{Method, Request};
use serde_json::json;

use crate::{
    realm::{Realm, Rules},
    stored,
};

#[tokio::test]
async fn a_call_that_has_renewed_the_session_is_made_again_with_the_token_that_is_good_by_then() {
    let realm = Arc::new(Realm::open(Rules::default()).await);
    let shared = Shared::new(stored(&realm));
    let rotation = Rotation::new(shared.clone(), Client::new(&Trust::System).unwrap());
    assert!(!rotation.renew().await, "nobody has seen how it is done");
    let kept = |key: &str| {
        let items = shared.read(|state| state.origins[0].local_storage.clone());
        items.iter().find(|item| item.name == key).unwrap().value.expose().to_owned()
    };
    let exchange = Exchange::of(Method::POST, realm.url.join("refresh").unwrap());
    let body = json!({ "refreshToken": kept("refresh") }).to_string();
    let request = Request::post(exchange.url.as_str())
        .header("content-type", "application/json")
        .header("content-length", body.len())
        .body(full(body))
        .unwrap();
    let next = rotation.pass(&exchange, request).await;
    assert!(matches!(next, Next::Answer(answer) if answer.status().is_success()));
    let (access, refresh) = (kept("access"), kept("refresh"));
    assert!(rotation.renew().await && rotation.renew().await);
    assert!(kept("access") != access && kept("refresh") != refresh);
    let counts = realm.counts();
    assert_eq!((counts.refreshes, counts.spent), (3, 0), "{counts:?}");
}
