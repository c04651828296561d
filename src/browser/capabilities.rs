//! The capabilities with which a browser is asked for.

use std::{env, path::Path};

use serde_json::{Map, Value, json};

use super::{
    Kind, Launch, Prompts, Protocol,
    error::{Error, Result},
    find::find,
    kind::Data,
};

/// Where the browser will run.
#[derive(Debug)]
pub(super) enum Place<'a> {
    /// Here, started by our own driver, with this profile folder and driver version.
    Here { profile: &'a Path, version: Option<&'a str> },
    /// Wherever the given driver or grid starts it.
    Elsewhere,
}

/// Builds the capabilities for a launch (see 7 Capabilities of the WebDriver standard).
pub(super) fn capabilities(launch: &Launch, place: &Place<'_>) -> Result<Map<String, Value>> {
    if launch.headed && matches!(place, Place::Here { .. }) && !has_display() {
        return Err(Error::NoDisplay);
    }
    let data = launch.kind.data();
    let mut all = data.capabilities.clone();
    all.insert("pageLoadStrategy".into(), json!("eager"));
    all.insert("unhandledPromptBehavior".into(), json!("accept"));
    all.insert("acceptInsecureCerts".into(), json!(launch.insecure));
    let page_load = u64::try_from(launch.deadline.as_millis()).unwrap_or(u64::MAX / 2);
    // The driver gives up a little before we do, so that its own words reach the user.
    all.insert(
        "timeouts".into(),
        json!({ "implicit": 0, "pageLoad": page_load * 9 / 10, "script": page_load * 9 / 10 }),
    );
    if wants_bidi(launch, place) {
        all.insert("webSocketUrl".into(), json!(true));
    }
    if let Some(proxy) = launch.proxy {
        all.insert(
            "proxy".into(),
            json!({ "proxyType": "manual", "httpProxy": proxy.to_string(), "sslProxy": proxy.to_string() }),
        );
    }
    match launch.kind {
        Kind::Chromium => all.insert("goog:chromeOptions".into(), chromium(launch, data, place)),
        Kind::Firefox => all.insert("moz:firefoxOptions".into(), firefox(launch, data, place)),
    };
    Ok(all)
}

/// BiDi costs Chromium a helper page at its start: it is asked for only where CDP may be out of reach.
fn wants_bidi(launch: &Launch, place: &Place<'_>) -> bool {
    match (launch.protocol, launch.kind) {
        (Protocol::Bidi, _) | (Protocol::Auto, Kind::Firefox) => true,
        (Protocol::Auto, Kind::Chromium) => matches!(place, Place::Elsewhere),
        (Protocol::Cdp | Protocol::Driver, _) => false,
    }
}

fn chromium(launch: &Launch, data: &Data, place: &Place<'_>) -> Value {
    let mut args = arguments(launch, data);
    let mut options = Map::new();
    if let Place::Here { profile, version } = place {
        args.push(format!("--user-data-dir={}", profile.join("profile").display()));
        if let Some(binary) = find(launch.kind).browser {
            options.insert("binary".into(), json!(binary));
        }
        if let Some(agent) = launch.user_agent.clone().or_else(|| plain_agent(launch, data, *version)) {
            args.push(format!("--user-agent={agent}"));
        }
    } else if let Some(agent) = &launch.user_agent {
        args.push(format!("--user-agent={agent}"));
    }
    options.insert("args".into(), json!(args));
    options.insert("prefs".into(), json!(data.prefs));
    if !launch.headed && launch.prompts == Prompts::Ignored {
        // Without authentication schemes there is no password dialog, which nobody could answer: it stops the page for good.
        options.insert("localState".into(), json!(data.local_state_headless));
    }
    options.insert("excludeSwitches".into(), json!(["enable-automation"]));
    Value::Object(options)
}

fn firefox(launch: &Launch, data: &Data, place: &Place<'_>) -> Value {
    let mut prefs = data.prefs.clone();
    if launch.proxy.is_some() {
        prefs.extend(data.prefs_proxy.clone());
    }
    if let Some(agent) = &launch.user_agent {
        prefs.insert("general.useragent.override".into(), json!(agent));
    }
    let mut options = Map::new();
    if matches!(place, Place::Here { .. })
        && let Some(binary) = find(launch.kind).browser
    {
        options.insert("binary".into(), json!(binary));
    }
    options.insert("args".into(), json!(arguments(launch, data)));
    options.insert("prefs".into(), json!(prefs));
    Value::Object(options)
}

fn arguments(launch: &Launch, data: &Data) -> Vec<String> {
    let mut args = data.args.clone();
    if !launch.headed {
        args.extend_from_slice(&data.args_headless);
    }
    if nix::unistd::geteuid().is_root() {
        args.extend_from_slice(&data.args_root);
    }
    if launch.proxy.is_some() {
        args.extend_from_slice(&data.args_proxy);
    }
    args
}

/// The User-Agent that a visible browser of this version has: headless ones name themselves otherwise.
fn plain_agent(launch: &Launch, data: &Data, version: Option<&str>) -> Option<String> {
    (!launch.headed && !data.user_agent.is_empty())
        .then(|| data.user_agent.replace("{version}", version.unwrap_or("100")))
}

pub(super) fn has_display() -> bool {
    cfg!(not(target_os = "linux"))
        || env::var_os("DISPLAY").is_some()
        || env::var_os("WAYLAND_DISPLAY").is_some()
}
