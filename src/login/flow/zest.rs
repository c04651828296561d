//! Reads the client flows of ZAP: Zest scripts that drive a browser.

use std::{collections::BTreeMap, time::Duration};

use super::{Act, Deed, Flow, FlowError, Frame, Need, Place, Selector, Target, Typed, Window, item::Item};

/// Reads a Zest script. Statements that close windows are left out, as ZAP leaves them out of logins.
pub(super) fn read(root: Item<'_>, variables: &BTreeMap<String, String>) -> Result<Flow, FlowError> {
    let mut reader = Reader {
        variables: tokens(&root, variables),
        windows: BTreeMap::new(),
        frames: Vec::new(),
        acts: Vec::new(),
    };
    for statement in Item::all(root.file, &root.value["statements"]) {
        reader.take(&statement)?;
    }
    if !reader.acts.iter().any(|act| matches!(act.deed, Deed::Open(_))) {
        let hint = "record it with a `ZestClientLaunch`";
        return Err(root.error("the script opens no browser", hint));
    }
    let title = root.text("title").unwrap_or_default().to_owned();
    Ok(Flow { title, acts: reader.acts, ..Flow::default() })
}

/// The tokens of the script, and the parameters that it is given, which win.
fn tokens(root: &Item<'_>, variables: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let tokens = root.value["parameters"]["tokens"].as_object().into_iter().flatten();
    let tokens = tokens.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    tokens.chain(variables.clone()).collect()
}

struct Reader {
    variables: BTreeMap<String, String>,
    /// What the script calls its windows.
    windows: BTreeMap<String, Window>,
    frames: Vec<Frame>,
    acts: Vec<Act>,
}

impl Reader {
    fn take(&mut self, step: &Item<'_>) -> Result<(), FlowError> {
        if step.truth("enabled") == Some(false) {
            return Ok(());
        }
        let Some(deed) = self.deed(step)? else { return Ok(()) };
        let handle = step.text("windowHandle").unwrap_or_default();
        let window = self.windows.get(handle).cloned().unwrap_or_default();
        let place = Place { window, frames: self.frames.clone() };
        let limit = step.millis("waitForMsec");
        self.acts.push(Act { number: step.number, deed, place, limit, need: Need::Required });
        Ok(())
    }

    fn deed(&mut self, step: &Item<'_>) -> Result<Option<Deed>, FlowError> {
        let word = step.needed("elementType")?;
        Ok(Some(match word {
            "ZestClientLaunch" | "ZestClientWindowOpenUrl" => {
                self.frames.clear();
                Deed::Open(self.filled(step.needed("url")?))
            }
            "ZestClientElementClick" => Deed::Click(self.target(step)?),
            "ZestClientElementSendKeys" => {
                Deed::Type(self.target(step)?, Typed::parse(step.needed("value")?, &self.variables))
            }
            "ZestClientElementClear" => Deed::Clear(self.target(step)?),
            "ZestClientElementSubmit" => Deed::Submit(self.target(step)?),
            "ZestClientElementMouseOver" => Deed::Hover(self.target(step)?),
            "ZestActionSleep" => {
                Deed::Wait(Duration::from_millis(step.number("milliseconds").unwrap_or_default()))
            }
            "ZestClientSwitchToFrame" => {
                self.frame(step);
                return Ok(None);
            }
            "ZestClientWindowHandle" => {
                self.window(step)?;
                return Ok(None);
            }
            "ZestAssignString" => {
                let value = self.filled(step.needed("string")?);
                self.variables.insert(step.needed("variableName")?.to_owned(), value);
                return Ok(None);
            }
            word if PASSED_OVER.contains(&word) => return Ok(None),
            word if UNPLAYABLE.contains(&word) => return Err(step.unplayable(word)),
            word => return Err(step.unknown("statement", word, STATEMENTS)),
        }))
    }

    fn filled(&self, text: &str) -> String {
        let fill =
            |text: String, (name, value): (&String, &String)| text.replace(&format!("{{{{{name}}}}}"), value);
        self.variables.iter().fold(text.to_owned(), fill)
    }

    fn target(&self, step: &Item<'_>) -> Result<Target, FlowError> {
        let element = self.filled(step.needed("element")?);
        let kind = step.needed("type")?;
        let selector = match kind.to_ascii_lowercase().as_str() {
            "cssselector" | "tagname" => Selector::Css(element),
            "xpath" => Selector::Xpath(element),
            "id" => Selector::attribute("id", &element),
            "name" => Selector::attribute("name", &element),
            "classname" => Selector::Css(format!(".{element}")),
            "linktext" => Selector::Link(element),
            "partiallinktext" => Selector::PartialLink(element),
            _ => return Err(step.unknown("type of an element", kind, TYPES)),
        };
        Ok(Target::of(vec![selector]))
    }

    fn frame(&mut self, step: &Item<'_>) {
        let name = step.text("frameName").filter(|name| !name.is_empty());
        if let Some(name) = name {
            let selectors = vec![Selector::attribute("name", name), Selector::attribute("id", name)];
            self.frames.push(Frame { selectors, index: None });
        } else if let Some(index) = step.index("frameIndex") {
            self.frames.push(Frame::at(index));
        } else {
            self.frames.pop();
        }
    }

    fn window(&mut self, step: &Item<'_>) -> Result<(), FlowError> {
        let url = self.filled(step.needed("url")?);
        let url = if step.truth("regex") == Some(true) { url } else { format!("^{}$", regex::escape(&url)) };
        self.windows.insert(step.needed("windowHandle")?.to_owned(), Window::Url(url));
        self.frames.clear();
        Ok(())
    }
}

const TYPES: &[&str] =
    &["className", "cssSelector", "id", "linkText", "name", "partialLinkText", "tagName", "xpath"];

/// Statements that a login does not need.
const PASSED_OVER: &[&str] = &[
    "ZestActionPrint",
    "ZestClientElementScroll",
    "ZestClientElementScrollTo",
    "ZestClientScreenshot",
    "ZestClientWindowClose",
    "ZestClientWindowResize",
    "ZestComment",
];

/// Statements that are known, and change what a login does.
const UNPLAYABLE: &[&str] = &[
    "ZestClientAssignCookie",
    "ZestClientElementAssign",
    "ZestConditional",
    "ZestLoopInteger",
    "ZestLoopString",
    "ZestRequest",
];

const STATEMENTS: &[&str] = &[
    "ZestActionSleep",
    "ZestAssignString",
    "ZestClientElementClear",
    "ZestClientElementClick",
    "ZestClientElementMouseOver",
    "ZestClientElementSendKeys",
    "ZestClientElementSubmit",
    "ZestClientLaunch",
    "ZestClientSwitchToFrame",
    "ZestClientWindowHandle",
    "ZestClientWindowOpenUrl",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn read(statements: &str) -> Result<Flow, FlowError> {
        let text = format!(
            r#"{{"zestVersion":"0.3","title":"t","type":"StandAlone","parameters":{{"tokenStart":"{{{{","tokenEnd":"}}}}",
            "tokens":{{"site":"http://a.test","password":"s3cret"}}}},"statements":[{statements}],"elementType":"ZestScript"}}"#
        );
        Flow::parse(&text, "f.zst", &BTreeMap::new())
    }

    const LAUNCH: &str = r#"{"windowHandle":"w1","browserType":"firefox","url":"{{site}}/login","elementType":"ZestClientLaunch"}"#;

    #[test]
    fn a_client_flow_keeps_its_elements_frames_and_tokens() {
        let flow = read(&format!(
            r##"{LAUNCH},
            {{"windowHandle":"w1","frameIndex":0,"frameName":"","parent":false,"elementType":"ZestClientSwitchToFrame"}},
            {{"value":"{{{{username}}}}","windowHandle":"w1","type":"id","element":"mail","waitForMsec":5000,"enabled":true,"elementType":"ZestClientElementSendKeys"}},
            {{"value":"{{{{password}}}}","windowHandle":"w1","type":"xpath","element":"//input[2]","elementType":"ZestClientElementSendKeys"}},
            {{"windowHandle":"w1","frameIndex":-1,"frameName":"","parent":true,"elementType":"ZestClientSwitchToFrame"}},
            {{"windowHandle":"w1","type":"cssselector","element":"#off","enabled":false,"elementType":"ZestClientElementClick"}},
            {{"windowHandle":"w1","type":"cssselector","element":"#go","elementType":"ZestClientElementClick"}},
            {{"windowHandle":"w1","elementType":"ZestClientWindowClose"}}"##
        ))
        .unwrap();
        let frames: Vec<_> = flow.acts.iter().map(|act| act.place.frames.len()).collect();
        assert_eq!(frames, [0, 1, 1, 0]);
        assert_eq!(flow.acts[0].deed, Deed::Open("http://a.test/login".into()));
        assert_eq!(flow.acts[1].limit, Some(Duration::from_secs(5)));
        let Deed::Type(_, typed) = &flow.acts[2].deed else { panic!("typed") };
        assert!(typed.holds_password(), "the credentials win over a token of that name");
    }

    #[test]
    fn a_script_needs_a_browser_and_statements_that_are_known() {
        assert!(read("").unwrap_err().to_string().contains("opens no browser"));
        let told = read(r#"{"elementType":"ZestClientElementClik"}"#).unwrap_err().to_string();
        assert!(told.contains("step 1") && told.contains("`ZestClientElementClick`"), "{told}");
        assert!(read(r#"{"elementType":"ZestRequest"}"#).unwrap_err().to_string().contains("cannot be"));
    }
}
