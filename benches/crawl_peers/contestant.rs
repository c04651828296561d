//! Who takes part, and how each is started with the session in the best way that it has.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Result, bail};
use tokio::process::Command;

use crate::stage::Stage;

/// A crawler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contestant {
    Handstamp,
    Crawlee,
    Katana,
    Crawljax,
}

impl Contestant {
    pub(crate) const ALL: [Self; 4] = [Self::Handstamp, Self::Crawlee, Self::Katana, Self::Crawljax];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Handstamp => "handstamp",
            Self::Crawlee => "crawlee",
            Self::Katana => "katana",
            Self::Crawljax => "crawljax",
        }
    }

    /// What of it is not installed here; nothing when it can run.
    pub(crate) fn missing(self, tools: &Path) -> Option<PathBuf> {
        let needed = match self {
            Self::Handstamp => return None,
            Self::Crawlee => tools.join("node_modules/@crawlee/playwright"),
            Self::Katana => tools.join("katana"),
            Self::Crawljax => tools.join("crawljax-classes/Drive.class"),
        };
        (!needed.exists()).then_some(needed)
    }

    /// What has to be done before its time begins to count.
    pub(crate) async fn prepare(self, stage: &Stage) -> Result<()> {
        if self == Self::Crawlee || self == Self::Katana {
            // Modules are looked for beside the script.
            for name in ["crawlee.mjs", "profile.mjs"] {
                std::fs::copy(scripts().join(name), stage.tools.join(name))?;
            }
        }
        if self != Self::Katana {
            return Ok(());
        }
        let output = Command::new("node")
            .arg(stage.tools.join("profile.mjs"))
            .args([stage.url.as_str(), &profile(stage), &text(&stage.folder)])
            .env("BENCH_BROWSER", &stage.browser)
            .output()
            .await?;
        if !output.status.success() {
            bail!("no profile for katana: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }

    pub(crate) fn command(self, stage: &Stage) -> Command {
        let (url, browsers) = (stage.url.as_str(), stage.browsers.to_string());
        let (seconds, folder) = (stage.limit.as_secs().to_string(), text(&stage.folder));
        let mut command = match self {
            Self::Handstamp => {
                let mut command = Command::new(env!("CARGO_BIN_EXE_handstamp"));
                command
                    .args(["crawl", url, "--session", "./session.json", "--output", "crawl", "--json"])
                    .args(["--browsers", &browsers, "--max-duration", &format!("{seconds}s")])
                    .env("HANDSTAMP_HOME", stage.folder.join("home"));
                command
            }
            Self::Crawlee => {
                let mut command = Command::new("node");
                command.arg(stage.tools.join("crawlee.mjs")).args([url, &browsers, &seconds, &folder]);
                command
            }
            Self::Katana => katana(stage, &seconds, &browsers),
            Self::Crawljax => {
                let mut command = Command::new("java");
                let path = format!("{0}/crawljax-classes:{0}/crawljax/*", text(&stage.tools));
                let driver = format!("-Dwebdriver.chrome.driver={}", text(&stage.driver));
                command.args([
                    "-Xmx1500m",
                    &driver,
                    "-cp",
                    &path,
                    "Drive",
                    url,
                    &browsers,
                    &seconds,
                    &folder,
                ]);
                command
            }
        };
        command.env("BENCH_BROWSER", &stage.browser).current_dir(&stage.folder);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }
}

/// Full headless, with the session both as headers and in the profile of its browser, and the ways out left alone.
fn katana(stage: &Stage, seconds: &str, browsers: &str) -> Command {
    let mut command = Command::new(stage.tools.join("katana"));
    command
        .args([
            "-u",
            stage.url.as_str(),
            "-headless",
            "-no-sandbox",
            "-system-chrome-path",
            &text(&stage.browser),
        ])
        .args([
            "-chrome-data-dir",
            &profile(stage),
            "-xhr",
            "-aff",
            "-jc",
            "-depth",
            "10",
            "-silent",
            "-jsonl",
            "-or",
            "-ob",
        ])
        .args(["-no-incognito", "-system-chrome"])
        .args([
            "-c",
            browsers,
            "-p",
            browsers,
            "-crawl-duration",
            &format!("{seconds}s"),
            "-disable-update-check",
        ])
        .args(["-crawl-out-scope", "(?i)log-?out|sign-?out"]);
    for header in &stage.headers {
        command.args(["-H", header]);
    }
    command
}

fn profile(stage: &Stage) -> String {
    text(&stage.folder.join("profile"))
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/crawl_peers")
}

fn text(path: &Path) -> String {
    path.display().to_string()
}
