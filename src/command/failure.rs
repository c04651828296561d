//! Turns errors into words, hints and exit codes.

use std::io::{self, Write as _};

use crate::{
    browser,
    cli::{Exit, Output},
    context, crawl,
    handover::{self, zap},
    history, inject,
    login::{self, Refusal},
    proxy, report, script, session,
};
use serde_json::json;

/// A mistake in how the program was called.
#[derive(Debug, thiserror::Error)]
#[error("{message}\nhint: {hint}")]
pub(super) struct Usage {
    message: String,
    hint: String,
}

impl Usage {
    pub(super) fn new(message: &str, hint: &str) -> Self {
        Self { message: message.to_owned(), hint: hint.to_owned() }
    }
}

/// Tells an error to people on stderr or to machines on stdout, and gives the exit code.
///
/// A pipe that nobody reads any more is no error.
#[must_use]
pub fn report(failure: &anyhow::Error, output: Output) -> Exit {
    if failure
        .chain()
        .any(|e| e.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe))
    {
        return Exit::Done;
    }
    let (exit, reason) = classify(failure);
    let (message, hints) = words(failure);
    let mut stderr = io::stderr().lock();
    let _ = writeln!(stderr, "error: {message}");
    for hint in &hints {
        let _ = writeln!(stderr, "hint: {hint}");
    }
    let document = json!({
        "schema": "handstamp.error/1", "error": message, "hint": hints.first(), "reason": reason, "exit": exit.code(),
    });
    let _ = output.document(&document);
    exit
}

/// The message of the whole chain, and its hints, each once.
pub(super) fn words(failure: &anyhow::Error) -> (String, Vec<String>) {
    let (mut message, mut hints): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for error in failure.chain() {
        if error.is::<context::Problems>() {
            // Each of them has a hint of its own, which stays with it.
            message.push(error.to_string());
            continue;
        }
        for line in error.to_string().lines() {
            match line.strip_prefix("hint: ") {
                Some(hint) if !hints.iter().any(|h| h == hint) => hints.push(hint.to_owned()),
                Some(_) => {}
                None if message.last().is_some_and(|last| last == line) => {}
                None => message.push(line.to_owned()),
            }
        }
    }
    (message.join(": "), hints)
}

/// The exit code of an error.
pub(super) fn exit(failure: &anyhow::Error) -> Exit {
    classify(failure).0
}

/// The exit code of a login that failed: what cannot be reached has the code of an unreachable target.
pub(super) fn exit_of(refusal: Refusal) -> Exit {
    match refusal {
        Refusal::ProviderUnreachable => Exit::Failed,
        _ => Exit::LoggedOut,
    }
}

/// The exit code of the first error in the chain that has one of its own.
pub(super) fn classify(failure: &anyhow::Error) -> (Exit, &'static str) {
    failure.chain().find_map(known).unwrap_or((Exit::Failed, "failed"))
}

fn known(error: &(dyn std::error::Error + 'static)) -> Option<(Exit, &'static str)> {
    if let Some(error) = error.downcast_ref::<browser::Error>() {
        return Some(match error {
            browser::Error::Navigation { .. } => (Exit::Failed, "unreachable"),
            browser::Error::Command { .. } if !error.is_lost() => (Exit::Failed, "browser-refused"),
            browser::Error::Closed => (Exit::NoBrowser, "browser-ended"),
            _ => (Exit::NoBrowser, "no-browser"),
        });
    }
    if let Some(error) = error.downcast_ref::<report::Error>() {
        return Some(match error {
            report::Error::NoCheckpoint { .. } | report::Error::Checkpoint { .. } => {
                (Exit::Usage, "no-checkpoint")
            }
            _ => (Exit::Failed, "unwritable"),
        });
    }
    if let Some(known) = of_handover(error) {
        return Some(known);
    }
    if let Some(crawl::Error::OutOfReach { .. } | crawl::Error::NoPlace { .. }) = error.downcast_ref() {
        return Some((Exit::NoBrowser, "no-browser"));
    }
    if let Some(inject::Error::NoStage { .. }) = error.downcast_ref() {
        return Some((Exit::NoBrowser, "no-browser"));
    }
    if error.is::<history::Error>() {
        return Some((Exit::Failed, "history"));
    }
    if error.is::<Usage>() {
        return Some((Exit::Usage, "usage"));
    }
    if error.is::<context::Problems>() {
        return Some((Exit::Usage, "bad-config"));
    }
    if let Some(login::Error::Totp { .. }) = error.downcast_ref() {
        return Some((Exit::Usage, "bad-totp"));
    }
    if error.is::<login::flow::FlowError>() {
        return Some((Exit::Usage, "bad-recipe"));
    }
    if error.is::<script::Error>() {
        return Some((Exit::Usage, "bad-script"));
    }
    if let Some(error) = error.downcast_ref::<context::Error>() {
        return Some(match error {
            context::Error::NoContext { .. } | context::Error::ManyContexts { .. } => {
                (Exit::Usage, "no-context")
            }
            _ => (Exit::Usage, "no-user"),
        });
    }
    if let Some(error) = error.downcast_ref::<session::Error>() {
        return Some(match error {
            session::Error::Unwritable { .. } => (Exit::Failed, "unwritable"),
            session::Error::NotFound { .. } => (Exit::Usage, "no-session"),
            _ => (Exit::Usage, "bad-session"),
        });
    }
    error.downcast_ref::<proxy::Error>().map(|e| match e {
        proxy::Error::Unresolved { .. } | proxy::Error::Unreachable { .. } | proxy::Error::Timeout { .. } => {
            (Exit::Failed, "unreachable")
        }
        proxy::Error::Untrusted { .. } => (Exit::Failed, "untrusted"),
        _ => (Exit::Failed, "failed"),
    })
}

fn of_handover(error: &(dyn std::error::Error + 'static)) -> Option<(Exit, &'static str)> {
    if let Some(error) = error.downcast_ref::<handover::Error>() {
        return Some(match error {
            handover::Error::Unwritable { .. } => (Exit::Failed, "unwritable"),
            _ => (Exit::Usage, "bad-format"),
        });
    }
    error.downcast_ref().map(|error| match error {
        zap::Error::Unreachable { .. } | zap::Error::Slow { .. } => (Exit::Failed, "unreachable"),
        zap::Error::Unanswered { .. } => (Exit::Failed, "unanswered"),
        zap::Error::NotZap { .. } => (Exit::Failed, "not-zap"),
        zap::Error::Nowhere => (Exit::Usage, "no-scope"),
        zap::Error::Receipt { .. } => (Exit::Failed, "unwritable"),
        _ => (Exit::Failed, "refused"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_stand_apart_from_the_message() {
        let source = browser::Error::Unsupported { what: "fly".into() };
        let failure = anyhow::Error::from(source).context("cannot log in");
        let (message, hints) = words(&failure);
        assert_eq!(message, "cannot log in: this driver cannot fly");
        assert_eq!(hints, ["use Chromium, or Firefox with BiDi"]);
    }

    #[test]
    fn the_problems_of_a_configuration_are_told_as_they_stand() {
        let problems = context::Config::parse("a: 1", "c.yaml".as_ref(), &|_| None).unwrap_err();
        let (message, hints) = words(&anyhow::Error::from(problems));
        assert!(message.starts_with("c.yaml:1:1: "), "{message}");
        assert!(message.contains("\n  hint: begin with `contexts:`") && hints.is_empty(), "{message}");
    }

    #[test]
    fn a_lost_browser_has_its_own_exit_code() {
        let failure = anyhow::Error::from(browser::Error::Closed).context("x");
        assert_eq!(classify(&failure).0, Exit::NoBrowser);
        assert_eq!(classify(&anyhow::anyhow!("x")).0, Exit::Failed);
    }

    #[test]
    fn a_pipe_that_nobody_reads_is_no_error() {
        let failure = anyhow::Error::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(report(&failure, Output::Words), Exit::Done);
    }
}
