//! The facts of environment and terminal, read once.

use std::{
    env,
    io::{IsTerminal as _, stderr},
    path::PathBuf,
};

use directories::ProjectDirs;

use crate::session::Credential;

/// What the surroundings say; `main` reads it and passes it on.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Where sessions and the certificate authority are kept.
    pub home: PathBuf,
    /// Where the key is that the sessions are encrypted with, if they are.
    pub store_key: Option<Credential>,
    /// Whether a person sees stderr.
    pub is_terminal: bool,
}

impl Environment {
    /// Reads it: `$HANDSTAMP_HOME`, else the user's data directory.
    #[must_use]
    pub fn read() -> Self {
        let own = env::var_os("HANDSTAMP_HOME").filter(|h| !h.is_empty()).map(PathBuf::from);
        let users = || ProjectDirs::from("", "", "handstamp").map(|d| d.data_dir().to_owned());
        let home = own.or_else(users).unwrap_or_else(|| PathBuf::from(".handstamp"));
        let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
        let file = || set("HANDSTAMP_STORE_KEY_FILE").map(|path| Credential::File(path.into()));
        let store_key =
            set("HANDSTAMP_STORE_KEY").map(|_| Credential::Env("HANDSTAMP_STORE_KEY".into())).or_else(file);
        Self { home, store_key, is_terminal: stderr().is_terminal() }
    }
}
