//! Writes a flow as a recipe of handstamp's own.

use serde_json::{Map, Value, json};

use super::{
    Act, Choice, Deed, Flow, Frame, Mark, Need, Part, Selector, Target, Typed, Until, Window, recipe::SCHEMA,
};

impl Flow {
    /// The recipe as a document, which [`Flow::parse`] reads again. Credentials stand in it as places only.
    #[must_use]
    pub fn to_recipe(&self) -> Value {
        let steps: Vec<Value> = self.acts.iter().map(step).collect();
        let mut recipe = json!({ "schema": SCHEMA, "title": self.title, "steps": steps });
        if !self.delay.is_zero() {
            recipe["delay"] = json!(self.delay.as_millis());
        }
        recipe
    }
}

fn step(act: &Act) -> Value {
    let mut step = Map::new();
    let (word, more) = deed(&act.deed);
    step.insert("type".into(), json!(word));
    match &act.place.window {
        Window::Number(0) => {}
        Window::Number(number) => drop(step.insert("window".into(), json!(number))),
        Window::Url(url) => drop(step.insert("window".into(), json!(url))),
    }
    if !act.place.frames.is_empty() {
        let frames: Vec<Value> = act.place.frames.iter().map(frame).collect();
        step.insert("frame".into(), json!(frames));
    }
    if let Some(target) = act.deed.target() {
        describe(target, &mut step);
    }
    step.extend(more);
    if let Some(limit) = act.limit {
        step.insert("timeout".into(), json!(limit.as_millis()));
    }
    if act.need == Need::Optional {
        step.insert("optional".into(), json!(true));
    }
    Value::Object(step)
}

/// The word of a deed, and what it has beside its element.
fn deed(deed: &Deed) -> (&'static str, Vec<(String, Value)>) {
    let with = |word, key: &str, value: Value| (word, vec![(key.to_owned(), value)]);
    match deed {
        Deed::Open(url) => with("open", "url", json!(url)),
        Deed::Click(_) => ("click", Vec::new()),
        Deed::DoubleClick(_) => ("doubleClick", Vec::new()),
        Deed::Hover(_) => ("hover", Vec::new()),
        Deed::Clear(_) => ("clear", Vec::new()),
        Deed::Submit(_) => ("submit", Vec::new()),
        Deed::Type(_, typed) => with("type", "value", json!(text(typed))),
        Deed::Keys(_, typed) => with("press", "key", json!(key(typed))),
        Deed::Select(_, Choice::Value(value)) => with("select", "value", json!(value)),
        Deed::Select(_, Choice::Label(label)) => with("select", "label", json!(label)),
        Deed::Select(_, Choice::Index(index)) => with("select", "index", json!(index)),
        Deed::Check(_, mark) => with("check", "checked", json!(*mark == Mark::Checked)),
        Deed::WaitFor(_, Until::Gone | Until::AtMost(_)) => with("waitForElement", "until", json!("gone")),
        Deed::WaitFor(_, Until::Visible) => with("waitForElement", "until", json!("visible")),
        Deed::WaitFor(..) => with("waitForElement", "until", json!("present")),
        Deed::WaitForUrl(url) => with("waitForUrl", "url", json!(url)),
        Deed::WaitForScript(script) => with("waitForScript", "expression", json!(script)),
        Deed::Wait(time) => with("wait", "milliseconds", json!(time.as_millis())),
        Deed::CloseWindow => ("closeWindow", Vec::new()),
        Deed::AutoSteps => ("autoSteps", Vec::new()),
    }
}

fn describe(target: &Target, step: &mut Map<String, Value>) {
    if !target.selectors.is_empty() {
        let selectors: Vec<Value> = target.selectors.iter().map(selector).collect();
        step.insert("selectors".into(), json!(selectors));
    }
    if !target.features.0.is_empty() {
        step.insert("features".into(), json!(target.features.0));
    }
}

fn selector(selector: &Selector) -> Value {
    match selector {
        Selector::Chain(parts) => parts.iter().map(ToString::to_string).collect(),
        one => json!(one.to_string()),
    }
}

fn frame(frame: &Frame) -> Value {
    let mut map = Map::new();
    if !frame.selectors.is_empty() {
        map.insert("selectors".into(), frame.selectors.iter().map(selector).collect());
    }
    if let Some(index) = frame.index {
        map.insert("index".into(), json!(index));
    }
    Value::Object(map)
}

/// A text with its places. What was typed where user names go is a place, and so is what belongs to a secret.
fn text(typed: &Typed) -> String {
    let part = |part: &Part| match part {
        Part::Text(text) => text.expose().to_owned(),
        Part::Username | Part::UsernameOr(_) => "{%username%}".to_owned(),
        Part::Password => "{%password%}".to_owned(),
        Part::Otp | Part::OtpOf(_) => "{%totp%}".to_owned(),
        Part::More(name) => format!("{{%{name}%}}"),
    };
    typed.0.iter().map(part).collect()
}

/// The name of a key.
fn key(typed: &Typed) -> String {
    match text(typed).as_str() {
        "\u{E003}" => "Backspace".into(),
        "\u{E004}" => "Tab".into(),
        "\u{E006}" | "\u{E007}" => "Enter".into(),
        "\u{E00C}" => "Escape".into(),
        "\u{E012}" => "ArrowLeft".into(),
        "\u{E013}" => "ArrowUp".into(),
        "\u{E014}" => "ArrowRight".into(),
        "\u{E015}" => "ArrowDown".into(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn what_is_written_is_read_again_as_it_was() {
        let text = r##"{"schema":"handstamp.recipe/1","title":"t","delay":20,"steps":[
            {"type":"open","url":"/login"},
            {"type":"type","selectors":["#a",["app-root","aria/E-mail[role=\"textbox\"]"]],"features":{"tag":"input"},"value":"{%username%}x"},
            {"type":"press","selectors":["#a"],"key":"Enter","frame":[{"index":1},{"selectors":["#f"]}],"window":1},
            {"type":"select","selectors":["select"],"label":"North","optional":true,"timeout":5},
            {"type":"check","selectors":["#c"],"checked":false},{"type":"waitForUrl","url":"x$"},{"type":"autoSteps"}]}"##;
        let flow = Flow::parse(text, "f", &BTreeMap::new()).unwrap();
        let again = Flow::parse(&flow.to_recipe().to_string(), "f", &BTreeMap::new()).unwrap();
        assert_eq!(again, flow);
    }

    #[test]
    fn the_name_of_the_recording_s_user_is_not_written() {
        let typed = Typed(vec![Part::UsernameOr("anna@a.test".into())]);
        let flow = Flow { acts: vec![Act::new(1, Deed::Type(Target::default(), typed))], ..Flow::default() };
        assert!(!flow.to_recipe().to_string().contains("anna"));
    }
}
