//! The script that carries a session, with what it keeps.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Result;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tracing::warn;

use crate::{
    browser::Exchange,
    harvest,
    inject::Scripted,
    script::{Globals, Limits, Message, SessionScript, Values},
    session::{Method, Place, Secret, State},
    site::Scope,
};

/// One session's script.
#[derive(Debug)]
pub(super) struct Carrier {
    pub(super) scripted: Arc<Scripted>,
    values: Values,
    globals: Globals,
}

impl Carrier {
    /// Loads the script of a session that is carried by one, with what it has kept so far.
    pub(super) fn load(state: &State, scope: Scope) -> Result<Option<Self>> {
        let Method::Script { file, parameters } = &state.method else { return Ok(None) };
        let globals = Globals::new();
        let mut kept = BTreeMap::new();
        for (place, value) in &state.values {
            let Place::Script(name) = place else { continue };
            match name.strip_prefix(OWN) {
                Some(name) => {
                    kept.insert(name.to_owned(), serde_json::from_str(value.expose())?);
                }
                None if !globals.set(name, value.expose()) => {
                    warn!(name, "a global variable of a session script is too large to be restored");
                }
                None => {}
            }
        }
        let values = Values::restore(&kept);
        let script = Arc::new(SessionScript::load(file, &globals, Limits::default())?);
        let scripted = Arc::new(Scripted::new(script, values.clone(), parameters.clone(), scope));
        Ok(Some(Self { scripted, values, globals }))
    }

    /// Shows the script the answer to the login, and keeps what it takes from it with the session.
    pub(super) async fn learn(
        &self,
        state: &mut State,
        traffic: &[Exchange],
        password: Option<&str>,
    ) -> Result<()> {
        if let Some(login) = harvest::login_request(traffic, password).or(traffic.last()) {
            self.scripted.learn(&message(login)?).await?;
        }
        state.values.retain(|(place, _)| !matches!(place, Place::Script(_)));
        for (name, value) in self.values.expose() {
            let place = Place::Script(format!("{OWN}{name}"));
            state.values.push((place, Secret::from(value.to_string())));
        }
        for name in self.globals.names() {
            let value = self.globals.get(&name).unwrap_or_default();
            state.values.push((Place::Script(name), Secret::from(value)));
        }
        Ok(())
    }
}

fn message(exchange: &Exchange) -> Result<Message> {
    let mut message = Message::request(exchange.method.parse()?, exchange.url.parse()?);
    message.headers = headers(&exchange.request_headers);
    message.body = exchange.request_body.clone().unwrap_or_default().into();
    let status = StatusCode::from_u16(exchange.status.unwrap_or(200))?;
    let body = exchange.response_body.clone().unwrap_or_default();
    Ok(message.answered(status, headers(&exchange.response_headers), body))
}

/// What is no header is left out.
fn headers(texts: &[(String, String)]) -> HeaderMap {
    let pairs = texts.iter().filter_map(|(name, value)| {
        Some((name.parse::<HeaderName>().ok()?, HeaderValue::from_str(value).ok()?))
    });
    pairs.collect()
}

/// Stands before the names of values that `getSession().setValue` keeps; global variables stand without.
const OWN: &str = "session:";
