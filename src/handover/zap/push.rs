//! Puts a session into ZAP, and keeps it up.

use serde::Serialize;

use super::{Api, Error, Goods, Note, Receipt, abilities::Abilities, context, cookies, headers, sites};

/// What a push has done; it goes on through [`Pushed::renew`].
#[derive(Debug, Clone)]
pub struct Pushed {
    abilities: Abilities,
    /// What ZAP does not carry as it is.
    pub notes: Vec<Note>,
    /// What is there now.
    pub parts: Parts,
}

/// What of a session is in ZAP.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Parts {
    /// The sites that have an HTTP session, as `host:port`.
    pub sites: Vec<String>,
    /// How many cookies the user has.
    pub cookies: usize,
    /// How many headers are set by rules.
    pub rules: usize,
    /// How many headers are set by variables.
    pub variables: usize,
}

/// Makes or updates the context, its user and all that carries the session; a second time it changes nothing.
///
/// The receipt is filled as far as it came, also when this fails: keep it in any case.
pub async fn push(api: &Api, goods: &Goods, receipt: &mut Receipt) -> Result<Pushed, Error> {
    let abilities = Abilities::of(api).await?;
    let notes = context::keep(api, goods, &abilities, receipt).await?;
    let mut pushed = Pushed { abilities, notes: Vec::new(), parts: Parts::default() };
    pushed.renew(api, goods, receipt).await?;
    pushed.notes.extend(notes);
    pushed.notes.sort();
    Ok(pushed)
}

impl Pushed {
    /// The version of ZAP.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.abilities.version
    }

    /// Takes the newest values of the session to where the first ones are. Settings stay as they are.
    ///
    /// Fails as [`push`] does, also where ZAP has lost the context or user meanwhile: then push anew.
    pub async fn renew(&mut self, api: &Api, goods: &Goods, receipt: &mut Receipt) -> Result<(), Error> {
        sites::keep(api, goods, receipt).await?;
        let mut notes = goods.notes.clone();
        notes.extend(headers::keep(api, goods, self.abilities.headers, receipt).await?);
        cookies::keep(api, goods, receipt).await?;
        notes.extend(context::credentials(api, goods, receipt).await?);
        notes.sort();
        self.notes = notes;
        self.parts = Parts {
            sites: receipt.sites.keys().cloned().collect(),
            cookies: receipt.cookies.len(),
            rules: receipt.rules.len(),
            variables: usize::from(!receipt.variables.is_empty()),
        };
        Ok(())
    }

    /// Whether ZAP still has the context; another start of it may have forgotten all.
    pub async fn is_there(&self, api: &Api, goods: &Goods, receipt: &Receipt) -> Result<bool, Error> {
        context::is_there(api, &goods.names.context, receipt).await
    }
}
