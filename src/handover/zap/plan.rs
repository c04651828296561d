//! An automation plan that makes the context of a session, with its user and scripts.

use std::fmt::Write as _;

use super::{Goods, indicators::Indicators};
use crate::context::Context;

/// The plan in YAML; it names its scripts as files that lie beside it.
pub(super) fn plan(goods: &Goods, context: Option<&Context>) -> String {
    let urls: Vec<String> = match context {
        Some(context) => context.urls.iter().map(ToString::to_string).collect(),
        None => goods.origins.iter().map(ToString::to_string).collect(),
    };
    let mut text = String::from("# For ZAP: zap.sh -cmd -autorun plan.yaml\nenv:\n  contexts:\n");
    let _ = writeln!(text, "    - name: {}", quoted(&goods.names.context));
    list(&mut text, "urls", &urls);
    list(&mut text, "includePaths", &goods.include);
    list(&mut text, "excludePaths", &goods.exclude);
    text.push_str("      authentication:\n        method: script\n        parameters:\n");
    text.push_str("          script: authentication.js\n          scriptEngine: Graal.js\n");
    text.push_str(&verification(&goods.indicators));
    text.push_str("      sessionManagement:\n        method: script\n        parameters:\n");
    text.push_str("          script: session.js\n          scriptEngine: Graal.js\n");
    let user = quoted(&goods.names.user);
    let _ = writeln!(
        text,
        "      users:\n        - name: {user}\n          credentials:\n            username: {user}"
    );
    text.push_str("  parameters:\n    failOnError: true\n    progressToStdout: true\njobs:\n");
    text.push_str("  - type: script\n    name: put the session into browsers\n    parameters:\n");
    let name = quoted(&goods.names.session());
    let _ = writeln!(
        text,
        "      action: add\n      type: selenium\n      engine: Graal.js\n      name: {name}\n      source: browser.js"
    );
    text.push_str("  # Spiders and scans follow here; give them this context and user.\n");
    text
}

fn verification(indicators: &Result<Indicators, &'static str>) -> String {
    let Ok(poll) = indicators else {
        return "        verification:\n          method: autodetect\n".to_owned();
    };
    let mut text = String::from("        verification:\n          method: poll\n");
    text.push_str("          pollFrequency: 60\n          pollUnits: seconds\n");
    let body = Some(&poll.body).filter(|body| !body.is_empty());
    for (key, value) in [
        ("pollUrl", Some(&poll.url)),
        ("pollPostData", body),
        ("loggedInRegex", poll.logged_in.as_ref()),
        ("loggedOutRegex", poll.logged_out.as_ref()),
    ] {
        if let Some(value) = value {
            let _ = writeln!(text, "          {key}: {}", quoted(value));
        }
    }
    let headers: Vec<_> = poll.headers.lines().filter_map(|line| line.split_once(": ")).collect();
    if !headers.is_empty() {
        text.push_str("          pollAdditionalHeaders:\n");
    }
    for (name, value) in headers {
        let _ =
            writeln!(text, "            - header: {}\n              value: {}", quoted(name), quoted(value));
    }
    text
}

fn list(text: &mut String, key: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    let _ = writeln!(text, "      {key}:");
    for item in items {
        let _ = writeln!(text, "        - {}", quoted(item));
    }
}

/// A text as YAML takes it: in the notation of JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
