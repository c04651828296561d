//! The HTTP sessions of ZAP's sites: cookies that are forced onto every request to a host and port.
//!
//! A session of a site keeps the site's names of tokens as they are when it is made: made before there is one, it puts
//! nothing on any request, for ever. So names come first, then the session, then values. See `HttpSessions` of ZAP.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Api, Error, Goods, Receipt, abilities::text, receipt::SiteReceipt};
use crate::session::Secret;

/// Puts the cookies into an HTTP session of each site, and makes it the active one.
pub(super) async fn keep(api: &Api, goods: &Goods, receipt: &mut Receipt) -> Result<(), Error> {
    let name = goods.names.session();
    for (site, cookies) in &goods.sites {
        let site = Site { api, key: site, name: &name };
        site.keep(cookies, receipt).await?;
    }
    let gone: Vec<_> =
        receipt.sites.keys().filter(|site| !goods.sites.contains_key(*site)).cloned().collect();
    for site in gone {
        take_away(api, &name, &site, receipt).await?;
    }
    Ok(())
}

/// Removes the session and the names that were added, and makes active again what was before.
pub(super) async fn take_away(api: &Api, name: &str, site: &str, receipt: &mut Receipt) -> Result<(), Error> {
    let Some(pushed) = receipt.sites.get(site).cloned() else { return Ok(()) };
    let place = Site { api, key: site, name };
    place.find("removeSession", &[("session", name)]).await?;
    if let Some(active) = &pushed.active {
        place.find("setActiveSession", &[("session", active)]).await?;
    }
    for token in &pushed.tokens {
        place.find("removeSessionToken", &[("sessionToken", token)]).await?;
    }
    receipt.sites.remove(site);
    Ok(())
}

/// A site, and the name of our session there.
struct Site<'a> {
    api: &'a Api,
    key: &'a str,
    name: &'a str,
}

impl Site<'_> {
    async fn keep(&self, cookies: &BTreeMap<String, Secret>, receipt: &mut Receipt) -> Result<(), Error> {
        let known = receipt.sites.get(self.key).cloned();
        let had_tokens = self.add_tokens(cookies, receipt).await?;
        let mut is_there = self.sessions().await?.iter().any(|session| session == self.name);
        // One that others made, or that was made before the site had names, is of no use.
        if is_there && (known.is_none() || !had_tokens) {
            self.find("removeSession", &[("session", self.name)]).await?;
            is_there = false;
        }
        if !is_there {
            let active = self.active().await?;
            receipt.sites.entry(self.key.to_owned()).or_default().active = active;
            self.act("createEmptySession", &[("session", self.name)]).await?;
        }
        for (token, value) in cookies {
            let form = [("session", self.name), ("sessionToken", token), ("tokenValue", value.expose())];
            self.act("setSessionTokenValue", &form).await?;
        }
        let pushed = receipt.sites.entry(self.key.to_owned()).or_default();
        let before = std::mem::replace(&mut pushed.cookies, cookies.keys().cloned().collect());
        self.drop_tokens(before, pushed).await?;
        self.act("setActiveSession", &[("session", self.name)]).await
    }

    /// Adds the names that are missing; tells whether there was one.
    async fn add_tokens(
        &self,
        cookies: &BTreeMap<String, Secret>,
        receipt: &mut Receipt,
    ) -> Result<bool, Error> {
        let tokens = texts(&self.view("sessionTokens").await?["session_tokens"]);
        for name in cookies.keys().filter(|name| !tokens.contains(*name)) {
            self.act("addSessionToken", &[("sessionToken", name)]).await?;
            let pushed = receipt.sites.entry(self.key.to_owned()).or_default();
            pushed.tokens.insert(name.clone());
        }
        Ok(!tokens.is_empty())
    }

    /// Takes values away that the session has lost: ZAP forgets them with the name.
    async fn drop_tokens(&self, before: BTreeSet<String>, pushed: &mut SiteReceipt) -> Result<(), Error> {
        let lost: Vec<_> = before.difference(&pushed.cookies).cloned().collect();
        for name in lost {
            self.act("removeSessionToken", &[("sessionToken", &name)]).await?;
            if !pushed.tokens.remove(&name) {
                self.act("addSessionToken", &[("sessionToken", &name)]).await?;
            }
        }
        Ok(())
    }

    async fn sessions(&self) -> Result<Vec<String>, Error> {
        let answer = self.view("sessions").await?;
        let all = answer["sessions"].as_array().into_iter().flatten();
        Ok(all.map(|session| text(&session["session"][0])).collect())
    }

    /// The session that others made active.
    async fn active(&self) -> Result<Option<String>, Error> {
        let active = text(&self.view("activeSession").await?["active_session"]);
        Ok(Some(active).filter(|active| !active.is_empty() && active != self.name))
    }

    /// A view of the site; nothing where ZAP does not know it yet.
    async fn view(&self, name: &str) -> Result<Value, Error> {
        let call = format!("httpSessions/view/{name}");
        let found = self.api.find(&call, &[("site", self.key)], UNKNOWN).await?;
        Ok(found.unwrap_or_default())
    }

    async fn act(&self, name: &str, form: &[(&str, &str)]) -> Result<(), Error> {
        let form = [&[("site", self.key)], form].concat();
        self.api.call(&format!("httpSessions/action/{name}"), &form).await.map(drop)
    }

    /// Does what may have been done already.
    async fn find(&self, name: &str, form: &[(&str, &str)]) -> Result<(), Error> {
        let form = [&[("site", self.key)], form].concat();
        self.api.find(&format!("httpSessions/action/{name}"), &form, UNKNOWN).await.map(drop)
    }
}

pub(super) fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().map(text).collect()
}

/// What ZAP says of a site or session that is not there.
const UNKNOWN: &[&str] = &["illegal_parameter", "does_not_exist", "internal_error"];
