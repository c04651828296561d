//! A display that nobody sees, for browsers that cannot do without one.

use std::{process::Stdio, time::Duration};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, ChildStdout, Command},
    time,
};

use super::error::{Error, Result};

/// A running X server without a screen; it ends with this value.
#[derive(Debug)]
pub(super) struct Display {
    child: Child,
    name: String,
    /// Kept open: the server writes to it once more when it resets.
    out: Option<BufReader<ChildStdout>>,
}

impl Display {
    /// Starts the program, which tells the number of its display on standard output.
    ///
    /// # Errors
    /// When it is not found or does not tell in time.
    pub(super) async fn start(command: &[String], install: &str) -> Result<Self> {
        let missing = |what: &str| Error::NotFound { what: what.to_owned(), install: install.to_owned() };
        let Some((program, args)) = command.split_first() else { return Err(missing("display")) };
        let mut child = Command::new(program)
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(|_| missing(program))?;
        let out = child.stdout.take();
        let mut display = Self { child, name: String::new(), out: out.map(BufReader::new) };
        let mut line = String::new();
        if let Some(out) = display.out.as_mut() {
            let _ = time::timeout(LIMIT, out.read_line(&mut line)).await;
        }
        if line.trim().is_empty() {
            let reason = "it did not tell its display".to_owned();
            return Err(Error::DriverStart { driver: program.clone(), reason });
        }
        display.name = format!(":{}", line.trim());
        Ok(display)
    }

    /// Its name, for the variable `DISPLAY`.
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Display {
    /// It is asked to go, so that it takes its lock files with it.
    fn drop(&mut self) {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(id) = id {
            let _ = kill(Pid::from_raw(id), Signal::SIGTERM);
        }
    }
}

const LIMIT: Duration = Duration::from_secs(10);
