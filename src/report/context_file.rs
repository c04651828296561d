//! The configuration that a login was found to need, ready to be used.

use std::fmt::Write as _;

use url::Position;

use crate::session::{
    Check, Credential, HttpScheme, Indicator, Method, Recipe, State, TotpAlgorithm, TotpRecipe,
};

/// A context file for a session: where it was made, by whom, how it is proven and carried.
///
/// `None` where the session does not tell how it was made. The password is named by its reference only.
#[must_use]
pub fn context_file(state: &State) -> Option<String> {
    let recipe = state.recipe.as_ref()?;
    let page = &recipe.login_url;
    let host = page.host_str().unwrap_or("application");
    let mut text = format!(
        "# What a login at {} was found to need.\ncontexts:\n  - name: {}\n    urls: [{}]\n",
        &page[..Position::AfterPath],
        quoted(host),
        urls(state).join(", "),
    );
    text.push_str(&authentication(&state.method, recipe, host));
    text.push_str(&verification(state.check.as_ref()));
    text.push_str(&management(&state.method));
    let user = recipe.username.as_deref();
    let _ =
        write!(text, "    users:\n      - name: {}\n        credentials:\n", quoted(user.unwrap_or("user")));
    if let Some(user) = user {
        let _ = writeln!(text, "          username: {}", quoted(user));
    }
    text.push_str(&password(recipe.password.as_ref()));
    text.push_str(&recipe.totp.as_ref().map(totp).unwrap_or_default());
    Some(text)
}

fn authentication(method: &Method, recipe: &Recipe, host: &str) -> String {
    let page = &recipe.login_url;
    let (word, parameters) = match (method, &recipe.steps) {
        (Method::Http { .. }, _) => {
            let port = page.port_or_known_default().unwrap_or_default();
            ("http", format!("hostname: {}\n        port: {port}", quoted(host)))
        }
        (_, Some(file)) => ("client", format!("recipe: {}", quoted(&file.to_string_lossy()))),
        _ => ("browser", format!("loginPageUrl: {}", quoted(page.as_str()))),
    };
    format!("    authentication:\n      method: {word}\n      parameters:\n        {parameters}\n")
}

/// The login page's own origin, then the others that the session belongs to.
fn urls(state: &State) -> Vec<String> {
    let page = state.recipe.iter().filter_map(|recipe| crate::site::Origin::of(&recipe.login_url));
    let mut urls: Vec<String> = Vec::new();
    for origin in page.chain(state.scope.iter().cloned()) {
        let url = quoted(&format!("{origin}/"));
        if !urls.contains(&url) {
            urls.push(url);
        }
    }
    urls
}

fn verification(check: Option<&Check>) -> String {
    let patterns = check.and_then(|check| Some((check, patterns(&check.indicator)?)));
    let Some((check, (logged_in, logged_out))) = patterns else {
        return "    verification:\n      method: autodetect\n".to_owned();
    };
    let mut text =
        format!("    verification:\n      method: poll\n      pollUrl: {}\n", quoted(check.url.as_str()));
    for (key, pattern) in [("loggedInRegex", logged_in), ("loggedOutRegex", logged_out)] {
        if let Some(pattern) = pattern {
            let _ = writeln!(text, "      {key}: {}", quoted(&pattern));
        }
    }
    text
}

/// The patterns of a user's and of a stranger's answer that say the same; `None` where no pattern can.
fn patterns(indicator: &Indicator) -> Option<(Option<String>, Option<String>)> {
    let status = |code: u16| format!("HTTP/1\\.1 {code} ");
    Some(match indicator {
        Indicator::Status { logged_in, logged_out } => (Some(status(*logged_in)), Some(status(*logged_out))),
        Indicator::Body { contains } => (Some(format!("\\Q{contains}\\E")), None),
        Indicator::Redirect { logged_out_to } => {
            (None, Some(format!("(?i)\\nlocation: [^\\r\\n]*\\Q{}\\E", path(logged_out_to))))
        }
        Indicator::Pattern { logged_in, logged_out } => (logged_in.clone(), logged_out.clone()),
        _ => return None,
    })
}

/// Servers redirect to whole addresses and to paths.
fn path(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.find('/').map_or(address, |at| &rest[at..])
}

fn management(method: &Method) -> String {
    let mut text = format!("    sessionManagement:\n      method: {}\n", method.word());
    match method {
        Method::Headers { headers } => {
            text.push_str("      parameters:\n");
            for header in headers {
                let (name, value) = (quoted(&header.name), quoted(&header.value.to_string()));
                let _ = writeln!(text, "        {name}: {value}");
            }
        }
        Method::Http { scheme } => {
            let scheme = match scheme {
                HttpScheme::Basic => "basic",
                HttpScheme::Digest => "digest",
                HttpScheme::Bearer => "bearer",
            };
            let _ = writeln!(text, "      parameters: {{scheme: {scheme}}}");
        }
        Method::Script { file, .. } => {
            let _ = writeln!(text, "      parameters: {{script: {}}}", quoted(&file.to_string_lossy()));
        }
        _ => {}
    }
    text
}

fn password(reference: Option<&Credential>) -> String {
    match reference {
        Some(Credential::Env(name)) => format!("          passwordEnv: {}\n", quoted(name)),
        Some(Credential::File(path)) => {
            format!("          passwordFile: {}\n", quoted(&path.to_string_lossy()))
        }
        Some(Credential::Command(line)) => format!("          passwordCommand: {}\n", quoted(line)),
        None => {
            "          passwordEnv: PASSWORD    # where the password is; it came without a name\n".to_owned()
        }
    }
}

fn totp(totp: &TotpRecipe) -> String {
    let (key, value) = match &totp.secret {
        Credential::Env(name) => ("secretEnv", quoted(name)),
        Credential::File(path) => ("secretFile", quoted(&path.to_string_lossy())),
        Credential::Command(line) => ("secretCommand", quoted(line)),
    };
    let algorithm = match totp.algorithm {
        TotpAlgorithm::Sha1 => "SHA1",
        TotpAlgorithm::Sha256 => "SHA256",
        TotpAlgorithm::Sha512 => "SHA512",
    };
    let (period, digits) = (totp.period, totp.digits);
    format!(
        "          totp: {{{key}: {value}, period: {period}, digits: {digits}, algorithm: {algorithm}}}\n"
    )
}

/// A text as YAML takes it: in the notation of JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::{
        context::{Config, Strategy},
        site::Origin,
    };

    fn session(indicator: Indicator) -> State {
        State {
            recipe: Some(Recipe {
                login_url: "https://shop.example/#/login".parse().unwrap(),
                username: Some("anna: \"a\"".into()),
                password: Some(Credential::Env("ANNA".into())),
                totp: Some(TotpRecipe::usual(Credential::Env("ANNA_TOTP".into()))),
                steps: None,
            }),
            scope: vec![Origin::parse("https://api.shop.example").unwrap()],
            check: Some(Check {
                method: "GET".into(),
                url: "https://api.shop.example/me".parse().unwrap(),
                headers: Vec::new(),
                body: None,
                indicator,
                evidence: String::new(),
            }),
            ..State::default()
        }
    }

    fn read(state: &State) -> Config {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("handstamp.yaml");
        fs::write(&file, context_file(state).unwrap()).unwrap();
        Config::read(&file, &|_| None).unwrap()
    }

    #[test]
    fn it_is_read_back_as_it_was_meant() {
        let state = session(Indicator::Status { logged_in: 200, logged_out: 401 });
        let config = read(&state);
        let (context, user) = config.find(None, None).unwrap();
        assert_eq!(context.name, "shop.example");
        assert_eq!(context.urls.len(), 2, "{:?}", context.urls);
        assert_eq!(user.username.as_deref(), Some("anna: \"a\""));
        assert_eq!(user.totp.as_ref().map(|totp| totp.digits), Some(6));
        let verification = &context.verification;
        assert!(matches!(&verification.strategy, Strategy::Poll(poll) if poll.url.path() == "/me"));
        let logged_in = verification.logged_in.as_ref().unwrap();
        assert!(
            logged_in.finds("HTTP/1.1 200 OK\r\n") == Some(true)
                && logged_in.finds("HTTP/1.1 401 No\r\n") == Some(false)
        );
    }

    #[test]
    fn what_no_pattern_can_say_is_left_to_be_found_again() {
        let shape = Indicator::Shape { logged_in: vec![1], logged_out: vec![2] };
        assert!(context_file(&session(shape)).unwrap().contains("method: autodetect"));
        assert_eq!(context_file(&State::default()), None);
    }

    #[test]
    fn a_redirection_is_found_by_its_path() {
        let to = Indicator::Redirect { logged_out_to: "https://shop.example/login".into() };
        let config = read(&session(to));
        let logged_out = config.contexts[0].verification.logged_out.clone().unwrap();
        assert!(logged_out.finds("HTTP/1.1 302 Found\r\nlocation: /login?next=/\r\n") == Some(true));
        assert!(logged_out.finds("HTTP/1.1 200 OK\r\n") == Some(false));
    }
}
