//! Records what a person does in a browser, as a flow.

use serde_json::Value;
use url::Url;

use super::{
    Act, Choice, Deed, Features, Flow, Frame, Mark, Need, Part, Place, Selector, Target, Typed, Window,
    keys::key,
};
use crate::{
    browser::{Browser, Error, Report, Reports, script},
    login::{
        Step,
        look::{preload, with_key},
    },
};

/// Listens to a browser and notes what is done in it: clicks, typing, choices, keys, in all frames, tabs and shadow roots.
#[derive(Debug)]
pub struct Recorder {
    reports: Reports,
    start: Url,
    username: Option<String>,
    /// The tabs in which something was done, in that order.
    tabs: Vec<String>,
    notes: Vec<Note>,
}

/// An act with what the flow does not keep.
#[derive(Debug)]
struct Note {
    act: Act,
    /// Which element it was, as the page counts them.
    element: String,
    typed: Kind,
}

/// What kind of text was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// None at all.
    Nothing,
    Text,
    Password,
    Code,
}

impl Recorder {
    /// Begins to listen, and opens the page. `username` is the name that stands for the user, where it is known.
    ///
    /// # Errors
    /// When the browser cannot be listened to, or the page not be opened.
    pub async fn start(browser: &Browser, url: &Url, username: Option<String>) -> Result<Self, Error> {
        if let Err(error) = browser.control().add_preload(&preload()).await {
            tracing::debug!(%error, "closed shadow roots stay closed");
        }
        let (record, look) = (script("record"), with_key(script("element-look")));
        let reports = browser.control().report(&format!("(report) => {record}({look}, report)")).await?;
        // Whatever else there may be, the window where the login begins is the first.
        let tabs = vec![browser.page().window().await?];
        browser.page().goto(url).await?;
        let mut open = url[url::Position::BeforePath..].to_owned();
        if open.is_empty() {
            open.push('/');
        }
        let open = Note { act: Act::new(1, Deed::Open(open)), element: String::new(), typed: Kind::Nothing };
        Ok(Self { reports, start: url.clone(), username, tabs, notes: vec![open] })
    }

    /// Waits for the next act and tells it; nothing when the browser has ended.
    pub async fn next(&mut self) -> Option<Step> {
        loop {
            let report = self.reports.next().await?;
            if let Some(step) = self.take(&report) {
                return Some(step);
            }
        }
    }

    /// What was recorded. Passwords are places, and so is the user name: what was typed before the first password.
    #[must_use]
    pub fn finish(mut self) -> Flow {
        while let Some(report) = self.reports.take() {
            self.take(&report);
        }
        let first = self.notes.iter().position(|note| note.typed == Kind::Password);
        let name = first.and_then(|at| self.notes[..at].iter().rposition(|note| note.typed == Kind::Text));
        let username = self.username.clone();
        let mut acts = Vec::new();
        for (at, Note { mut act, typed, .. }) in self.notes.into_iter().enumerate() {
            act.number = acts.len() + 1;
            if let Deed::Type(_, text) = &mut act.deed {
                let is_name = username.as_deref().is_some_and(|name| *text == Typed::text(name));
                match typed {
                    Kind::Password => *text = Typed(vec![Part::Password]),
                    Kind::Code => *text = Typed(vec![Part::Otp]),
                    _ if is_name || name == Some(at) => *text = Typed(vec![Part::Username]),
                    _ => {}
                }
            }
            acts.push(act);
        }
        let title = format!("login at {}", self.start.host_str().unwrap_or_default());
        Flow { title, acts, ..Flow::default() }
    }

    /// Takes a report in; tells the act, unless it only goes on with the one before.
    fn take(&mut self, report: &Report) -> Option<Step> {
        let value: Value = serde_json::from_str(&report.text).ok()?;
        let (deed, typed) = deed(&value)?;
        let number = self.tabs.iter().position(|tab| *tab == report.tab).unwrap_or_else(|| {
            self.tabs.push(report.tab.clone());
            self.tabs.len() - 1
        });
        let element = value["element"].as_str().unwrap_or_default().to_owned();
        let place = Place { window: Window::Number(number), frames: frames(&value["frames"]) };
        self.forget_halves(&deed, &element);
        let is_more = self.notes.last().is_some_and(|last| {
            !element.is_empty()
                && last.element == element
                && matches!((&last.act.deed, &deed), (Deed::Type(..), Deed::Type(..)))
        });
        let told = told(&deed, typed);
        let act = Act { number: self.notes.len() + 1, deed, place, limit: None, need: Need::Required };
        let step = Step::Acted { number: act.number, what: told };
        if is_more {
            self.notes.pop();
        }
        self.notes.push(Note { act, element, typed });
        (!is_more).then_some(step)
    }

    /// A double click is two clicks first.
    fn forget_halves(&mut self, deed: &Deed, element: &str) {
        if !matches!(deed, Deed::DoubleClick(_)) {
            return;
        }
        for _ in 0..2 {
            let is_half = |note: &Note| note.element == element && matches!(note.act.deed, Deed::Click(_));
            if self.notes.last().is_some_and(is_half) {
                self.notes.pop();
            }
        }
    }
}

fn deed(value: &Value) -> Option<(Deed, Kind)> {
    let text = |key: &str| value[key].as_str().unwrap_or_default();
    let is = |key: &str| value[key].as_bool().unwrap_or_default();
    let target = target(value);
    let deed = match text("act") {
        "click" => Deed::Click(target?),
        "doubleClick" => Deed::DoubleClick(target?),
        "check" => Deed::Check(target?, if is("checked") { Mark::Checked } else { Mark::Unchecked }),
        "select" if text("value").is_empty() => {
            Deed::Select(target?, Choice::Label(text("label").to_owned()))
        }
        "select" => Deed::Select(target?, Choice::Value(text("value").to_owned())),
        "press" => Deed::Keys(target, Typed::text(&key(text("key"))?)),
        "type" if is("isPassword") => return Some((Deed::Type(target?, Typed::default()), Kind::Password)),
        "type" => {
            let kind = if is("isCode") { Kind::Code } else { Kind::Text };
            return Some((Deed::Type(target?, Typed::text(text("value"))), kind));
        }
        _ => return None,
    };
    Some((deed, Kind::Nothing))
}

fn target(value: &Value) -> Option<Target> {
    let selectors: Vec<Selector> = value["selectors"].as_array()?.iter().filter_map(selector).collect();
    let features = value["features"].as_object()?.iter();
    let features = features.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    (!selectors.is_empty()).then(|| Target { selectors, features: Features(features.collect()) })
}

fn selector(value: &Value) -> Option<Selector> {
    if let Some(text) = value.as_str() {
        return Some(Selector::parse(text));
    }
    let parts = value.as_array()?.iter().filter_map(Value::as_str);
    Some(Selector::Chain(parts.map(Selector::parse).collect()))
}

fn frames(value: &Value) -> Vec<Frame> {
    let frame = |value: &Value| Frame {
        selectors: value["selectors"].as_array().into_iter().flatten().filter_map(selector).collect(),
        index: value["index"].as_u64().and_then(|n| usize::try_from(n).ok()),
    };
    value.as_array().into_iter().flatten().map(frame).collect()
}

/// What was done, for people; never what was typed.
fn told(deed: &Deed, typed: Kind) -> String {
    let words = deed.target().map(|target| {
        let features = &target.features.0;
        let words = features.get("label").or_else(|| features.get("text")).cloned();
        words.map_or_else(|| target.to_string(), |words| format!("`{words}`"))
    });
    let words = words.unwrap_or_else(|| "the page".to_owned());
    match deed {
        Deed::Type(..) => match typed {
            Kind::Password => format!("typed the password into {words}"),
            Kind::Code => format!("typed a one-time password into {words}"),
            _ => format!("typed into {words}"),
        },
        Deed::Keys(..) => format!("pressed a key in {words}"),
        Deed::Select(..) => format!("chose in {words}"),
        Deed::Check(_, Mark::Checked) => format!("checked {words}"),
        Deed::Check(..) => format!("unchecked {words}"),
        Deed::DoubleClick(_) => format!("clicked {words} twice"),
        _ => format!("clicked {words}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn recorder() -> Recorder {
        let reports = Reports::none();
        let start = "http://a.test/login".parse().unwrap();
        Recorder { reports, start, username: None, tabs: Vec::new(), notes: Vec::new() }
    }

    fn report(act: &str, element: &str, more: &Value) -> Report {
        let mut value = json!({ "act": act, "element": element, "selectors": [format!("#{element}")],
            "features": { "label": element }, "frames": [] });
        value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Report { tab: "1".into(), text: value.to_string() }
    }

    #[test]
    fn credentials_become_places_and_halves_of_acts_are_joined() {
        let mut recorder = recorder();
        for (act, element, more) in [
            ("type", "tenant", json!({ "value": "north" })),
            ("type", "mail", json!({ "value": "a" })),
            ("type", "mail", json!({ "value": "anna" })),
            ("type", "secret", json!({ "isPassword": true, "value": "" })),
            ("click", "go", json!({})),
            ("click", "go", json!({})),
            ("doubleClick", "go", json!({})),
            ("type", "code", json!({ "isCode": true, "value": "123456" })),
        ] {
            recorder.take(&report(act, element, &more));
        }
        let recipe = recorder.finish().to_recipe();
        let values: Vec<_> = recipe["steps"].as_array().unwrap().iter().map(|s| s["value"].clone()).collect();
        assert_eq!(
            values,
            [json!("north"), json!("{%username%}"), json!("{%password%}"), Value::Null, json!("{%totp%}")]
        );
        assert_eq!(recipe["steps"][3]["type"], "doubleClick");
        assert!(!recipe.to_string().contains("anna") && !recipe.to_string().contains("123456"));
    }
}
