//! Makes contexts of their keys.

use std::{collections::BTreeMap, time::Duration};

use url::Url;

use super::{fit::Fitting, value::Fields, yaml::At};
use crate::{
    context::{Authentication, Context, Logout, Renewal, User, Verification, words::nearest},
    session::Secret,
    site::Pattern,
};

impl Fitting<'_> {
    /// A context, with nothing in place of what does not fit.
    pub(super) fn context(&mut self, mut fields: Fields) -> Context {
        let mut login: Option<Fields> = fields.take("authentication");
        let verification = self.one_verification(&mut fields, login.as_mut());
        let authentication = login.and_then(|f| self.authentication(f)).unwrap_or_default();
        let users = self.users(&mut fields, &authentication);
        Context {
            name: fields.take("name").unwrap_or_default(),
            urls: items(fields.take("urls")),
            include: items::<Pattern>(fields.take("includePaths")),
            exclude: items::<Pattern>(fields.take("excludePaths")),
            verification,
            management: fields.take("sessionManagement").map(|f| self.management(f)).unwrap_or_default(),
            forced_user: self.forced(&mut fields, &users),
            logout: fields.take("logout").and_then(logout),
            renewal: fields.take("renewal").map(renewal).unwrap_or_default(),
            authentication,
            users,
        }
    }

    /// The verification: beside the authentication, or inside it, as in ZAP's plans.
    fn one_verification(&mut self, fields: &mut Fields, login: Option<&mut Fields>) -> Verification {
        let outer: Option<Fields> = fields.take("verification");
        let inner: Option<(At, Fields)> = login.and_then(|login| login.take_at("verification"));
        if let (Some(_), Some((at, inner))) = (&outer, &inner) {
            let hint = "leave one of them out".to_owned();
            self.problem(*at, &inner.way, "the context has a verification of its own", Some(hint));
        }
        outer.or(inner.map(|(_, f)| f)).map(|f| self.verification(f)).unwrap_or_default()
    }

    fn users(&mut self, fields: &mut Fields, authentication: &Authentication) -> Vec<User> {
        let all: Vec<(At, Fields)> = fields.take("users").unwrap_or_default();
        let (mut users, mut names) = (Vec::new(), BTreeMap::new());
        for (at, fields) in all {
            let (way, place) = (fields.to("name"), fields.place("name").unwrap_or(at));
            let user = self.user(fields, authentication);
            self.name_once(&mut names, &user.name, place, &way);
            users.push(user);
        }
        users
    }

    fn forced(&mut self, fields: &mut Fields, users: &[User]) -> Option<String> {
        let (at, name) = fields.take_at::<String>("forcedUser")?;
        if !users.iter().any(|user| user.name == name) {
            let hint = nearest(&name, users.iter().map(|u| u.name.as_str()));
            self.problem(at, &fields.to("forcedUser"), format!("there is no user `{name}` here"), Some(hint));
        }
        Some(name)
    }
}

fn logout(mut fields: Fields) -> Option<Logout> {
    let body: Option<Secret> = fields.take("body");
    let method = method(fields.take("method"), body.as_ref());
    Some(Logout { url: fields.take::<Url>("url")?, method, body })
}

/// The method of a request, by default after whether it has a body.
pub(super) fn method(told: Option<&'static str>, body: Option<&Secret>) -> String {
    told.unwrap_or(if body.is_some() { "POST" } else { "GET" }).to_owned()
}

fn renewal(mut fields: Fields) -> Renewal {
    let mut seconds = |key| fields.take::<u32>(key).map(|s| Duration::from_secs(s.into()));
    let (back_off, before_expiry) = (seconds("backOff"), seconds("beforeExpiry"));
    Renewal { max_failures: fields.take("maxFailures"), back_off, before_expiry }
}

fn items<T>(list: Option<Vec<(At, T)>>) -> Vec<T> {
    list.into_iter().flatten().map(|(_, item)| item).collect()
}
