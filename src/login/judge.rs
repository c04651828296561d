//! What came of a login that was sent without a browser.

use http::{HeaderMap, header::WWW_AUTHENTICATE};
use serde_json::Value;
use url::Url;

use super::{
    credentials::Credentials,
    hidden::Fields,
    outcome::{Outcome, Refusal},
    watch::{answer, speaks_of_lock},
};
use crate::{browser::Exchange, inject};

/// Judges the traffic from the login request on: its own answer, and the page that it led to.
///
/// As in a browser, a form that is there again means no; that there is a session is for verification to prove.
pub(super) fn judge(traffic: &[Exchange], credentials: &Credentials) -> Outcome {
    let evidence = answer(traffic).or_else(|| traffic.first().map(line)).unwrap_or_default();
    let (Some(sent), Some(last)) = (traffic.first(), traffic.last()) else {
        return failed(Refusal::Unanswered, evidence);
    };
    let body = last.response_body.as_deref().unwrap_or_default();
    let refusal = |otherwise| if speaks_of_lock(&words(body)) { Refusal::Locked } else { otherwise };
    let told = |what: &str| format!("{evidence}; {}", credentials.redact(what));
    match sent.status {
        None => return failed(Refusal::Unanswered, evidence),
        Some(423 | 429) => return failed(Refusal::Locked, evidence),
        Some(404 | 405 | 410) => return failed(Refusal::NoForm, told("nothing takes a login there")),
        Some(401) => {
            return match inject::unsupported(&challenges(sent)) {
                Some(scheme) => failed(Refusal::Refused, told(&first_line(&scheme.to_string()))),
                None => failed(refusal(Refusal::Refused), evidence),
            };
        }
        Some(400..500) => return failed(refusal(Refusal::Refused), evidence),
        Some(500..) => return failed(Refusal::Unanswered, evidence),
        Some(_) => {}
    }
    match last.status {
        Some(401 | 403) if traffic.len() > 1 => {
            return failed(refusal(Refusal::Refused), format!("{evidence}; then {}", line(last)));
        }
        Some(429) => return failed(Refusal::Locked, format!("{evidence}; then {}", line(last))),
        Some(307 | 308) => {
            return failed(Refusal::Refused, told("it would send the credentials to another origin"));
        }
        _ => {}
    }
    if Fields::of(body).has_password && !is_json(last) {
        let has_captcha = words(body).contains("captcha");
        let otherwise = if has_captcha { Refusal::Captcha } else { Refusal::Refused };
        return failed(refusal(otherwise), told("the answer shows the login form again"));
    }
    if is_json(last) && says_no(body) {
        return failed(refusal(Refusal::Refused), told("the answer's JSON says that it failed"));
    }
    let path = last.url.parse::<Url>().map(|url| url.path().to_owned()).unwrap_or_default();
    Outcome::Through { evidence: format!("{evidence}; no login form is shown at {path}") }
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

fn failed(refusal: Refusal, evidence: String) -> Outcome {
    Outcome::Failed { refusal, evidence }
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
        let credentials = Credentials { username: None, password: "planted".into() };
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
