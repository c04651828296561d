//! What puts a session back into a browser that is open already and has lost its copy.

use serde_json::{Value, json};

use super::browser::{embed, entries, to_browser};
use crate::{
    browser::{self, script},
    session::{Database, OriginState, State},
};

/// The cookies of a session as a browser takes them.
#[must_use]
pub fn browser_cookies(state: &State) -> Vec<browser::Cookie> {
    state.cookies.iter().map(to_browser).collect()
}

/// Whether an origin has anything that a script has to write.
#[must_use]
pub fn has_storage(origin: &OriginState) -> bool {
    !(origin.local_storage.is_empty() && origin.session_storage.is_empty() && origin.indexed_db.is_empty())
}

/// The body of a script that writes all of an origin's storage, over what is there, on a page of that origin.
///
/// Databases are deleted before, for only a new one takes what is put into it before anybody opens it.
#[must_use]
pub fn rewriting(origin: &OriginState) -> String {
    let databases: Vec<&Value> = origin.indexed_db.iter().map(Database::expose).collect();
    let data = json!({ "localStorage": entries(&origin.local_storage), "indexedDB": databases });
    let (write, data, tab) =
        (script("storage-write"), embed(&data), embed(&entries(&origin.session_storage)));
    format!(
        "const data = {data}; for (const {{ name, value }} of {tab}) try {{ sessionStorage.setItem(name, value); }} catch {{}}
         const gone = ({{ name }}) => new Promise((done) => {{ const r = indexedDB.deleteDatabase(name);
           r.onsuccess = r.onerror = r.onblocked = done; }});
         return Promise.all(data.indexedDB.map(gone)).then(() => ({write})(data))"
    )
}
