//! What an exchange says of the session that it carried.

use http::{HeaderMap, StatusCode, header::LOCATION};
use url::Url;

use super::watch::Watch;
use crate::{
    inject::is_denial,
    session::{Indicator, State},
    verify,
};

/// What one exchange says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sign {
    /// Nothing against the session.
    Nothing,
    /// It looks like what strangers get; the words name no secret.
    Suspect(String),
    /// It is what strangers get, by a pattern that was given.
    Dead(String),
}

/// Judges an answer by its status and where it leads: denials, and redirects to the login.
pub(super) fn of_head(state: &State, url: &Url, status: StatusCode, headers: &HeaderMap) -> Sign {
    let said = |what: &str| Sign::Suspect(format!("{}: {what}", url.path()));
    match status.as_u16() {
        code if is_denial(status) => said(&code.to_string()),
        300..=399 => match target(url, headers) {
            Some(to) if leads_to_login(state, url, &to) => said(&format!("redirect to {}", to.path())),
            _ => Sign::Nothing,
        },
        _ => Sign::Nothing,
    }
}

/// Judges the texts of an exchange by the given patterns, as [`verify::by_patterns`] does.
pub(super) fn of_texts(watch: &Watch, url: &Url, texts: &[&str]) -> Sign {
    let said = |what: &str| format!("{}: {what}", url.path());
    match verify::by_patterns(watch.logged_in.as_ref(), watch.logged_out.as_ref(), texts) {
        Some(false) if watch.logged_out.is_some() => Sign::Dead(said("the logged-out pattern matches")),
        Some(false) => Sign::Suspect(said("the logged-in pattern matches nothing")),
        _ => Sign::Nothing,
    }
}

fn target(url: &Url, headers: &HeaderMap) -> Option<Url> {
    url.join(headers.get(LOCATION)?.to_str().ok()?).ok()
}

fn leads_to_login(state: &State, from: &Url, to: &Url) -> bool {
    let bare = |url: &Url| url[..url::Position::AfterPath].to_owned();
    let known = match state.check.as_ref().map(|check| &check.indicator) {
        Some(Indicator::Redirect { logged_out_to }) => bare(to).starts_with(logged_out_to),
        _ => false,
    };
    let recipe = state.recipe.as_ref().is_some_and(|recipe| bare(&recipe.login_url) == bare(to));
    let named = speaks_of(to.path(), LOGIN_WORDS) || speaks_of(to.path(), &["auth"]);
    (known || recipe || named) && bare(from) != bare(to)
}

/// Whether one of these words stands in a path.
pub(super) fn speaks_of(path: &str, words: &[&str]) -> bool {
    path.to_ascii_lowercase().split(['/', '.', '-', '_']).any(|word| words.contains(&word))
}

/// What paths call a login.
pub(super) const LOGIN_WORDS: &[&str] = &["login", "signin", "logon", "sso", "authorize"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::Pattern;

    fn url(path: &str) -> Url {
        format!("https://shop.example{path}").parse().unwrap()
    }

    fn redirect(to: &str) -> Sign {
        let headers = HeaderMap::from_iter([(LOCATION, to.parse().unwrap())]);
        of_head(&State::default(), &url("/account"), StatusCode::FOUND, &headers)
    }

    #[test]
    fn denials_and_redirects_to_the_login_are_suspect() {
        for status in [401, 403, 419, 440] {
            let status = StatusCode::from_u16(status).unwrap();
            let sign = of_head(&State::default(), &url("/x"), status, &HeaderMap::new());
            assert!(matches!(sign, Sign::Suspect(_)), "{status}");
        }
        assert!(matches!(redirect("/login?next=%2Faccount"), Sign::Suspect(_)));
        assert!(matches!(
            redirect("https://id.example/realms/x/openid-connect/auth?state=1"),
            Sign::Suspect(_)
        ));
        assert_eq!(redirect("/account/2"), Sign::Nothing);
        assert_eq!(redirect("/author"), Sign::Nothing);
        let fine = of_head(&State::default(), &url("/x"), StatusCode::NOT_FOUND, &HeaderMap::new());
        assert_eq!(fine, Sign::Nothing);
    }

    #[test]
    fn evidence_names_no_query() {
        let Sign::Suspect(said) = redirect("/login?token=secret") else { panic!("suspect") };
        assert_eq!(said, "/account: redirect to /login");
    }

    #[test]
    fn patterns_are_judged_as_zap_does() {
        let watch = |logged_in: Option<&str>, logged_out: Option<&str>| Watch {
            logged_in: logged_in.map(|p| Pattern::parse(p).unwrap()),
            logged_out: logged_out.map(|p| Pattern::parse(p).unwrap()),
            ..Watch::default()
        };
        let judge = |watch: &Watch, text: &str| of_texts(watch, &url("/"), &["HTTP/1.1 200 OK", text]);
        let both = watch(Some("Log out"), Some("Log in"));
        assert_eq!(judge(&both, "Log out, Log in"), Sign::Nothing);
        assert!(matches!(judge(&both, "Log in"), Sign::Dead(_)));
        assert_eq!(judge(&both, "neither"), Sign::Nothing);
        assert!(matches!(judge(&watch(Some("Log out"), None), "neither"), Sign::Suspect(_)));
        assert_eq!(judge(&watch(None, Some("Log in")), "neither"), Sign::Nothing);
        assert_eq!(judge(&watch(None, None), "anything"), Sign::Nothing);
    }
}
