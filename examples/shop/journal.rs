//! The record of requests: one JSON line each.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde_json::json;

use crate::shop::Shop;

/// What is written about one request.
#[derive(Debug, Serialize)]
pub(crate) struct Entry {
    method: String,
    path: String,
    /// The template of the route that answered, if one did.
    pub(crate) template: Option<&'static str>,
    /// The HTTP status of the answer.
    pub(crate) status: u16,
    /// The email of the user that the answer was for.
    pub(crate) authenticated: Option<String>,
    /// Whether there was an Authorization header at all.
    pub(crate) has_authorization: bool,
    /// Whether that header held a token that is good now.
    pub(crate) header_token_valid: bool,
    /// Whether the cookie `token` held a token that is good now.
    pub(crate) cookie_token_valid: bool,
}

impl Entry {
    /// An entry about which only the request line is known.
    pub(crate) fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            template: None,
            status: 0,
            authenticated: None,
            has_authorization: false,
            header_token_valid: false,
            cookie_token_valid: false,
        }
    }
}

/// Where entries go.
#[derive(Debug)]
pub(crate) struct Journal(Option<Mutex<File>>);

impl Journal {
    /// Starts a new file at `path`, or keeps nothing but the last few.
    pub(crate) fn open(path: Option<&Path>) -> std::io::Result<Self> {
        Ok(Self(path.map(File::create).transpose()?.map(Mutex::new)))
    }

    /// Writes an entry to the file, and into the shop for its administrator.
    pub(crate) fn write(&self, entry: &Entry, shop: &mut Shop) {
        shop.recent.push_back(json!({"method": entry.method, "path": entry.path, "status": entry.status}));
        while shop.recent.len() > RECENT {
            shop.recent.pop_front();
        }
        let (Some(file), Ok(line)) = (&self.0, serde_json::to_string(entry)) else { return };
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = writeln!(file, "{line}") {
            eprintln!("shop: the log cannot be written: {error}");
        }
    }
}

/// How many entries the administrator sees.
const RECENT: usize = 20;
