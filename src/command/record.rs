//! Records a login by hand in a visible browser, and writes the recipe of it.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context as _, Result};
use serde_json::json;
use tokio::time;
use tokio_util::sync::CancellationToken;

use super::{login::require_web, wire::Wire};
use crate::{
    browser::Browser,
    cli::{Exit, Progress, RecordArgs, plural},
    login::flow::{Flow, Recorder},
};

/// Records until the browser is closed, the address is reached that was asked for, or the person stops it.
pub(super) async fn run(wire: &Wire, args: &RecordArgs, stop: &CancellationToken) -> Result<Exit> {
    require_web(&args.url)?;
    let progress = wire.progress("log in by hand in the browser; close it when you are done");
    let opened = wire.browser(wire.launch(&args.target, !args.headless)).await?;
    let started = Recorder::start(&opened.browser, &args.url, args.username.clone()).await;
    let flow = match started {
        Ok(recorder) => Ok(listen(recorder, &opened.browser, args, stop, &progress).await),
        Err(error) => Err(error),
    };
    opened.close().await;
    drop(progress);
    tell(wire, args, &flow?)
}

async fn listen(
    mut recorder: Recorder,
    browser: &Browser,
    args: &RecordArgs,
    end: &CancellationToken,
    progress: &Progress,
) -> Flow {
    let mut looks = time::interval(LOOK_EVERY);
    loop {
        tokio::select! {
            done = recorder.next() => match done {
                Some(done) => progress.step(&done),
                None => break,
            },
            _ = looks.tick() => if is_over(browser, args).await { break },
            () = end.cancelled() => break,
        }
    }
    recorder.finish()
}

/// Whether the browser is closed, or has come to the address that ends the recording.
async fn is_over(browser: &Browser, args: &RecordArgs) -> bool {
    if browser.is_gone().await {
        return true;
    }
    let Some(until) = &args.until else { return false };
    browser.page().url().await.is_ok_and(|url| until.is_match(url.as_str()))
}

fn tell(wire: &Wire, args: &RecordArgs, flow: &Flow) -> Result<Exit> {
    let recipe = flow.to_recipe();
    let text = format!("{recipe:#}\n");
    if let Some(file) = &args.output {
        write(file, &text)?;
        let steps = plural(flow.acts.len(), "step");
        let name = file.display();
        wire.output.line(format_args!("recorded {steps} to `{name}`"))?;
        wire.output.line(format_args!("  play it with `handstamp login {} --recipe {name}`", args.url))?;
        let document = json!({ "schema": "handstamp.record/1", "steps": flow.acts.len(), "file": file });
        wire.output.document(&document)?;
    } else {
        wire.output.line(text.trim_end())?;
        wire.output.document(&recipe)?;
    }
    // The first step is the page that was opened.
    Ok(if flow.acts.len() > 1 { Exit::Done } else { Exit::Incomplete })
}

fn write(file: &Path, text: &str) -> Result<()> {
    fs::write(file, text).with_context(|| format!("cannot write the recipe to `{}`", file.display()))
}

const LOOK_EVERY: Duration = Duration::from_millis(250);
