//! A script that gives each new tab its sessionStorage, for tools that run one before the page's own.

use serde_json::{Value, json};

use super::{Format, Handed, Parts, export::Written};
use crate::{
    browser::script,
    session::{Item, OriginState},
};

/// The script; Playwright runs it in each document before anything else.
pub(super) fn write(handed: &Handed) -> Written {
    let with_tabs = handed.state.origins.iter().filter(|origin| !origin.session_storage.is_empty());
    let data: Value = with_tabs.map(entry).collect();
    let text = format!(
        "// Gives each new tab the sessionStorage of a session, once for each origin: context.addInitScript({{ path: 'this file' }}).\n({})({});\n",
        script("init-script"),
        literal(&data)
    );
    Written::new(text, Parts::of(&handed.state).only(Format::PlaywrightInitScript.carries()))
}

fn entry(origin: &OriginState) -> Value {
    let item = |item: &Item| json!({ "name": item.name, "value": item.value.expose() });
    json!({ "origin": origin.origin, "items": origin.session_storage.iter().map(item).collect::<Value>() })
}

/// JSON as a JavaScript literal: U+2028 and U+2029 are line ends there.
fn literal(value: &Value) -> String {
    value.to_string().replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}
