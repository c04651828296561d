//! What carries one session beside its own parts.

use std::{collections::HashMap, sync::Arc};

use super::login::Login;
use crate::{
    inject::{self, HttpAuth, Mode, Scripted, Stamp},
    session::Shared,
    site::Scope,
};

/// The stamps, the credentials and the script of the session of one number.
#[derive(Debug)]
pub(super) struct Carriers {
    epoch: Option<u64>,
    pub(super) stamps: HashMap<Mode, Arc<Stamp>>,
    pub(super) auth: Option<Arc<HttpAuth>>,
    /// The reason where there is one that cannot be loaded.
    script: Loaded,
}

impl Default for Carriers {
    fn default() -> Self {
        Self { epoch: None, stamps: HashMap::new(), auth: None, script: Ok(None) }
    }
}

type Loaded = Result<Option<Arc<Scripted>>, String>;

impl Carriers {
    pub(super) fn new(epoch: u64, login: &impl Login, shared: &Shared, scope: &Scope) -> Self {
        let state = shared.snapshot();
        let auth = login.http_auth(&state);
        let stamp = |mode| Arc::new(Stamp::new(shared.clone(), scope.clone(), mode).with_auth(auth.clone()));
        Self {
            epoch: Some(epoch),
            stamps: [Mode::Force, Mode::Fill, Mode::Follow].map(|mode| (mode, stamp(mode))).into(),
            script: login.script(&state, scope).map_err(|error| error.to_string()),
            auth,
        }
    }

    /// The script that carries the session, where one does. Fails where it cannot be loaded.
    pub(super) fn script(&self) -> Result<Option<Arc<Scripted>>, inject::Error> {
        self.script.clone().map_err(|reason| inject::Error::Unloaded { reason })
    }

    /// Whether they are those of the session of this number.
    pub(super) fn are_of(&self, epoch: u64) -> bool {
        self.epoch == Some(epoch)
    }
}
