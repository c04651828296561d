//! What each contestant is given: the address, the session in every form that somebody takes, and the limits.

use std::{
    env, fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use handstamp::{
    browser::{Kind, find},
    session::{OriginState, Secret, State, file, now},
};
use serde_json::{Value, json};
use tokio::process::Command;
use url::Url;

use crate::app::App;

/// The start line of a run.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) url: Url,
    /// Where the tools are.
    pub(crate) tools: PathBuf,
    /// Where this run reads the session from and writes to.
    pub(crate) folder: PathBuf,
    pub(crate) browser: PathBuf,
    pub(crate) driver: PathBuf,
    pub(crate) browsers: usize,
    pub(crate) limit: Duration,
    /// The session as request headers: `Name: value`.
    pub(crate) headers: Vec<String>,
    /// By these its requests are known.
    pub(crate) secrets: Vec<String>,
}

impl Stage {
    /// Logs in at the address, and writes down the session.
    pub(crate) async fn set(app: &App, url: &Url, tools: &Path, name: &str, limit: Duration) -> Result<Self> {
        let folder = tools.join("runs").join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        let state = match &app.user {
            Some(user) => log_in(url, user, &folder).await?,
            None => State::default(),
        };
        if app.user.is_none() {
            fs::write(folder.join("session.json"), json!({ "cookies": [], "origins": [] }).to_string())?;
        }
        fs::write(folder.join("seed.js"), seed(&state))?;
        fs::write(folder.join("cookies.json"), cookies(&state).to_string())?;
        let found = find(Kind::Chromium);
        let browser = found.browser.context("there is no Chromium; `make setup` installs it")?;
        let driver = found.driver.context("there is no chromedriver; `make setup` installs it")?;
        let long = |secret: &&str| secret.len() >= SECRET;
        Ok(Self {
            url: url.clone(),
            tools: tools.to_owned(),
            folder,
            browser,
            driver,
            browsers: 2,
            limit,
            headers: headers(&state, url),
            secrets: state
                .secrets()
                .into_iter()
                .map(Secret::expose)
                .filter(long)
                .map(str::to_owned)
                .collect(),
        })
    }
}

async fn log_in(url: &Url, (name, password): &(String, String), folder: &Path) -> Result<State> {
    let output = Command::new(env!("CARGO_BIN_EXE_handstamp"))
        .args([
            "login",
            url.as_str(),
            "--username",
            name,
            "--password-env",
            PASSWORD,
            "--session",
            "./session.json",
        ])
        .env(PASSWORD, password)
        .env("HANDSTAMP_HOME", folder.join("home"))
        .current_dir(folder)
        .output()
        .await?;
    if !output.status.success() {
        bail!("not logged in: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(file::read(&folder.join("session.json"))?)
}

/// A script that puts the storages in place before the application's own scripts run.
fn seed(state: &State) -> String {
    let storages = |origin: &OriginState| {
        let local = origin.local_storage.iter().map(|item| ("localStorage", item.clone()));
        let session = origin.session_storage.iter().map(|item| ("sessionStorage", item.clone()));
        local.chain(session).collect::<Vec<_>>()
    };
    let lines = state.origins.iter().flat_map(|origin| {
        storages(origin).into_iter().map(|(storage, item)| {
            let (at, key, value) = (json!(origin.origin), json!(item.name), json!(item.value.expose()));
            format!("if (location.origin === {at}) {storage}.getItem({key}) ?? {storage}.setItem({key}, {value});\n")
        })
    });
    lines.collect()
}

fn cookies(state: &State) -> Value {
    let of = |cookie: &handstamp::session::Cookie| {
        let mut all = json!({
            "name": cookie.name, "value": cookie.value.expose(), "domain": cookie.domain, "path": cookie.path,
            "secure": cookie.secure, "httpOnly": cookie.http_only,
        });
        if let Some(expires) = cookie.expires {
            all["expires"] = json!(expires);
        }
        all
    };
    state.cookies.iter().map(of).collect()
}

fn headers(state: &State, url: &Url) -> Vec<String> {
    let cookies: Vec<_> =
        state.cookies_for(url, now()).iter().map(|c| format!("{}={}", c.name, c.value.expose())).collect();
    let cookie = (!cookies.is_empty()).then(|| format!("Cookie: {}", cookies.join("; ")));
    let tokens = state.headers_for(url).map(|h| format!("{}: {}", h.name, h.value.expose()));
    cookie.into_iter().chain(tokens).collect()
}

/// Shorter values stand for something else than the session too.
const SECRET: usize = 12;
const PASSWORD: &str = "BENCH_LOGIN_PASSWORD";
