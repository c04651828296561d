//! Puts the authentication report of a login together.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Result;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use url::Position;

use super::{explain, failure, login::Session, table, wire::Wire};
use crate::{
    browser::Exchange,
    cli::{Exit, LoginArgs, until},
    harvest::Detected,
    login::{Refusal, Step},
    report::{
        Candidate, Diary, Domain, FailureReason, LoginReport, Management, Part, Point, Redactor, Ruling,
        Stage, Verification, context_file,
    },
    session::{Check, Indicator, Secret, State, Verdict, now},
    site::Origin,
    verify,
};

/// What a login was, for its report.
pub(super) struct Told<'a> {
    pub(super) wire: &'a Wire,
    pub(super) args: &'a LoginArgs,
    pub(super) diary: &'a Arc<Diary>,
    pub(super) password: &'a Secret,
    pub(super) ruling: Ruling,
    /// The session, where one was made.
    pub(super) session: Option<&'a Session>,
}

impl Told<'_> {
    /// Writes the report where one was asked for, and says where it is.
    pub(super) fn write(self) -> Result<()> {
        let Some(dir) = &self.args.report else { return Ok(()) };
        let report = self.report();
        let files = report.write(dir, &self.redactor())?;
        Ok(self.wire.output.line(format_args!("report: {}", files.page.display()))?)
    }

    fn state(&self) -> Option<&State> {
        self.session.map(|session| &session.state)
    }

    fn detected(&self) -> Option<&Detected> {
        self.session.and_then(|session| session.detected.as_ref())
    }

    fn redactor(&self) -> Redactor {
        let hidden = self.state().map(State::hidden).unwrap_or_default();
        Redactor::new(hidden.iter().map(String::as_str).chain([self.password.expose()]))
    }

    fn report(&self) -> LoginReport {
        let entries = self.diary.entries();
        let steps: Vec<&Step> = entries.iter().map(|entry| &entry.step).collect();
        let (summary, failure_reasons) = (self.summary(&steps), self.failure_reasons(&steps));
        let stages = entries.into_iter().enumerate().map(|(number, entry)| Stage {
            at: entry.at,
            what: entry.step.to_string(),
            picture: entry.picture.as_ref().map(|_| format!("step-{:02}.png", number + 1)),
            png: entry.picture,
        });
        let created = OffsetDateTime::now_utc().replace_nanosecond(0).ok();
        LoginReport {
            url: self.args.url.as_ref().map(|url| url[..Position::AfterPath].to_owned()).unwrap_or_default(),
            user: self.args.username.clone(),
            browser: self.args.target.browser.to_string(),
            created: created.and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_default(),
            seconds: self.diary.seconds(),
            failure_reasons,
            ruling: self.ruling.clone(),
            summary,
            steps: stages.collect(),
            domains: self.domains(&self.diary.traffic()),
            management: self.management(),
            tokens: self.state().map(tokens).unwrap_or_default(),
            trial: self.session.map(trial).unwrap_or_default(),
            lifetime: self.state().map(lifetime).unwrap_or_default(),
            verification: self.state().and_then(|state| state.check.as_ref()).map(verification),
            candidates: self.session.map(candidates).unwrap_or_default(),
            context: self.state().and_then(context_file).unwrap_or_default(),
        }
    }

    fn summary(&self, steps: &[&Step]) -> Vec<Point> {
        let found = |pick: fn(&Step) -> bool| steps.iter().any(|step| pick(step));
        let username = found(|step| matches!(step, Step::Found { username: Some(_), .. }));
        let password = found(|step| matches!(step, Step::Found { password: Some(_), .. }));
        let is_proven = self.ruling.verdict == "proven";
        let check = self.state().is_some_and(|state| state.check.is_some());
        [
            ("auth.summary.auth", is_proven, "the login is complete"),
            ("auth.summary.username", username, "the field for the user name"),
            ("auth.summary.password", password, "the field for the password"),
            ("auth.summary.session", self.detected().is_some(), "how the session is carried"),
            ("auth.summary.verif", check, "a request that proves it"),
        ]
        .map(|(key, passed, words)| Point { key: key.into(), words: words.into(), passed })
        .into()
    }

    /// The reasons in the words of ZAP's report, for those who read both.
    fn failure_reasons(&self, steps: &[&Step]) -> Vec<FailureReason> {
        let is_failed = self.ruling.verdict == "failed";
        let is_submitted = steps.iter().any(|step| matches!(step, Step::Submitted { .. }));
        let is_proven = self.ruling.verdict == "proven";
        let has_check = self.state().is_some_and(|state| state.check.is_some());
        [
            ("auth.failure.overall", !is_proven, "the login is not complete"),
            ("auth.failure.no_successful_logins", is_failed, "no login went through"),
            ("auth.failure.login_failures", is_failed && is_submitted, "the application refused the login"),
            (
                "auth.failure.session_mgmt",
                self.detected().is_none(),
                "how the session is carried is not known",
            ),
            ("auth.failure.logged_in", !is_proven, "no answer showed that the user is logged in"),
            ("auth.failure.verif_ident", !has_check, "no request was found that proves the session"),
        ]
        .into_iter()
        .filter(|(_, applies, _)| *applies)
        .map(|(key, _, words)| FailureReason { key: key.into(), words: words.into() })
        .collect()
    }

    fn domains(&self, traffic: &[Exchange]) -> Vec<Domain> {
        let password = Redactor::new([self.password.expose()]);
        let mut domains: BTreeMap<Origin, Domain> = BTreeMap::new();
        for exchange in traffic {
            let Some(origin) = exchange.url.parse().ok().as_ref().and_then(Origin::of) else { continue };
            let domain = domains.entry(origin.clone()).or_insert_with(|| Domain {
                origin: origin.to_string(),
                requests: 0,
                in_scope: self.state().is_some_and(|state| state.scope.contains(&origin)),
                got_password: false,
            });
            domain.requests += 1;
            let body = exchange.request_body.as_deref().unwrap_or_default();
            domain.got_password |= password.text(body) != body;
        }
        domains.into_values().collect()
    }

    fn management(&self) -> Management {
        Management {
            method: self.state().map_or("none", |state| state.method.word()).to_owned(),
            reasons: self.detected().map(|found| found.reasons.clone()).unwrap_or_default(),
        }
    }
}

fn tokens(state: &State) -> Vec<Part> {
    let rows = table::of_tokens(&state.insight.tokens, now());
    rows.into_iter().skip(1).filter_map(|row| <[String; 7]>::try_from(row).ok()).map(part).collect()
}

fn part([key, place, sent_as, kind, role, expires, verdict]: [String; 7]) -> Part {
    let sent_as = sent_as.split(", ").filter(|sent| *sent != "-").map(str::to_owned).collect();
    Part { key, place, kind, sent_as, role, expires, verdict }
}

fn trial(session: &Session) -> Vec<String> {
    let Some(trial) = &session.trial else { return Vec::new() };
    let mut lines = explain::of_trial(&session.state.insight, trial);
    lines.push(explain::cost(trial));
    lines
}

fn lifetime(state: &State) -> Vec<String> {
    let told = explain::of_lifetime(&state.insight);
    if !told.is_empty() {
        return told;
    }
    state.expires().map(|end| format!("ends {}", until(end, now()))).into_iter().collect()
}

fn candidates(session: &Session) -> Vec<Candidate> {
    let told = |candidate: &verify::Candidate| Candidate {
        request: format!("{} {}", candidate.method, candidate.url),
        verdict: candidate.verdict.to_string(),
        why: candidate.why.clone(),
    };
    session.candidates.iter().map(told).collect()
}

fn verification(check: &Check) -> Verification {
    Verification {
        request: format!("{} {}", check.method, &check.url[..Position::AfterPath]),
        indicator: indicator(&check.indicator),
        evidence: check.evidence.clone(),
    }
}

fn indicator(indicator: &Indicator) -> String {
    match indicator {
        Indicator::Status { logged_in, logged_out } => {
            format!("status {logged_in} for a user, {logged_out} for a stranger")
        }
        Indicator::Page => "strangers are shown a login form in a browser".to_owned(),
        Indicator::Body { contains } => format!("only a user's answer contains `{contains}`"),
        Indicator::Redirect { logged_out_to } => format!("strangers are sent to {logged_out_to}"),
        Indicator::Pattern { .. } => "the given patterns".to_owned(),
        _ => "the make-up of the answer, with all that changes from call to call masked".to_owned(),
    }
}

/// How a session that was made is ruled.
pub(super) fn of_verdict(verdict: Option<&Verdict>, exit: u8) -> Ruling {
    let (word, reason, evidence) = match verdict {
        Some(Verdict::Proven { evidence }) => ("proven", "logged-in", evidence.clone()),
        Some(Verdict::Stale { evidence }) => ("unproven", "unproven", evidence.clone()),
        Some(Verdict::Unproven { reason }) => ("unproven", "unproven", reason.clone()),
        None => ("unproven", "unproven", "nothing was asked".to_owned()),
    };
    let hint = (word != "proven").then(|| "look at it with `handstamp open`".to_owned());
    Ruling { verdict: word.into(), reason: reason.into(), evidence, hint, exit }
}

/// How a login that the application refused is ruled.
pub(super) fn of_refusal(refusal: Refusal, evidence: &str, exit: Exit) -> Ruling {
    Ruling {
        verdict: "failed".into(),
        reason: refusal.reason().into(),
        evidence: format!("{}: {evidence}", refusal.message()),
        hint: Some(refusal.hint().to_owned()),
        exit: exit.code(),
    }
}

/// How a login that came to no end is ruled.
pub(super) fn of_error(error: &anyhow::Error) -> Ruling {
    let (message, hints) = failure::words(error);
    let (exit, reason) = failure::classify(error);
    Ruling {
        verdict: "failed".into(),
        reason: reason.into(),
        evidence: message,
        hint: hints.into_iter().next(),
        exit: exit.code(),
    }
}
