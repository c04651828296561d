//! Crawls an application as each of its roles, and compares what was reached with what its own sources say.

use std::{env, path::PathBuf};

use serde_json::Value;

use super::{
    app::document,
    support::{Reached, Truth},
    trial::Trial,
};

/// Somebody who crawls.
pub(crate) struct Role {
    /// As in the name of the file that says what there is, `truth-ROLE.txt`.
    name: &'static str,
    /// Fails when fewer endpoints are reached.
    least: usize,
}

/// A role, and how many endpoints its crawl has to reach: well under what was measured, for slow machines.
pub(crate) fn role(name: &'static str, least: usize) -> Role {
    Role { name, least }
}

/// Crawls as the first role, or as each, and tells what the first reached. The first comes last: it may do most to the others.
pub(crate) fn all(trial: &Trial, roles: &[Role]) -> String {
    let is_all = env::var("HANDSTAMP_APPS_ROLES").is_ok_and(|which| which == "all");
    let crawled = roles.iter().take(if is_all { roles.len() } else { 1 }).enumerate().rev();
    let told = crawled.map(|(place, role)| crawls(trial, role, session(trial, role, place).as_deref()));
    told.collect::<Vec<_>>().pop().expect("there is a role")
}

/// The session to crawl with: that of the login before, of one more login, or none.
fn session(trial: &Trial, role: &Role, place: usize) -> Option<String> {
    if place == 0 || role.name == NOBODY {
        return (place == 0).then(|| "./session.json".into());
    }
    let session = format!("./{}.json", role.name);
    let output = trial.login_as(trial.app.other(role.name), &session, &trial.app.password);
    assert_eq!(output.status.code(), Some(0), "{} logs in: {}", role.name, document(&output));
    Some(session)
}

fn crawls(trial: &Trial, role: &Role, session: Option<&str>) -> String {
    let truth = Truth::of_lines(&trial.app.truth(role.name));
    let (mut summary, folder) = crawl(trial, role, session);
    let mut reached = truth.reached(&folder);
    for _ in 1..MOST_ROUNDS {
        let Some(file) = session.filter(|_| reached.endpoints.reached < role.least) else { break };
        eprintln!("{} as {}: {reached} so far, on a slow machine; going on", trial.app.name, role.name);
        summary = crawled(trial, role, &["--session", file, "--resume", &into(role)]);
        reached = truth.reached(&folder);
    }
    let share = session.map_or("–".to_owned(), |_| share(&summary));
    tell(trial, role, &reached, &share);
    if let Some(file) = session {
        assert!(summary["requests"].as_u64() > Some(10), "the crawl gets somewhere: {summary}");
        let verify = trial.handstamp(&["verify", file]).output().expect("the binary runs");
        assert_eq!(verify.status.code(), Some(0), "the crawl has not logged out: {}", document(&verify));
    }
    let least = role.least;
    assert!(reached.endpoints.reached >= least, "{} reached {reached}, less than {least}", role.name);
    format!("{reached}, {share}")
}

/// Crawls with a session, or as a stranger; tells where the result is.
fn crawl(trial: &Trial, role: &Role, session: Option<&str>) -> (Value, PathBuf) {
    let who = session.map_or(["--users", NOBODY], |file| ["--session", file]);
    let summary = crawled(trial, role, &[&who[..], &["--output", &into(role)]].concat());
    let folder = trial.folder.join(into(role));
    (summary, if session.is_some() { folder } else { folder.join(NOBODY) })
}

/// Crawls for as long as is asked for: a stranger from the first page on, everybody else from that of the login.
fn crawled(trial: &Trial, role: &Role, args: &[&str]) -> Value {
    let length = env::var("HANDSTAMP_APPS_CRAWL").unwrap_or_else(|_| "60s".into());
    let first = format!("{}/", trial.app.origin());
    let start = if role.name == NOBODY { &first } else { &trial.app.url };
    let mut command = trial.handstamp(&["crawl", start, "--max-duration", &length]);
    let output = command.args(args).args(["--browser", &trial.browser]).output().expect("the binary runs");
    let summary = document(&output);
    assert_eq!(output.status.code(), Some(0), "the crawl of {} ends well: {summary}", role.name);
    summary
}

fn into(role: &Role) -> String {
    format!("crawl-{}", role.name)
}

/// A row for the table in the README, and what was missed.
fn tell(trial: &Trial, role: &Role, reached: &Reached, share: &str) {
    let missed: Vec<&str> = reached.missed.iter().map(String::as_str).collect();
    eprintln!("{} as {}: missed {}", trial.app.name, role.name, missed.join(", "));
    eprintln!("reached | {} | {} | {reached} | {share} |", trial.app.name, role.name);
}

/// Which share of the calls of scripts carried the session.
fn share(summary: &Value) -> String {
    let number = |key: &str| summary[key].as_u64().unwrap_or_default();
    let share = (number("carried") * 100).checked_div(number("calls"));
    share.map_or("no calls".into(), |share| format!("{share} %"))
}

/// So often a crawl that has not reached enough yet is continued.
const MOST_ROUNDS: usize = 4;
/// The role of strangers.
const NOBODY: &str = "anonymous";
