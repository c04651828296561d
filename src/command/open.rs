//! Opens a visible browser that is logged in already, until the person closes it.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use tokio::time;
use tokio_util::sync::CancellationToken;
use url::Position;

use super::{login::require_web, wire::Wire};
use crate::cli::{Exit, OpenArgs};

pub(super) async fn run(wire: &Wire, args: &OpenArgs, stop: CancellationToken) -> Result<Exit> {
    require_web(&args.url)?;
    let session = wire.reference(args.session.as_ref())?;
    let state = wire.load(&session)?;
    let launch = wire.launch(&args.target, true);
    let opened = tokio::select! {
        opened = wire.logged_in(launch, &state) => opened?,
        () = stop.cancelled() => return Ok(Exit::Interrupted),
    };
    opened.browser.page().goto(&args.url).await?;
    // The query of an address may hold a token.
    let shown = &args.url[Position::BeforeHost..Position::AfterPath];
    wire.output.line(format_args!("{shown} is open as `{session}`; close the browser to end"))?;
    wire.output.document(
        &json!({ "schema": "handstamp.open/1", "event": "opened", "session": session.to_string() }),
    )?;
    let exit = loop {
        tokio::select! {
            () = stop.cancelled() => break Exit::Interrupted,
            () = time::sleep(LOOK_EVERY) => if opened.browser.is_gone().await { break Exit::Done },
        }
    };
    opened.close().await;
    Ok(exit)
}

/// How often it is looked whether the person has closed the browser.
const LOOK_EVERY: Duration = Duration::from_millis(500);
