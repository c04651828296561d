//! What differs between the answer to a user and the answer to a stranger.

use super::{answer::Answer, patterns::by_patterns, shape::similarity};
use crate::{session::Indicator, site::Pattern};

/// What tells two answers apart, and in which words.
#[derive(Debug, PartialEq)]
pub(super) struct Difference {
    pub(super) indicator: Indicator,
    pub(super) evidence: String,
}

/// Compares the answers to a user and to a stranger; nothing when they do not differ in a way that can be relied on.
///
/// Of several answers to the same, only what they share counts: what changes by itself is no difference.
pub(super) fn compare(users: &[Answer], strangers: &[Answer], username: Option<&str>) -> Option<Difference> {
    let (user, stranger) = (users.first()?, strangers.first()?);
    if !user.is_success() || strangers.iter().any(Answer::is_trouble) {
        return None;
    }
    if users.iter().any(|a| a.status != user.status) || strangers.iter().any(|a| a.status != stranger.status)
    {
        return None;
    }
    if let (300..400, Some(to)) = (stranger.status, &stranger.location) {
        let evidence = format!("answered, while a stranger is sent to {}", path(to));
        return Some(Difference { indicator: Indicator::Redirect { logged_out_to: to.clone() }, evidence });
    }
    if user.status != stranger.status {
        let evidence = format!("{}, while a stranger gets {}", user.status, stranger.status);
        let indicator = Indicator::Status { logged_in: user.status, logged_out: stranger.status };
        return Some(Difference { indicator, evidence });
    }
    let names = |answer: &Answer| username.is_some_and(|name| answer.body.contains(name));
    if let Some(name) = username.filter(|_| users.iter().all(names) && !strangers.iter().any(names)) {
        let evidence = "body differs, holds the user name".to_owned();
        return Some(Difference { indicator: Indicator::Body { contains: name.to_owned() }, evidence });
    }
    let (logged_in, logged_out) = (shared(users), shared(strangers));
    let alike = similarity(&logged_in, &logged_out);
    (alike < DIFFERENT).then(|| Difference {
        evidence: format!("body differs, {:.0} % alike", alike * 100.0),
        indicator: Indicator::Shape { logged_in, logged_out },
    })
}

/// The make-up that answers have in common.
fn shared(answers: &[Answer]) -> Vec<u64> {
    let shapes: Vec<Vec<u64>> = answers.iter().map(Answer::shape).collect();
    let Some((first, rest)) = shapes.split_first() else { return Vec::new() };
    first.iter().copied().filter(|part| rest.iter().all(|shape| shape.contains(part))).collect()
}

/// Whether an answer is that to a user (`Some(true)`), to a stranger (`Some(false)`), or neither.
pub(super) fn judge(answer: &Answer, indicator: &Indicator) -> Option<bool> {
    match indicator {
        _ if answer.is_trouble() => None,
        Indicator::Pattern { logged_in, logged_out } => {
            patterns(answer, logged_in.as_deref(), logged_out.as_deref())
        }
        Indicator::Status { logged_in, logged_out } if answer.status == *logged_in => {
            Some(true).filter(|_| logged_in != logged_out)
        }
        Indicator::Redirect { .. } if answer.is_success() => Some(true),
        Indicator::Status { logged_out, .. } => {
            (answer.status == *logged_out || matches!(answer.status, 401 | 403)).then_some(false)
        }
        Indicator::Redirect { .. } => {
            ((300..400).contains(&answer.status) || matches!(answer.status, 401 | 403)).then_some(false)
        }
        _ if matches!(answer.status, 401 | 403) => Some(false),
        Indicator::Body { contains } => Some(answer.body.contains(contains)),
        Indicator::Shape { logged_in, logged_out } => {
            let shape = answer.shape();
            let (user, stranger) = (similarity(&shape, logged_in), similarity(&shape, logged_out));
            ((user - stranger).abs() > MARGIN).then_some(user > stranger)
        }
        _ => None,
    }
}

/// A pattern that cannot be read matches nothing; whoever makes checks reads them first.
fn patterns(answer: &Answer, logged_in: Option<&str>, logged_out: Option<&str>) -> Option<bool> {
    let parsed = |pattern: &str| Pattern::parse(pattern).or_else(|_| Pattern::parse(NOTHING)).ok();
    let (logged_in, logged_out) = (logged_in.and_then(parsed), logged_out.and_then(parsed));
    by_patterns(logged_in.as_ref(), logged_out.as_ref(), &[&answer.head, &answer.body])
}

fn path(url: &str) -> String {
    url.parse::<url::Url>().map_or_else(|_| url.to_owned(), |u| u.path().to_owned())
}

/// A pattern that no text matches.
const NOTHING: &str = "[^\\s\\S]";
/// Bodies less alike than this differ.
const DIFFERENT: f64 = 0.8;
/// How much nearer a body must be to one side.
const MARGIN: f64 = 0.1;

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, location: None, body: body.into(), head: String::new() }
    }

    #[test]
    fn a_status_that_differs_is_evidence() {
        let found = compare(&[answer(200, "{}")], &[answer(401, "{}")], None).unwrap();
        assert_eq!(found.indicator, Indicator::Status { logged_in: 200, logged_out: 401 });
        assert_eq!(judge(&answer(200, ""), &found.indicator), Some(true));
        assert_eq!(judge(&answer(401, ""), &found.indicator), Some(false));
        assert_eq!(judge(&answer(503, ""), &found.indicator), None);
    }

    #[test]
    fn a_body_with_the_user_name_is_evidence() {
        let (user, stranger) =
            (answer(200, r#"{"user":{"email":"a@b.test"}}"#), answer(200, r#"{"user":{}}"#));
        let found = compare(&[user], std::slice::from_ref(&stranger), Some("a@b.test")).unwrap();
        assert_eq!(found.evidence, "body differs, holds the user name");
        assert_eq!(judge(&stranger, &found.indicator), Some(false));
    }

    #[test]
    fn a_redirect_to_the_login_is_evidence() {
        let stranger = Answer {
            status: 302,
            location: Some("http://a.test/login".into()),
            body: String::new(),
            head: String::new(),
        };
        let found = compare(&[answer(200, "<h1>hi</h1>")], std::slice::from_ref(&stranger), None).unwrap();
        assert!(found.evidence.contains("/login"));
        assert_eq!(judge(&stranger, &found.indicator), Some(false));
    }

    #[test]
    fn the_same_answer_is_no_evidence() {
        assert_eq!(
            compare(&[answer(200, "<p>hello 1</p>")], &[answer(200, "<p>hello 2</p>")], Some("anna")),
            None
        );
    }

    #[test]
    fn what_changes_by_itself_is_masked_by_a_second_round() {
        let page = |ad: &str| answer(200, &format!("<p>shop</p><b>{ad}</b><i>{ad} now</i>"));
        assert!(compare(&[page("cheese")], &[page("bread")], None).is_some(), "one round cannot tell");
        assert_eq!(compare(&[page("cheese"), page("wine")], &[page("bread"), page("milk")], None), None);
    }

    #[test]
    fn a_server_in_trouble_proves_nothing() {
        assert_eq!(compare(&[answer(200, "x")], &[answer(503, "y")], None), None);
    }
}
