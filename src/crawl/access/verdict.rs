//! What the answer to somebody else's request says of the access control.

use std::{collections::BTreeSet, fmt};

use url::Url;

use super::answer::{Answer, likeness, says_something, volatile};

/// One request of one user, as several users were answered.
#[derive(Clone, Copy, Debug)]
pub struct Trial<'a> {
    /// The answer in the owner's crawl, where all of it was kept.
    pub recorded: Option<&'a Answer>,
    /// The answers to the owner now, asked twice; only the recorded one for a request that writes.
    pub control: (&'a Answer, &'a Answer),
    /// The answer without a session.
    pub stranger: &'a Answer,
    /// The answer to the other user; nothing where nobody is the other.
    pub other: Option<&'a Answer>,
    /// Whether the other user's own interface asks for the very same address.
    pub is_asked_by_other: bool,
    /// The owner's address and, where the other user's interface asks for another one of the same endpoint, that one with
    /// its answer.
    pub addresses: (&'a Url, Option<(&'a Url, &'a Answer)>),
    /// Texts that stand for the owner, and not for the other user.
    pub owner_marks: &'a [String],
}

/// What was found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Another user is given what is somebody's own, or what that user's interface does not offer.
    Suspicious,
    /// Everybody is given the same, also without a session.
    Open,
    /// Both users' interfaces ask for it, and both are given the same.
    Shared,
    /// Each is given something of one's own.
    Own,
    /// The other user is refused.
    Enforced,
    /// It cannot be told: the owner is not given the same any more, or the server is in trouble.
    Unstable,
}

impl Verdict {
    /// The word for it in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Suspicious => "suspicious",
            Self::Open => "open",
            Self::Shared => "shared",
            Self::Own => "own",
            Self::Enforced => "enforced",
            Self::Unstable => "unstable",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A verdict, and how it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// The verdict.
    pub verdict: Verdict,
    /// What was seen.
    pub evidence: String,
}

/// Judges one request of one user, sent again as another.
#[must_use]
pub fn judge(trial: &Trial<'_>) -> Ruling {
    let rule = |verdict, evidence: String| Ruling { verdict, evidence };
    let (owner, again) = trial.control;
    if !owner.is_success() || !again.is_success() {
        return rule(
            Verdict::Unstable,
            format!("the owner is answered with {} now", owner.status.max(again.status)),
        );
    }
    let (mine, mine_again) = (owner.parts(), again.parts());
    let changing = volatile(&mine, &mine_again);
    if !mine.is_empty() && mine.iter().all(|part| changing.contains(part.place())) {
        return rule(Verdict::Unstable, "the owner is answered otherwise each time".into());
    }
    let is_another = |before: &Answer| likeness(&mine, &before.parts(), &changing) < UNLIKE;
    if trial.recorded.is_some_and(is_another) {
        return rule(Verdict::Unstable, "the owner is not given what the crawl was given".into());
    }
    let other = trial.other.unwrap_or(trial.stranger);
    if other.is_trouble() {
        return rule(Verdict::Unstable, trouble(other));
    }
    if let Some(evidence) = refusal(other) {
        return rule(Verdict::Enforced, evidence);
    }
    let alike = |answer: &Answer| likeness(&mine, &answer.parts(), &changing);
    let is_public = trial.stranger.is_success() && alike(trial.stranger) >= ALIKE;
    if is_public {
        return rule(
            Verdict::Open,
            format!("without a session, {} is the same", percent(alike(trial.stranger))),
        );
    }
    given(trial, other, alike(other), says_something(&mine))
}

/// Judges an answer that gives something, of an endpoint that is not public.
fn given(trial: &Trial<'_>, other: &Answer, alike: f64, says_something: bool) -> Ruling {
    let rule = |verdict, evidence: String| Ruling { verdict, evidence };
    if alike >= ALIKE && trial.is_asked_by_other {
        return rule(Verdict::Shared, "both interfaces ask for it, and both get the same".into());
    }
    if alike >= ALIKE && is_own_page(trial) {
        return rule(Verdict::Shared, "both get the same but for what the address says".into());
    }
    if alike >= ALIKE && says_something {
        return rule(Verdict::Suspicious, format!("{} of the owner's answer is given", percent(alike)));
    }
    let is_named = |mark: &&String| mark.len() >= SHORTEST_MARK && other.body.contains(mark.as_str());
    if let (Some(mark), false) = (trial.owner_marks.iter().find(is_named), trial.is_asked_by_other) {
        return rule(Verdict::Suspicious, format!("the answer holds `{mark}`, who is the owner"));
    }
    let is_as_stranger = trial.other.is_some()
        && trial.stranger.is_success()
        && likeness(&other.parts(), &trial.stranger.parts(), &BTreeSet::new()) >= ALIKE;
    if is_as_stranger || trial.other.is_none() {
        return rule(Verdict::Enforced, format!("{} of the owner's answer is given", percent(alike)));
    }
    rule(Verdict::Own, format!("an answer of one's own, {} like the owner's", percent(alike)))
}

/// Whether the other user's own answer of the endpoint differs from the owner's only in what the addresses say: then it
/// holds nothing of the owner, as the frame of a page that scripts fill.
fn is_own_page(trial: &Trial<'_>) -> bool {
    let (url, Some((own, answer))) = trial.addresses else { return false };
    let owners = trial.control.0.without_address(url);
    let others = answer.without_address(own);
    answer.is_success() && likeness(&owners.parts(), &others.parts(), &BTreeSet::new()) >= ALIKE
}

/// How an answer refuses what was asked for, if it does.
fn refusal(answer: &Answer) -> Option<String> {
    match (answer.status, &answer.location) {
        (300..400, Some(to)) => Some(format!("{}, sent to {to}", answer.status)),
        (300..500, _) => Some(answer.status.to_string()),
        _ => None,
    }
}

fn trouble(answer: &Answer) -> String {
    match answer.status {
        0 => "there was no answer".into(),
        status => format!("the server answered with {status}"),
    }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// From this likeness on, two answers say the same.
const ALIKE: f64 = 0.9;
/// Below this likeness an answer has nothing to do with an earlier one.
const UNLIKE: f64 = 0.1;
/// Shorter names are found in any text.
const SHORTEST_MARK: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, location: None, body: body.into() }
    }

    const ANNAS: &str = r#"{"id":7,"name":"Anna","street":"Gull Street 7","city":"Ostrand"}"#;
    const BENS: &str = r#"{"id":9,"name":"Ben","street":"Mill Hill 2","city":"Fennbrook"}"#;

    /// How it is judged that the owner, a stranger and another user are answered so.
    fn told(owner: &Answer, stranger: &Answer, other: Option<&Answer>, is_asked_by_other: bool) -> Verdict {
        let marks = ["anna@shop.test".to_owned()];
        let url = Url::parse("http://a.test/x").unwrap();
        let trial = Trial {
            addresses: (&url, None),
            recorded: Some(owner),
            control: (owner, owner),
            stranger,
            other,
            is_asked_by_other,
            owner_marks: &marks,
        };
        judge(&trial).verdict
    }

    #[test]
    fn whoever_is_refused_meets_access_control() {
        let (owner, refused) = (answer(200, ANNAS), answer(401, "{}"));
        for status in [401, 403, 404] {
            assert_eq!(told(&owner, &refused, Some(&answer(status, "no")), false), Verdict::Enforced);
        }
        let to_login = Answer { location: Some("/login".into()), ..answer(302, "") };
        assert_eq!(told(&owner, &to_login, None, false), Verdict::Enforced);
        assert_eq!(told(&owner, &to_login, Some(&to_login), false), Verdict::Enforced);
    }

    #[test]
    fn what_is_given_to_everybody_is_open() {
        let owner = answer(200, ANNAS);
        assert_eq!(told(&owner, &owner, None, false), Verdict::Open);
        assert_eq!(told(&owner, &owner, Some(&owner), true), Verdict::Open);
    }

    #[test]
    fn the_owner_s_answer_given_to_another_is_suspicious_unless_the_other_s_interface_asks_for_it() {
        let (owner, refused) = (answer(200, ANNAS), answer(401, "{}"));
        assert_eq!(told(&owner, &refused, Some(&owner), false), Verdict::Suspicious);
        assert_eq!(told(&owner, &refused, Some(&owner), true), Verdict::Shared);
        let named = answer(200, r#"{"id":9,"by":"anna@shop.test"}"#);
        assert_eq!(told(&owner, &refused, Some(&named), false), Verdict::Suspicious);
    }

    #[test]
    fn each_user_s_own_data_under_one_address_are_no_finding() {
        let (owner, refused) = (answer(200, ANNAS), answer(401, "{}"));
        assert_eq!(told(&owner, &refused, Some(&answer(200, BENS)), false), Verdict::Own);
        let nothing = answer(200, r#"{"status":"success","data":[]}"#);
        assert_eq!(told(&nothing, &refused, Some(&nothing), false), Verdict::Own);
    }

    #[test]
    fn the_frame_of_a_page_that_scripts_fill_holds_nothing_of_its_owner() {
        let verdict = |owner: &str, own: &str| {
            let (owner, own, refused) = (answer(200, owner), answer(200, own), answer(401, ""));
            let (url, own_url) = (
                Url::parse("http://a.test/o?id=101").unwrap(),
                Url::parse("http://a.test/o?id=202").unwrap(),
            );
            let trial = Trial {
                recorded: None,
                control: (&owner, &owner),
                stranger: &refused,
                other: Some(&owner),
                is_asked_by_other: false,
                addresses: (&url, Some((&own_url, &own))),
                owner_marks: &[],
            };
            judge(&trial).verdict
        };
        let frame = |id: &str| format!("<h1>Order</h1><script>show('/api/orders/{id}')</script>");
        assert_eq!(verdict(&frame("101"), &frame("202")), Verdict::Shared);
        let order = |id: &str, total: &str| format!(r#"{{"order":{id},"total":{total}}}"#);
        assert_eq!(verdict(&order("101", "55"), &order("202", "70")), Verdict::Suspicious);
    }

    #[test]
    fn a_polite_page_for_strangers_is_a_refusal() {
        let (owner, polite) = (answer(200, ANNAS), answer(200, "<h1>Please log in</h1>"));
        assert_eq!(told(&owner, &polite, None, false), Verdict::Enforced);
        assert_eq!(told(&owner, &polite, Some(&polite), false), Verdict::Enforced);
    }

    #[test]
    fn what_the_owner_is_not_given_any_more_cannot_be_judged() {
        let (gone, refused) = (answer(404, "gone"), answer(401, "{}"));
        assert_eq!(told(&gone, &refused, Some(&answer(200, ANNAS)), false), Verdict::Unstable);
        assert_eq!(told(&answer(200, ANNAS), &refused, Some(&answer(503, "")), false), Verdict::Unstable);
    }

    #[test]
    fn an_answer_that_changes_each_time_cannot_be_judged() {
        let (one, two) = (answer(200, r#"{"dice":"three"}"#), answer(200, r#"{"dice":"five"}"#));
        let refused = answer(200, r#"{"dice":"one"}"#);
        let url = Url::parse("http://a.test/x").unwrap();
        let trial = Trial {
            addresses: (&url, None),
            recorded: Some(&answer(200, r#"{"cards":"ace"}"#)),
            control: (&one, &two),
            stranger: &refused,
            other: None,
            is_asked_by_other: false,
            owner_marks: &[],
        };
        assert_eq!(judge(&trial).verdict, Verdict::Unstable);
    }
}
