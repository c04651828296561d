//! Tells which browsers and drivers were found, what is missing, and how to get it.

use anyhow::Result;
use serde_json::{Value, json};

use super::wire::Wire;
use crate::{
    browser::{Found, Kind, Launch, find},
    cli::Exit,
    inject,
};

pub(super) async fn run(wire: &Wire) -> Result<Exit> {
    let mut documents = Vec::new();
    let mut works = false;
    for kind in Kind::ALL {
        let found = find(kind);
        let trial = if found.browser.is_some() && found.driver.is_some() {
            Some(try_out(wire, kind).await)
        } else {
            None
        };
        works |= matches!(trial, Some(Ok(_)));
        tell(wire, &found, trial.as_ref())?;
        documents.push(document(&found, trial.as_ref()));
    }
    let home = wire.environment.home.display();
    wire.output.line(format_args!("sessions are kept in {home}"))?;
    let exit = if works { Exit::Done } else { Exit::NoBrowser };
    wire.output.document(&json!({
        "schema": "handstamp.doctor/1", "browsers": documents, "home": wire.environment.home, "exit": exit.code(),
    }))?;
    Ok(exit)
}

type Trial = std::result::Result<&'static str, String>;

/// Opens a browser for real: a driver that does not fit its browser shows nowhere else.
async fn try_out(wire: &Wire, kind: Kind) -> Trial {
    let progress = wire.progress(&format!("trying {kind}"));
    let launch = Launch { kind, deadline: wire.common.timeout.0, ..Launch::default() };
    let opened = Box::pin(inject::open(&launch, None)).await;
    drop(progress);
    match opened {
        Ok(browser) => {
            let control = browser.control().name();
            browser.close().await;
            Ok(control)
        }
        Err(error) => Err(error.to_string().lines().next().unwrap_or_default().to_owned()),
    }
}

fn tell(wire: &Wire, found: &Found, trial: Option<&Trial>) -> Result<()> {
    let state = match trial {
        Some(Ok(control)) => format!("works, controlled through {control}"),
        Some(Err(reason)) => format!("does not work: {reason}"),
        None => "missing".to_owned(),
    };
    wire.output.line(format_args!("{}: {state}", found.kind))?;
    for (what, program) in [("browser", &found.browser), ("driver", &found.driver)] {
        match program {
            Some(path) => {
                let version = Found::version(path).unwrap_or_else(|| "its version cannot be read".into());
                wire.output.line(format_args!("  {what}: {} ({version})", path.display()))?;
            }
            None => wire.output.line(format_args!("  {what}: not found"))?,
        }
    }
    if trial.is_none() {
        wire.output.line(format_args!("  hint: {}", found.kind.install()))?;
    }
    Ok(())
}

fn document(found: &Found, trial: Option<&Trial>) -> Value {
    let version = |p: &Option<std::path::PathBuf>| p.as_deref().and_then(Found::version);
    json!({
        "name": found.kind.name(), "browser": found.browser, "browserVersion": version(&found.browser),
        "driver": found.driver, "driverVersion": version(&found.driver), "works": matches!(trial, Some(Ok(_))),
        "problem": trial.and_then(|t| t.as_ref().err()), "install": found.kind.install(),
    })
}
