//! What came of a login that was sent without a browser.

use http::{HeaderMap, header::WWW_AUTHENTICATE};
use serde_json::Value;
use url::Url;

use super::{
    credentials::Credentials,
    hidden::Fields,
    outcome::{Outcome, Refusal},
    watch::answer,
    words::{speaks_of_lock, wait_asked},
};
use crate::{browser::Exchange, inject};

/// Judges the traffic from the login request on: its own answer, and the page that it led to.
///
/// As in a browser, a form that is there again means no; that there is a session is for verification to prove.
pub(super) fn judge(traffic: &[Exchange], credentials: &Credentials) -> Outcome {
    let evidence = answer(traffic).or_else(|| traffic.first().map(line)).unwrap_or_default();
    let (Some(sent), Some(last)) = (traffic.first(), traffic.last()) else {
        return Outcome::Failed { refusal: Refusal::Unanswered, evidence };
    };
    let body = last.response_body.as_deref().unwrap_or_default();
    let found = by_status(sent)
        .or_else(|| by_end(last).filter(|_| traffic.len() > 1 || is_repeat(last)))
        .or_else(|| by_page(last, body));
    let Some((refusal, what)) = found else {
        let path = last.url.parse::<Url>().map(|url| url.path().to_owned()).unwrap_or_default();
        return Outcome::Through { evidence: format!("{evidence}; no login form is shown at {path}") };
    };
    let is_refusal = matches!(refusal, Refusal::Refused | Refusal::Captcha);
    let refusal = if is_refusal && speaks_of_lock(&words(body)) { Refusal::Locked } else { refusal };
    let what = what.map(|what| format!("; {}", credentials.redact(&what))).unwrap_or_default();
    Outcome::Failed { refusal, evidence: format!("{evidence}{what}") }
}

type Found = Option<(Refusal, Option<String>)>;

/// What the status of the login request itself says.
fn by_status(sent: &Exchange) -> Found {
    Some(match sent.status {
        Some(423 | 429) => {
            (Refusal::Locked, wait_asked(sent).map(|wait| wait.trim_start_matches("; ").to_owned()))
        }
        Some(404 | 405 | 410) => (Refusal::NoForm, Some("nothing takes a login there".to_owned())),
        Some(401) => {
            let scheme = inject::unsupported(&challenges(sent));
            (Refusal::Refused, scheme.map(|scheme| first_line(&scheme.to_string())))
        }
        Some(400..500) => (Refusal::Refused, None),
        None | Some(500..) => (Refusal::Unanswered, None),
        Some(_) => return None,
    })
}

/// What the status of the last answer says.
fn by_end(last: &Exchange) -> Found {
    match last.status {
        Some(401 | 403) => Some((Refusal::Refused, Some(format!("then {}", line(last))))),
        Some(429) => Some((Refusal::Locked, Some(format!("then {}", line(last))))),
        Some(307 | 308) => {
            Some((Refusal::Refused, Some("it would send the credentials to another origin".to_owned())))
        }
        _ => None,
    }
}

/// What the last page says.
fn by_page(last: &Exchange, body: &str) -> Found {
    if is_json(last) {
        return says_no(body)
            .then(|| (Refusal::Refused, Some("the answer's JSON says that it failed".to_owned())));
    }
    let refusal = if words(body).contains("captcha") { Refusal::Captcha } else { Refusal::Refused };
    let what = "the answer shows the login form again".to_owned();
    Fields::of(body).has_password.then_some((refusal, Some(what)))
}

/// Whether it asks to be sent again with its body.
fn is_repeat(exchange: &Exchange) -> bool {
    matches!(exchange.status, Some(307 | 308))
}

/// Whether a JSON answer says of itself that it is a failure.
fn says_no(body: &str) -> bool {
    let Ok(Value::Object(fields)) = serde_json::from_str::<Value>(body) else { return false };
    let is = |names: &[&str], test: fn(&Value) -> bool| {
        fields.iter().any(|(key, value)| names.contains(&key.to_ascii_lowercase().as_str()) && test(value))
    };
    let is_set = |value: &Value| match value {
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(is_error) => *is_error,
        _ => false,
    };
    is(&["success", "ok", "authenticated", "loggedin", "valid"], |value| *value == Value::Bool(false))
        || is(&["error", "errors"], is_set)
}

fn line(exchange: &Exchange) -> String {
    let path = exchange.url.parse::<Url>().map(|url| url.path().to_owned()).unwrap_or_default();
    let status = exchange.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    format!("{} {path}: {status}", exchange.method)
}

fn is_json(exchange: &Exchange) -> bool {
    exchange.response_header("content-type").is_some_and(|kind| kind.contains("json"))
}

/// What an answer asks for.
fn challenges(exchange: &Exchange) -> HeaderMap {
    let named =
        exchange.response_headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("www-authenticate"));
    named.filter_map(|(_, value)| Some((WWW_AUTHENTICATE, value.parse().ok()?))).collect()
}

/// The first part of a page, in small letters.
fn words(body: &str) -> String {
    body.chars().take(MOST_WORDS).collect::<String>().to_lowercase()
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

/// How many characters of a page are looked through for words.
const MOST_WORDS: usize = 100_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(method: &str, path: &str, status: u16, kind: &str, body: &str) -> Exchange {
        Exchange {
            method: method.into(),
            url: format!("http://a.test{path}"),
            status: Some(status),
            response_headers: vec![("content-type".into(), kind.into())],
            response_body: Some(body.into()),
            ..Exchange::default()
        }
    }

    fn verdict(traffic: &[Exchange]) -> Result<String, (Refusal, String)> {
        let credentials = Credentials { password: "planted".into(), ..Credentials::default() };
        match judge(traffic, &credentials) {
            Outcome::Through { evidence } => Ok(evidence),
            Outcome::Failed { refusal, evidence } => Err((refusal, evidence)),
        }
    }

    fn refused(status: u16, kind: &str, body: &str) -> Refusal {
        verdict(&[exchange("POST", "/login", status, kind, body)]).unwrap_err().0
    }

    const FORM: &str = "<form><input type=password></form>";

    #[test]
    fn a_page_without_the_form_is_through() {
        let traffic = [
            exchange("POST", "/login", 302, "", ""),
            exchange("GET", "/home", 200, "text/html", "<p>hi</p>"),
        ];
        assert_eq!(verdict(&traffic).unwrap(), "POST /login: 302; no login form is shown at /home");
        assert!(
            verdict(&[exchange("POST", "/api", 200, "application/json", r#"{"token":"t","error":null}"#)])
                .is_ok()
        );
    }

    #[test]
    fn each_way_to_say_no_is_told_apart() {
        assert_eq!(refused(401, "text/plain", "no"), Refusal::Refused);
        assert_eq!(refused(422, "text/plain", "account locked"), Refusal::Locked);
        assert_eq!(refused(429, "text/plain", ""), Refusal::Locked);
        assert_eq!(refused(404, "text/plain", ""), Refusal::NoForm);
        assert_eq!(refused(500, "text/plain", ""), Refusal::Unanswered);
        assert_eq!(refused(200, "text/html", FORM), Refusal::Refused);
        assert_eq!(refused(200, "text/html", &format!("Too many tries {FORM}")), Refusal::Locked);
        assert_eq!(refused(200, "text/html", &format!("<div id=hCaptcha>{FORM}")), Refusal::Captcha);
        assert_eq!(refused(200, "application/json", r#"{"success":false}"#), Refusal::Refused);
        assert_eq!(refused(200, "application/json", r#"{"error":"bad password"}"#), Refusal::Refused);
        let back =
            [exchange("POST", "/login", 302, "", ""), exchange("GET", "/login", 200, "text/html", FORM)];
        assert_eq!(verdict(&back).unwrap_err().0, Refusal::Refused);
    }

    #[test]
    fn a_scheme_that_nobody_speaks_is_named() {
        let mut ntlm = exchange("POST", "/login", 401, "", "");
        ntlm.response_headers = vec![("WWW-Authenticate".into(), "NTLM".into())];
        assert!(verdict(&[ntlm]).unwrap_err().1.contains("`NTLM`"));
    }
}
