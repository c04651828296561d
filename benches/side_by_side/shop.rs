//! The sample shop, which everybody logs in to.

use std::{path::Path, process::Stdio};

use anyhow::{Context as _, Result};
use handstamp::browser::{Kind, find};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use crate::racer::Racer;

/// A shop that is open as long as this value lives.
#[derive(Debug)]
pub(crate) struct Shop {
    pub(crate) url: String,
    pub(crate) username: String,
    password: String,
    folder: String,
    browser: String,
    _process: Child,
}

impl Shop {
    /// Opens the shop on a free port; what the contestants write goes to the folder.
    pub(crate) async fn open(folder: &Path) -> Result<Self> {
        let program = Path::new(env!("CARGO_BIN_EXE_handstamp")).with_file_name("examples/shop");
        let mut process = Command::new(&program)
            .arg("--exit-with-stdin")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} cannot be started; `make bench` builds it", program.display()))?;
        let out = process.stdout.take().context("the shop has no output")?;
        let line = BufReader::new(out).lines().next_line().await?.context("the shop did not open")?;
        let ready: Value = serde_json::from_str(&line)?;
        let text = |path: &str| ready.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        let browser =
            find(Kind::Chromium).browser.context("there is no Chromium; `make setup` installs it")?;
        Ok(Self {
            url: text("/url"),
            username: text("/users/0/username"),
            password: text("/users/0/password"),
            folder: folder.display().to_string(),
            browser: browser.display().to_string(),
            _process: process,
        })
    }

    /// A file for a contestant to write.
    pub(crate) fn file(&self, name: &str) -> String {
        format!("{}/{name}", self.folder)
    }

    /// A contestant who knows the password, and where things are.
    pub(crate) fn racer(&self, program: &str) -> Racer {
        Racer::new(program)
            .env(PASSWORD, &self.password)
            .env("HANDSTAMP_HOME", &self.file("home"))
            .env("NODE_PATH", &self.file("node_modules"))
            .env("BENCH_BROWSER", &self.browser)
    }
}

/// The variable with the password.
pub(crate) const PASSWORD: &str = "SHOP_PASSWORD";
