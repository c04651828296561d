//! A session's check in ZAP's terms.

use crate::session::{Check, Indicator};

/// The request that ZAP polls, and the patterns that its answer is searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Indicators {
    pub(super) url: String,
    /// Sent as a POST where it is not empty.
    pub(super) body: String,
    /// A line a header.
    pub(super) headers: String,
    pub(super) logged_in: Option<String>,
    pub(super) logged_out: Option<String>,
}

impl Indicators {
    /// Fails with the reason where ZAP cannot do what the check does.
    pub(super) fn of(check: Option<&Check>) -> Result<Self, &'static str> {
        let check = check.ok_or("the session has no check")?;
        let body = check.body.clone().unwrap_or_default();
        let is_sent = match check.method.as_str() {
            "GET" => body.is_empty(),
            "POST" => !body.is_empty(),
            _ => false,
        };
        if !is_sent {
            return Err("it polls with GET, or with POST and a body");
        }
        let (logged_in, logged_out) =
            patterns(&check.indicator).ok_or("it takes more than a pattern to tell the answers apart")?;
        let headers: Vec<_> = check.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        Ok(Self { url: check.url.to_string(), body, headers: headers.join("\n"), logged_in, logged_out })
    }
}

/// The patterns of a user's and of a stranger's answer; `None` where no pattern says the same.
fn patterns(indicator: &Indicator) -> Option<(Option<String>, Option<String>)> {
    // The name of the protocol and the reason depend on the version of HTTP.
    let status = |code: u16| format!("^HTTP/[0-9.]+ {code}\\b");
    Some(match indicator {
        Indicator::Status { logged_in, logged_out } => (Some(status(*logged_in)), Some(status(*logged_out))),
        Indicator::Body { contains } => (Some(quoted(contains)), None),
        Indicator::Redirect { logged_out_to } => {
            (None, Some(format!("(?i)\\nlocation: [^\\r\\n]*{}", quoted(path(logged_out_to)))))
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

/// An expression that means the text itself, for Java and for others.
pub(super) fn quoted(text: &str) -> String {
    regex::escape(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: &str, body: Option<&str>, indicator: Indicator) -> Check {
        Check {
            method: method.into(),
            url: "https://shop.example/me".parse().unwrap(),
            headers: vec![("Accept".into(), "a/b".into()), ("X-A".into(), "1".into())],
            body: body.map(str::to_owned),
            indicator,
            evidence: String::new(),
        }
    }

    #[test]
    fn a_check_is_a_poll_with_patterns() {
        let status = Indicator::Status { logged_in: 200, logged_out: 401 };
        let made = Indicators::of(Some(&check("GET", None, status))).unwrap();
        assert_eq!(made.headers, "Accept: a/b\nX-A: 1");
        let logged_in = regex::Regex::new(&made.logged_in.unwrap()).unwrap();
        assert!(logged_in.is_match("HTTP/2 200") && logged_in.is_match("HTTP/1.1 200 OK\r\n"));
        assert!(!logged_in.is_match("HTTP/1.1 401 No\r\nx: 200"));
        let to = Indicator::Redirect { logged_out_to: "https://shop.example/login".into() };
        let made = Indicators::of(Some(&check("GET", None, to))).unwrap();
        assert!(
            regex::Regex::new(&made.logged_out.unwrap())
                .unwrap()
                .is_match("HTTP/1.1 302 Found\r\nLocation: /login?a")
        );
    }

    #[test]
    fn what_zap_cannot_ask_or_judge_is_told() {
        let status = || Indicator::Status { logged_in: 200, logged_out: 401 };
        assert!(Indicators::of(None).is_err());
        assert!(Indicators::of(Some(&check("PROPFIND", Some("x"), status()))).is_err());
        assert!(Indicators::of(Some(&check("POST", None, status()))).is_err());
        assert!(Indicators::of(Some(&check("POST", Some("q"), status()))).is_ok());
        assert!(Indicators::of(Some(&check("GET", None, Indicator::Page))).is_err());
    }
}
