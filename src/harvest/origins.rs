//! Reads the storage of every origin that took part.

use std::collections::BTreeSet;

use serde_json::Value;
use tracing::debug;

use super::error::Error;
use crate::{
    browser::{self, Browser, Control, Element, Exchange, Page, Prime, Tab, script},
    session::{Database, Item, OriginState},
    site::Origin,
};

/// The storage of all origins whose documents the browser has shown, and the names of what could not be read.
pub(super) async fn read(
    browser: &Browser,
    traffic: &[Exchange],
) -> Result<(Vec<OriginState>, Vec<String>), Error> {
    let live = live(browser.page()).await?;
    let primes = primes(&live, documents(traffic));
    // Read on an empty page: no script of the application can have tampered with what reads.
    let read = browser.control().prime(&primes).await;
    joined(&live, read)
}

/// The storage of tabs that somebody else opened, of the origins whose documents were loaded, and of others; the last tab
/// wins where several show one origin.
pub(super) async fn read_tabs(
    control: &Control,
    tabs: &[Tab],
    mut others: BTreeSet<Origin>,
    traffic: &[Exchange],
) -> Result<(Vec<OriginState>, Vec<String>), Error> {
    let mut live = Vec::new();
    for tab in tabs {
        live.extend(control.read_in(tab, script("storage-read")).await?);
    }
    others.extend(documents(traffic));
    let primes = primes(&live, others);
    let read = match tabs.last() {
        Some(tab) => control.prime_beside(tab, &primes).await,
        None => control.prime(&primes).await,
    };
    joined(&live, read)
}

/// What reads the origins that are shown, and others.
fn primes(live: &[Value], mut origins: BTreeSet<Origin>) -> Vec<Prime> {
    origins.extend(live.iter().filter_map(origin_of));
    origins.iter().map(|o| Prime { origin: o.url(), script: script("storage-read").to_owned() }).collect()
}

/// What tabs share, as it was read on empty pages, and what each tab has of its own.
fn joined(
    live: &[Value],
    primed: Result<Vec<Value>, browser::Error>,
) -> Result<(Vec<OriginState>, Vec<String>), Error> {
    let mut lost = Vec::new();
    let mut states = match primed {
        Ok(values) => values.iter().filter_map(|v| state_of(v, &mut lost)).collect(),
        Err(browser::Error::Unsupported { .. }) => {
            live.iter().filter_map(|v| state_of(v, &mut lost)).collect::<Vec<_>>()
        }
        Err(error) => return Err(error.into()),
    };
    // sessionStorage belongs to the tab, so it can be read in the application's own documents only.
    for value in live {
        let Some(origin) = origin_of(value) else { continue };
        let items = items(&value["sessionStorage"]);
        match states.iter_mut().find(|s| s.origin == origin) {
            Some(state) => state.session_storage = items,
            None => states.push(OriginState { session_storage: items, ..OriginState::new(origin) }),
        }
    }
    states
        .retain(|s| !(s.local_storage.is_empty() && s.session_storage.is_empty() && s.indexed_db.is_empty()));
    Ok((states, lost))
}

/// Reads the storage in the page's documents: the top one and its frames.
async fn live(page: &Page) -> Result<Vec<Value>, Error> {
    let read = format!("return {}", script("storage-read"));
    let mut values = vec![page.evaluate(&read, &[]).await?];
    let frames = page.evaluate("return [...document.querySelectorAll('iframe, frame')]", &[]).await?;
    for frame in frames.as_array().into_iter().flatten().filter_map(Element::from_value) {
        // A frame may go at any moment: what it stored in shared storage is read all the same.
        if page.enter_frame(&frame).await.is_ok() {
            match page.evaluate(&read, &[]).await {
                Ok(value) => values.push(value),
                Err(error) => debug!(%error, "a frame could not be read"),
            }
            page.leave_frames().await?;
        }
    }
    Ok(values)
}

/// The origins of the documents that were loaded.
fn documents(traffic: &[Exchange]) -> BTreeSet<Origin> {
    let documents = traffic.iter().filter(|x| x.is_document() && x.status.is_some_and(|s| s < 300));
    documents.filter_map(|x| Origin::of(&x.url.parse().ok()?)).collect()
}

fn origin_of(value: &Value) -> Option<Origin> {
    Origin::parse(value["origin"].as_str()?).ok()
}

fn state_of(value: &Value, lost: &mut Vec<String>) -> Option<OriginState> {
    lost.extend(value["lost"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
    let databases = value["indexedDB"].as_array().into_iter().flatten().cloned().filter_map(Database::new);
    Some(OriginState {
        local_storage: items(&value["localStorage"]),
        indexed_db: databases.collect(),
        ..OriginState::new(origin_of(value)?)
    })
}

fn items(value: &Value) -> Vec<Item> {
    let list = value.as_array().into_iter().flatten();
    list.filter_map(|e| Some(Item::new(e["name"].as_str()?, e["value"].as_str()?))).collect()
}
