//! Writes a session in the format of another tool.

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
};

use anyhow::Result;
use serde_json::json;

use super::{failure::Usage, handed::handed, login::require_web, push_subject::Subject, wire::Wire};
use crate::{
    cli::{Exit, ExportArgs},
    handover::{Content, Exported, Format, Handed, export, export_zap, write_private},
    session::{Method, Secret, now},
};

pub(super) async fn run(wire: &Wire, args: &ExportArgs) -> Result<Exit> {
    if let Some(url) = &args.url {
        require_web(url)?;
    }
    let (session, handed) = handed(wire, args.session.as_ref()).await?;
    let exported = match args.format {
        Format::Zap => {
            let subject = Subject::of(wire, args.session.as_ref())?;
            export_zap(&handed, subject.names(), subject.context())?
        }
        format => export(&handed, format, args.url.as_ref())?,
    };
    put(&exported.content, args.output.as_deref())?;
    warn_of(&handed, &session.to_string());
    let losses = exported.losses();
    if let (Some(losses), false) = (&losses, wire.common.quiet) {
        let mut err = io::stderr().lock();
        writeln!(err, "left out: {losses}; {} has no place for them", args.format)?;
    }
    told(wire, args, &exported)?;
    Ok(Exit::Done)
}

/// Writes the product to its file, or to stdout.
fn put(content: &Content, output: Option<&Path>) -> Result<()> {
    match (content, output) {
        (Content::Text(text), Some(file)) => Ok(write_private(file, text)?),
        (Content::Text(text), None) => {
            let mut out = io::stdout().lock();
            out.write_all(text.expose().as_bytes())?;
            Ok(out.flush()?)
        }
        (Content::Files(files), Some(directory)) => put_all(files, directory),
        (Content::Files(_), None) => Err(Usage::new(
            "the format consists of several files",
            "name a directory for them with `--output DIR`",
        )
        .into()),
    }
}

fn put_all(files: &[(String, Secret)], directory: &Path) -> Result<()> {
    fs::create_dir_all(directory)?;
    for (name, text) in files {
        write_private(&directory.join(name), text)?;
    }
    Ok(())
}

/// Says what is known to be wrong with the session before somebody relies on it.
fn warn_of(handed: &Handed, session: &str) {
    let state = handed.state();
    if state.expires().is_some_and(|end| end <= now()) {
        tracing::warn!(session, "the session has expired; log in again");
    }
    if let Method::Script { .. } = state.method {
        tracing::warn!(
            session,
            "a script carries the session, which no other tool runs; use `handstamp exec` or the proxy"
        );
    }
}

fn told(wire: &Wire, args: &ExportArgs, exported: &Exported) -> Result<()> {
    let Some(file) = &args.output else { return Ok(()) };
    wire.output.line(format_args!("written to `{}`, which only you may read", file.display()))?;
    wire.output.document(&json!({
        "schema": "handstamp.export/1", "format": args.format.word(), "file": file, "left_out": exported.losses(),
    }))?;
    Ok(())
}
