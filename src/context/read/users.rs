//! Makes users of their keys.

use std::collections::BTreeMap;

use super::{fit::Fitting, value::Fields};
use crate::{
    context::{
        Authentication, SecretSource, Totp, User,
        words::{list, near, nearest},
    },
    session::{Credential, TotpAlgorithm},
};

impl Fitting<'_> {
    /// A user, with nothing in place of what does not fit.
    pub(super) fn user(&mut self, mut fields: Fields, authentication: &Authentication) -> User {
        let name = fields.take("name").unwrap_or_default();
        let Some(mut credentials) = fields.take::<Fields>("credentials") else {
            return User { name, username: None, password: None, totp: None, more: BTreeMap::new() };
        };
        let types = !matches!(
            authentication,
            Authentication::Manual | Authentication::Script(_) | Authentication::Client(_)
        );
        if types && !PASSWORD.iter().any(|key| credentials.has(key)) {
            self.remark(credentials.at, &credentials.way, "there is no password to log in with", None);
        }
        User {
            name,
            username: credentials.take("username"),
            password: self.source(&mut credentials, "password"),
            totp: credentials.take("totp").and_then(|f| self.totp(f)),
            more: self.more(credentials, authentication),
        }
    }

    /// A secret in clear or by reference, from the keys `name`, `nameEnv`, `nameFile` and `nameCommand`.
    fn source(&mut self, fields: &mut Fields, name: &str) -> Option<SecretSource> {
        let keys = [name.to_owned(), format!("{name}Env"), format!("{name}File"), format!("{name}Command")];
        let [clear, env, file, command] = &keys;
        let mut given: Vec<_> =
            keys.iter().filter_map(|key| Some((fields.place(key)?, key.as_str()))).collect();
        given.sort_unstable();
        if let [(_, first), rest @ ..] = given.as_slice() {
            for (at, key) in rest {
                let hint = "leave all but one of them out".to_owned();
                self.problem(*at, &fields.to(key), format!("`{first}` says it already"), Some(hint));
            }
        }
        let reference = |credential| Some(SecretSource::Reference(credential));
        let clear = fields.take(clear);
        let env = fields.take(env).map(Credential::Env);
        let file = fields.take(file).map(Credential::File);
        let command = fields.take(command).map(Credential::Command);
        clear.or_else(|| env.or(file).or(command).and_then(reference))
    }

    fn totp(&mut self, mut fields: Fields) -> Option<Totp> {
        let keys = ["secret", "secretEnv", "secretFile", "secretCommand"];
        let is_told = keys.iter().any(|key| fields.has(key));
        let secret = self.source(&mut fields, "secret");
        if !is_told {
            let hint = format!("write one of {}", list(keys.into_iter()));
            self.problem(fields.at, &fields.way, "`secret` is missing", Some(hint));
        }
        let algorithm = match fields.take("algorithm") {
            Some("SHA256") => TotpAlgorithm::Sha256,
            Some("SHA512") => TotpAlgorithm::Sha512,
            _ => TotpAlgorithm::Sha1,
        };
        let (period, digits) = (fields.take("period").unwrap_or(30), fields.take("digits").unwrap_or(6));
        Some(Totp { secret: secret?, period, digits, algorithm })
    }

    /// What a login script or a form in a browser asks for. Other methods ask for nothing more.
    fn more(&mut self, fields: Fields, authentication: &Authentication) -> BTreeMap<String, SecretSource> {
        let is_script = matches!(authentication, Authentication::Script(_) | Authentication::Client(_));
        for (key, at, _) in &fields.rest {
            let way = fields.to(key);
            let near = near(key, fields.shape.names());
            if matches!(authentication, Authentication::Browser(_)) && near.is_none() {
                continue;
            }
            if !is_script {
                let hint = nearest(key, fields.shape.names());
                self.problem(*at, &way, "there is no such key here; only scripts ask for more", Some(hint));
            } else if let Some(near) = near {
                let hint = format!("did you mean `{near}`?");
                self.remark(*at, &way, "it is taken for a parameter of the script", Some(hint));
            }
        }
        fields.rest.into_iter().map(|(key, _, source)| (key, source)).collect()
    }
}

/// The keys that give a password.
const PASSWORD: [&str; 4] = ["password", "passwordEnv", "passwordFile", "passwordCommand"];
