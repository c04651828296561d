//! The sessions of each site with their named tokens, as ZAP's HTTP sessions have them: one view of the store.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, params};
use url::Url;

use super::{Error, State};
use crate::site::Origin;

/// Which cookies carry a session at which site, and which session is active there.
///
/// A site is `host:port`, in lower case, as ZAP writes it.
#[derive(Debug, Clone)]
pub struct Sites(pub(super) Arc<Mutex<Connection>>);

impl Sites {
    /// The site of a URL; nothing for URLs without a host.
    #[must_use]
    pub fn site_of(url: &Url) -> Option<String> {
        let origin = Origin::of(url)?;
        Some(format!("{}:{}", origin.host(), origin.port()))
    }

    /// The token names that hold for every site, and whether each is on. Case does not matter for these.
    pub fn default_tokens(&self) -> Result<Vec<(String, bool)>, Error> {
        let database = self.lock();
        let mut all = database.prepare("SELECT name, enabled FROM default_tokens ORDER BY name")?;
        let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Adds a token name for every site, or turns one on or off.
    pub fn set_default_token(&self, name: &str, is_on: bool) -> Result<(), Error> {
        self.lock().execute(
            "INSERT OR REPLACE INTO default_tokens (name, enabled) VALUES (?1, ?2)",
            params![name, is_on],
        )?;
        Ok(())
    }

    /// Removes a token name of every site. Returns whether there was one.
    pub fn remove_default_token(&self, name: &str) -> Result<bool, Error> {
        Ok(self.lock().execute("DELETE FROM default_tokens WHERE name = ?1", [name])? > 0)
    }

    /// The token names that were given to one site.
    pub fn tokens(&self, site: &str) -> Result<Vec<String>, Error> {
        let database = self.lock();
        let mut all = database.prepare("SELECT name FROM site_tokens WHERE site = ?1 ORDER BY name")?;
        let rows = all.query_map([site], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Gives a site a token name. Returns whether it was new.
    pub fn add_token(&self, site: &str, name: &str) -> Result<bool, Error> {
        let row = params![site, name];
        Ok(self.lock().execute("INSERT OR IGNORE INTO site_tokens (site, name) VALUES (?1, ?2)", row)? > 0)
    }

    /// Takes a token name from a site. Returns whether it had it.
    pub fn remove_token(&self, site: &str, name: &str) -> Result<bool, Error> {
        Ok(self
            .lock()
            .execute("DELETE FROM site_tokens WHERE site = ?1 AND name = ?2", params![site, name])?
            > 0)
    }

    /// The session that is active at a site.
    pub fn active(&self, site: &str) -> Result<Option<String>, Error> {
        let row =
            self.lock()
                .query_row("SELECT session FROM active_sessions WHERE site = ?1", [site], |row| row.get(0));
        Ok(row.optional()?)
    }

    /// The active session of each site that has one.
    pub fn all_active(&self) -> Result<Vec<(String, String)>, Error> {
        let database = self.lock();
        let mut all = database.prepare("SELECT site, session FROM active_sessions ORDER BY site")?;
        let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Makes a session the active one at a site, or none.
    pub fn activate(&self, site: &str, session: Option<&str>) -> Result<(), Error> {
        match session {
            Some(name) => self.lock().execute(
                "INSERT OR REPLACE INTO active_sessions (site, session) VALUES (?1, ?2)",
                params![site, name],
            )?,
            None => self.lock().execute("DELETE FROM active_sessions WHERE site = ?1", [site])?,
        };
        Ok(())
    }

    /// The names of the cookies of a state that are tokens at a site: by the names of every site, and by its own.
    pub fn tokens_in(&self, site: &str, url: &Url, state: &State) -> Result<Vec<String>, Error> {
        let (own, all) = (self.tokens(site)?, self.default_tokens()?);
        let is_token = |name: &str| {
            own.iter().any(|own| own == name)
                || all.iter().any(|(token, is_on)| *is_on && token.eq_ignore_ascii_case(name))
        };
        let cookies = state.cookies_for(url, super::now());
        Ok(cookies.iter().filter(|c| is_token(&c.name)).map(|c| c.name.clone()).collect())
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Store;

    fn sites() -> (tempfile::TempDir, Sites) {
        let home = tempfile::tempdir().unwrap();
        let sites = Store::open(home.path()).unwrap().sites();
        (home, sites)
    }

    #[test]
    fn a_site_is_host_and_port_in_lower_case() {
        let site = |url: &str| Sites::site_of(&url.parse().unwrap()).unwrap();
        assert_eq!(site("https://Shop.Example/x"), "shop.example:443");
        assert_eq!(site("http://127.0.0.1:3000"), "127.0.0.1:3000");
    }

    #[test]
    fn tokens_are_those_of_every_site_that_are_on_and_those_of_the_site() {
        let (_home, sites) = sites();
        let url: Url = "https://shop.example/".parse().unwrap();
        let mut state = State::default();
        for line in ["PHPSESSID=1", "cart=2", "lang=en"] {
            state.receive_cookie(line, &url, crate::session::now());
        }
        let tokens = || sites.tokens_in("shop.example:443", &url, &state).unwrap();
        assert_eq!(tokens(), ["PHPSESSID"]);
        assert!(sites.add_token("shop.example:443", "cart").unwrap());
        assert!(!sites.add_token("shop.example:443", "cart").unwrap());
        assert_eq!(tokens(), ["PHPSESSID", "cart"]);
        sites.set_default_token("phpsessid", false).unwrap();
        assert_eq!(tokens(), ["cart"]);
        assert!(sites.remove_token("shop.example:443", "cart").unwrap());
        assert!(tokens().is_empty());
    }

    #[test]
    fn one_session_is_active_at_a_site() {
        let (_home, sites) = sites();
        sites.activate("a.test:80", Some("one")).unwrap();
        sites.activate("a.test:80", Some("two")).unwrap();
        assert_eq!(sites.active("a.test:80").unwrap().as_deref(), Some("two"));
        sites.activate("a.test:80", None).unwrap();
        assert_eq!(sites.active("a.test:80").unwrap(), None);
    }
}
