//! Makes the stand-ins for drivers, and removes them.

use std::{
    env, fs, io,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use serde_json::json;

use super::{failure::Usage, wire::Wire};
use crate::{
    browser::real_driver,
    cli::{DriversAction, Exit},
};

pub(super) fn run(wire: &Wire, action: &DriversAction) -> Result<Exit> {
    let own = env::current_exe().context("cannot tell where this program is")?;
    match action {
        DriversAction::Install { folder, plain_names } => {
            let names: Vec<&str> =
                NAMES.iter().chain(PLAIN.iter().filter(|_| *plain_names)).copied().collect();
            install(wire, folder, &own, &names)
        }
        DriversAction::Remove { folder } => remove(wire, folder, &own),
    }
}

fn install(wire: &Wire, folder: &Path, own: &Path, names: &[&str]) -> Result<Exit> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
    let mut made = Vec::new();
    for name in names {
        let link = folder.join(name);
        let there = fs::symlink_metadata(&link);
        if there.is_ok() && !is_own(&link, own) {
            let message = format!("`{}` is there already, and is something else", link.display());
            return Err(Usage::new(&message, "name another directory").into());
        }
        if there.is_ok() {
            fs::remove_file(&link).with_context(|| format!("cannot replace `{}`", link.display()))?;
        }
        symlink(own, &link).with_context(|| format!("cannot make `{}`", link.display()))?;
        wire.output.line(link.display())?;
        made.push(link);
    }
    wire.output.line("  they open browsers that are logged in as HANDSTAMP_SESSION says")?;
    for kind in crate::browser::Kind::ALL {
        if real_driver(kind).is_none() {
            tracing::warn!(browser = %kind, "there is no real driver yet: `{}`", kind.install());
        }
    }
    wire.output.document(&json!({ "schema": SCHEMA, "event": "installed", "files": made }))?;
    Ok(Exit::Done)
}

fn remove(wire: &Wire, folder: &Path, own: &Path) -> Result<Exit> {
    let mut removed: Vec<PathBuf> = Vec::new();
    for link in NAMES.iter().chain(PLAIN).map(|name| folder.join(name)).filter(|link| is_own(link, own)) {
        fs::remove_file(&link).with_context(|| format!("cannot remove `{}`", link.display()))?;
        wire.output.line(format_args!("removed {}", link.display()))?;
        removed.push(link);
    }
    if removed.is_empty() {
        wire.output.line(format_args!("there are none in {}", folder.display()))?;
    }
    wire.output.document(&json!({ "schema": SCHEMA, "event": "removed", "files": removed }))?;
    Ok(Exit::Done)
}

/// Whether a file is a link that was made here: to this program, or to where it once was.
fn is_own(link: &Path, own: &Path) -> bool {
    let target: io::Result<PathBuf> = fs::read_link(link);
    target.is_ok_and(|target| target == own || target.file_name() == own.file_name())
}

const NAMES: &[&str] = &["handstamp-chromedriver", "handstamp-geckodriver"];
const PLAIN: &[&str] = &["chromedriver", "geckodriver"];
const SCHEMA: &str = "handstamp.stand-ins/1";
