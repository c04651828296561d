//! Takes a session from another tool.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use anyhow::{Context as _, Result};
use serde_json::json;

use super::{failure::Usage, login::require_web, wire::Wire};
use crate::{
    cli::{Exit, ImportArgs},
    handover::{Imported, Parts, import, merge},
    session::{Error, State},
};

pub(super) fn run(wire: &Wire, args: &ImportArgs) -> Result<Exit> {
    if let Some(url) = &args.url {
        require_web(url)?;
    }
    let store = wire.store()?;
    store.ensure_writable(&args.session)?;
    let mut read = Vec::new();
    for file in &args.files {
        let imported = import(&bytes(file)?, args.format.named(), args.url.as_ref());
        read.push(imported.with_context(|| format!("cannot take a session from {}", named(file)))?);
    }
    let mut states = read.iter().map(|imported| imported.state.clone());
    let mut state = match store.load(&args.session) {
        Ok(state) if args.merge => state,
        Err(error) if args.merge && !matches!(error, Error::NotFound { .. }) => return Err(error.into()),
        _ => states.next().unwrap_or_default(),
    };
    states.for_each(|new| merge(&mut state, new));
    store.save(&args.session, &state)?;
    tell(wire, args, &read, &state)?;
    Ok(Exit::Done)
}

/// The content of a file, or of stdin; no more than a session can be, by far.
fn bytes(file: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = if file == Path::new("-") {
        io::stdin().lock().take(MOST_BYTES).read_to_end(&mut bytes)
    } else {
        File::open(file).and_then(|file| file.take(MOST_BYTES).read_to_end(&mut bytes))
    };
    let message = |e: &io::Error| format!("cannot read {}: {e}", named(file));
    read.map_err(|e| Usage::new(&message(&e), "name a file that is there and that you may read, or `-`"))?;
    Ok(bytes)
}

fn named(file: &Path) -> String {
    if file == Path::new("-") { "standard input".to_owned() } else { format!("`{}`", file.display()) }
}

fn tell(wire: &Wire, args: &ImportArgs, read: &[Imported], state: &State) -> Result<()> {
    for (file, imported) in args.files.iter().zip(read) {
        let (format, parts) = (imported.format, Parts::of(&imported.state));
        wire.output.line(format_args!("read {} as {format}: {parts}", named(file)))?;
        let lacks = format.lacks();
        if !lacks.is_empty() {
            wire.output.line(format_args!("  {format} has no place for {}", lacks.join(", ")))?;
        }
        for note in &imported.notes {
            wire.output.line(format_args!("  {note}"))?;
        }
    }
    let scope: Vec<_> = state.scope.iter().map(ToString::to_string).collect();
    wire.output.line(format_args!("kept as `{}`; it goes to {}", args.session, scope.join(", ")))?;
    wire.output.line(format_args!(
        "  nothing proves it yet: see what it holds with `handstamp show {}`",
        args.session
    ))?;
    let files = read.iter().map(|imported| {
        json!({ "format": imported.format.word(), "parts": Parts::of(&imported.state).to_string(), "notes": imported.notes })
    });
    wire.output.document(&json!({
        "schema": "handstamp.import/1", "session": args.session.to_string(), "read": files.collect::<Vec<_>>(),
        "parts": Parts::of(state).to_string(), "scope": scope,
    }))?;
    Ok(())
}

/// One byte more than what is taken for a session, so that it is seen to be too much.
const MOST_BYTES: u64 = (256 << 20) + 1;
