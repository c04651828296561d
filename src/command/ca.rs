//! Prints or exports the certificate of the proxy's authority.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use serde_json::json;

use super::wire::Wire;
use crate::cli::Exit;

pub(super) fn run(wire: &Wire, export: Option<&Path>) -> Result<Exit> {
    let authority = wire.authority()?;
    let spki = authority.spki_sha256_base64();
    if let Some(file) = export {
        fs::write(file, authority.pem()).with_context(|| format!("cannot write `{}`", file.display()))?;
        wire.output.line(format_args!("written to `{}`", file.display()))?;
        wire.output.line("  hint: let clients trust it, for example `curl --cacert FILE`; never install it for everyday browsing")?;
    } else {
        wire.output.line(authority.pem().trim_end())?;
    }
    wire.output.document(&json!({
        "schema": "handstamp.ca/1", "certificate": authority.pem(), "spkiSha256": spki, "exported": export,
    }))?;
    Ok(Exit::Done)
}
