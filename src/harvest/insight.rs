//! Puts down what a login's traffic tells of its session, for later.

use url::Url;

use super::{explain::explain, lifetime::lifetime};
use crate::{
    browser::Exchange,
    session::{Insight, State, looks_like_token},
};

/// What is known of a fresh session: its tokens, its lifetime, and the page that the login ended on. No value is in it.
#[must_use]
pub fn insight(state: &State, traffic: &[Exchange], page: &Url) -> Insight {
    let tokens = explain(state, traffic);
    let lifetime = Some(lifetime(state, &tokens, traffic));
    Insight { tokens, lifetime, page: Some(without_secrets(page)), ..Insight::default() }
}

/// The page without what may be a token in its query or fragment.
fn without_secrets(page: &Url) -> Url {
    let mut page = page.clone();
    let is_telling = page.query_pairs().any(|(_, value)| looks_like_token(&value));
    if is_telling {
        page.set_query(None);
    }
    let fragment = page.fragment().unwrap_or_default();
    if fragment.contains('=') && fragment.split(['=', '&', '?']).any(looks_like_token) {
        page.set_fragment(None);
    }
    page
}
