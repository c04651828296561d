//! Reads projects of Selenium IDE.

use std::{collections::BTreeMap, sync::LazyLock, time::Duration};

use regex::Regex;
use serde_json::Value;
use url::Url;

use super::{
    Act, Choice, Deed, Flow, FlowError, Frame, Mark, Need, Place, Selector, Target, Typed, Until, Window,
    item::Item, keys::key,
};

/// Reads the test of a project that logs in: the one whose name says so, else the first.
pub(super) fn read(root: Item<'_>, variables: &BTreeMap<String, String>) -> Result<Flow, FlowError> {
    let tests = root.value["tests"].as_array().map(Vec::as_slice).unwrap_or_default();
    let name = |test: &Value| test["name"].as_str().unwrap_or_default().to_owned();
    let test = tests.iter().find(|test| LOGIN.is_match(&name(test))).or_else(|| tests.first());
    let Some(test) = test else { return Err(root.error("there is no test in it", "record one")) };
    let mut reader = Reader {
        base: root.text("url").unwrap_or_default(),
        variables: variables.clone(),
        windows: BTreeMap::new(),
        opened: 0,
        place: Place::default(),
        acts: Vec::new(),
    };
    for command in Item::all(root.file, &test["commands"]) {
        reader.take(&command)?;
    }
    Ok(Flow { title: name(test), acts: reader.acts, ..Flow::default() })
}

struct Reader<'a> {
    base: &'a str,
    variables: BTreeMap<String, String>,
    /// The names of windows, by what the project calls them.
    windows: BTreeMap<String, usize>,
    opened: usize,
    place: Place,
    acts: Vec<Act>,
}

impl Reader<'_> {
    fn take(&mut self, step: &Item<'_>) -> Result<(), FlowError> {
        let command = step.needed("command")?;
        // Commands that are switched off begin with slashes.
        if command.is_empty() || command.starts_with("//") || step.truth("skip") == Some(true) {
            return Ok(());
        }
        if let Some(deed) = self.deed(command, step)? {
            let limit = match &deed {
                Deed::WaitFor(..) => step.millis("value"),
                _ => None,
            };
            let place = self.place.clone();
            self.acts.push(Act { number: step.number, deed, place, limit, need: Need::Required });
        }
        if step.truth("opensWindow") == Some(true) {
            self.opened += 1;
            let name = step.text("windowHandleName").unwrap_or_default().to_owned();
            self.windows.insert(name, self.opened);
        }
        Ok(())
    }

    /// What a command does; nothing for one that changes where the next ones are done, or that a login does not need.
    fn deed(&mut self, command: &str, step: &Item<'_>) -> Result<Option<Deed>, FlowError> {
        let value = || step.text("value").unwrap_or_default();
        let plain = || step.text("target").unwrap_or_default();
        Ok(Some(match command {
            "open" => Deed::Open(self.address(&self.filled(plain()))),
            "click" | "clickAt" => Deed::Click(self.target(step)?),
            "doubleClick" | "doubleClickAt" => Deed::DoubleClick(self.target(step)?),
            "mouseOver" => Deed::Hover(self.target(step)?),
            "submit" => Deed::Submit(self.target(step)?),
            "type" | "editContent" => Deed::Type(self.target(step)?, Typed::parse(value(), &self.variables)),
            "sendKeys" => Deed::Keys(Some(self.target(step)?), self.keys(value())),
            "select" | "addSelection" => Deed::Select(self.target(step)?, choice(&self.filled(value()))),
            "check" => Deed::Check(self.target(step)?, Mark::Checked),
            "uncheck" => Deed::Check(self.target(step)?, Mark::Unchecked),
            "pause" => Deed::Wait(pause(step)),
            "close" => Deed::CloseWindow,
            "waitForElementVisible" | "waitForElementEditable" | "assertText" | "verifyText" => {
                Deed::WaitFor(self.target(step)?, Until::Visible)
            }
            "waitForElementPresent" | "assertElementPresent" | "verifyElementPresent" => {
                Deed::WaitFor(self.target(step)?, Until::Present)
            }
            "waitForElementNotVisible"
            | "waitForElementNotPresent"
            | "assertElementNotPresent"
            | "verifyElementNotPresent" => Deed::WaitFor(self.target(step)?, Until::Gone),
            "assertTitle" | "verifyTitle" => {
                Deed::WaitForScript(format!("document.title === {}", Value::from(self.filled(plain()))))
            }
            "store" => {
                let stored = self.filled(plain());
                self.variables.insert(value().to_owned(), stored);
                return Ok(None);
            }
            "storeWindowHandle" => {
                let name = if value().is_empty() { plain() } else { value() };
                if let Window::Number(number) = self.place.window {
                    self.windows.insert(name.to_owned(), number);
                }
                return Ok(None);
            }
            "selectWindow" => {
                self.place = Place { window: self.window(step)?, frames: Vec::new() };
                return Ok(None);
            }
            "selectFrame" => {
                self.frame(step)?;
                return Ok(None);
            }
            word if PASSED_OVER.contains(&word) => return Ok(None),
            word if UNPLAYABLE.contains(&word) => return Err(step.unplayable(word)),
            word => return Err(step.unknown("command", word, COMMANDS)),
        }))
    }

    fn address(&self, target: &str) -> String {
        let joined = Url::parse(self.base).and_then(|base| base.join(target));
        joined.map_or_else(|_| target.to_owned(), String::from)
    }

    /// A text with the values of its variables; places of credentials stay.
    fn filled(&self, text: &str) -> String {
        let fill =
            |text: String, (name, value): (&String, &String)| text.replace(&format!("${{{name}}}"), value);
        self.variables.iter().fold(text.to_owned(), fill)
    }

    /// A text with keys in it, such as `${KEY_ENTER}`.
    fn keys(&self, text: &str) -> Typed {
        let with_keys = KEY.replace_all(text, |found: &regex::Captures<'_>| {
            key(&found[1]).unwrap_or_else(|| found[0].to_owned())
        });
        Typed::parse(&with_keys, &self.variables)
    }

    fn target(&self, step: &Item<'_>) -> Result<Target, FlowError> {
        let main = self.filled(step.needed("target")?);
        let mut selectors = vec![locator(&main).ok_or_else(|| unknown(step, &main))?];
        for other in step.value["targets"].as_array().into_iter().flatten() {
            let other = other[0].as_str().and_then(|text| locator(&self.filled(text)));
            selectors.extend(other.filter(|other| !selectors.contains(other)));
        }
        Ok(Target::of(selectors))
    }

    fn window(&self, step: &Item<'_>) -> Result<Window, FlowError> {
        let target = step.needed("target")?;
        let handle = target.strip_prefix("handle=").unwrap_or(target);
        let name = handle.trim_start_matches("${").trim_end_matches('}');
        let by_number = || target.strip_prefix("win_ser_")?.parse().ok();
        let found = match target {
            "win_ser_local" => Some(0),
            _ => self.windows.get(name).copied().or_else(by_number).or((name == "root").then_some(0)),
        };
        let hint = "open the window by a step with `opensWindow` before it";
        found.map(Window::Number).ok_or_else(|| step.error("no step before has opened this window", hint))
    }

    fn frame(&mut self, step: &Item<'_>) -> Result<(), FlowError> {
        let target = step.needed("target")?;
        match target.split_once('=') {
            Some(("relative", "parent")) => drop(self.place.frames.pop()),
            Some(("relative", _)) => self.place.frames.clear(),
            Some(("index", number)) => {
                let number =
                    number.parse().map_err(|_| step.error("this is no number", "write `index=0`"))?;
                self.place.frames.push(Frame::at(number));
            }
            _ => {
                let selectors = self.target(step)?.selectors;
                self.place.frames.push(Frame { selectors, index: None });
            }
        }
        Ok(())
    }
}

fn pause(step: &Item<'_>) -> Duration {
    step.millis("target").or_else(|| step.millis("value")).unwrap_or_default()
}

/// A locator: a strategy and its value.
fn locator(text: &str) -> Option<Selector> {
    if text.starts_with('/') || text.starts_with('(') {
        return Some(Selector::Xpath(text.to_owned()));
    }
    let (strategy, value) = text.split_once('=')?;
    Some(match strategy {
        "css" => Selector::Css(value.to_owned()),
        "xpath" => Selector::Xpath(value.to_owned()),
        "id" | "identifier" => Selector::attribute("id", value),
        "name" => Selector::attribute("name", value),
        "class" => Selector::Css(format!(".{value}")),
        "link" | "linkText" => Selector::Link(value.trim_start_matches("exact:").to_owned()),
        "partialLinkText" => Selector::PartialLink(value.to_owned()),
        _ => return None,
    })
}

fn unknown(step: &Item<'_>, text: &str) -> FlowError {
    step.unknown("locator", text.split('=').next().unwrap_or_default(), LOCATORS)
}

fn choice(text: &str) -> Choice {
    match text.split_once('=') {
        Some(("value", value)) => Choice::Value(value.to_owned()),
        Some(("index", number)) => Choice::Index(number.parse().unwrap_or_default()),
        Some(("label", label)) => Choice::Label(label.to_owned()),
        _ => Choice::Label(text.to_owned()),
    }
}

static LOGIN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)log[ _-]?[io]n|sign[ _-]?in|auth|anmeld").expect("it is fixed"));
static KEY: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\$\{(KEY_[A-Z0-9_]+)\}").expect("it is fixed"));

const LOCATORS: &[&str] = &["css=", "id=", "linkText=", "name=", "partialLinkText=", "xpath="];

/// Commands that a login does not need.
const PASSED_OVER: &[&str] = &[
    "echo",
    "mouseDown",
    "mouseDownAt",
    "mouseMove",
    "mouseMoveAt",
    "mouseOut",
    "mouseUp",
    "mouseUpAt",
    "setSpeed",
    "setWindowSize",
    "debugger",
];

/// Commands that are known, and change what a login does.
const UNPLAYABLE: &[&str] = &[
    "answerOnNextPrompt",
    "dragAndDropToObject",
    "do",
    "else",
    "elseIf",
    "end",
    "executeAsyncScript",
    "executeScript",
    "forEach",
    "if",
    "repeatIf",
    "run",
    "runScript",
    "storeAttribute",
    "storeJson",
    "storeText",
    "storeTitle",
    "storeValue",
    "storeXpathCount",
    "times",
    "while",
];

const COMMANDS: &[&str] = &[
    "addSelection",
    "assertElementNotPresent",
    "assertElementPresent",
    "assertText",
    "assertTitle",
    "check",
    "click",
    "clickAt",
    "close",
    "doubleClick",
    "doubleClickAt",
    "editContent",
    "mouseOver",
    "open",
    "pause",
    "select",
    "selectFrame",
    "selectWindow",
    "sendKeys",
    "setWindowSize",
    "store",
    "storeWindowHandle",
    "submit",
    "type",
    "uncheck",
    "verifyElementPresent",
    "verifyText",
    "verifyTitle",
    "waitForElementEditable",
    "waitForElementNotPresent",
    "waitForElementNotVisible",
    "waitForElementPresent",
    "waitForElementVisible",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn read(commands: &str) -> Result<Flow, FlowError> {
        let text = format!(
            r#"{{"id":"1","version":"2.0","name":"p","url":"http://a.test/app/","tests":[{{"name":"search","commands":[]}},
            {{"name":"Log in","commands":[{commands}]}}],"suites":[]}}"#
        );
        Flow::parse(&text, "p.side", &BTreeMap::new())
    }

    #[test]
    fn frames_windows_and_variables_are_followed() {
        let flow = read(
            r#"{"command":"open","target":"login","value":""},
            {"command":"setWindowSize","target":"800x600","value":""},
            {"command":"//click","target":"id=off","value":""},
            {"command":"store","target":"north","value":"tenant"},
            {"command":"storeWindowHandle","target":"root","value":""},
            {"command":"click","target":"id=open","targets":[["id=open","id"],["css=#open","css:finder"],["linkText=Log in","linkText"]],
             "value":"","opensWindow":true,"windowHandleName":"win1"},
            {"command":"selectWindow","target":"handle=${win1}","value":""},
            {"command":"selectFrame","target":"index=1","value":""},
            {"command":"type","target":"name=tenant","value":"${tenant}"},
            {"command":"sendKeys","target":"name=x","value":"ab${KEY_ENTER}"},
            {"command":"selectFrame","target":"relative=parent","value":""},
            {"command":"select","target":"id=role","value":"label=Admin"},
            {"command":"selectWindow","target":"handle=${root}","value":""},
            {"command":"waitForElementVisible","target":"xpath=//b","value":"3000"}"#,
        )
        .unwrap();
        let places: Vec<_> = flow.acts.iter().map(|a| (&a.place.window, a.place.frames.len())).collect();
        let (first, second) = (&Window::Number(0), &Window::Number(1));
        assert_eq!(places, [(first, 0), (first, 0), (second, 1), (second, 1), (second, 0), (first, 0)]);
        assert_eq!(flow.acts[0].deed, Deed::Open("http://a.test/app/login".into()));
        let selectors: Vec<_> =
            flow.acts[1].deed.target().unwrap().selectors.iter().map(ToString::to_string).collect();
        assert_eq!(selectors, [r#"[id="open"]"#, "#open", "link/Log in"]);
        assert!(matches!(&flow.acts[2].deed, Deed::Type(_, typed) if *typed == Typed::text("north")));
        assert!(matches!(&flow.acts[3].deed, Deed::Keys(_, typed) if *typed == Typed::text("ab\u{E007}")));
        assert!(matches!(&flow.acts[4].deed, Deed::Select(_, Choice::Label(label)) if label == "Admin"));
        assert_eq!(flow.acts[5].limit, Some(Duration::from_secs(3)));
    }

    #[test]
    fn what_cannot_be_played_is_told_with_its_number() {
        let told = |commands: &str| read(commands).unwrap_err().to_string();
        let text = told(r#"{"command":"clikc","target":"id=a","value":"s3cret"}"#);
        assert!(text.starts_with("p.side, step 1: `clikc`") && text.contains("`click`"), "{text}");
        assert!(told(r#"{"command":"executeScript","target":"x"}"#).contains("cannot be played"));
        assert!(told(r#"{"command":"click","target":"dom=x"}"#).contains("`dom` is no locator"));
        assert!(told(r#"{"command":"selectWindow","target":"handle=${w}"}"#).contains("no step before"));
    }
}
