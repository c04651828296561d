//! The ways to states as recordings that the Recorder of Chrome's DevTools and handstamp itself can replay.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::crawl::{Action, Graph, Kind, State, StateId};

/// The file of the way to a state, beside the report.
pub(in crate::report) fn path_name(state: StateId) -> String {
    format!("paths/{state}.json")
}

/// The ways on which the states of a graph were first reached.
pub(in crate::report) struct Ways<'a>(HashMap<&'a str, &'a Action>);

impl<'a> Ways<'a> {
    pub(in crate::report) fn new(graph: &'a Graph) -> Self {
        Self(graph.actions.iter().map(|action| (action.key.as_str(), action)).collect())
    }

    /// The actions on the way to a state.
    pub(in crate::report) fn to(&self, state: &State) -> Vec<&'a Action> {
        state.trail.steps.iter().filter_map(|key| self.0.get(key.as_str()).copied()).collect()
    }
}

/// The way to a state as it was first walked; see `UserFlow` in the schema of `@puppeteer/replay`.
///
/// It begins at an address, so it has to be replayed with the session in place. What was typed into fields is not kept:
/// the title names the fields that have to be filled.
pub(in crate::report) fn path(ways: &Ways<'_>, state: &State) -> Value {
    let walked = ways.to(state);
    let mut steps = vec![
        json!({ "type": "setViewport", "width": 1280, "height": 800, "deviceScaleFactor": 1,
                "isMobile": false, "hasTouch": false, "isLandscape": false }),
        json!({ "type": "navigate", "url": state.trail.entry.as_str() }),
    ];
    steps.extend(walked.iter().flat_map(|action| act(action)));
    steps.push(json!({ "type": "waitForExpression", "expression": arrived(state) }));
    json!({ "title": title(state, &walked), "timeout": 15_000, "steps": steps })
}

fn title(state: &State, walked: &[&Action]) -> String {
    let fields: Vec<&str> = walked.iter().flat_map(|action| &action.fields).map(String::as_str).collect();
    let title = format!("{}: {}", state.id, state.route);
    if fields.is_empty() { title } else { format!("{title} (first fill in {})", fields.join(", ")) }
}

fn act(action: &Action) -> Vec<Value> {
    let on = |kind: &str| json!({ "type": kind, "target": "main", "selectors": selectors(action), "offsetX": 1, "offsetY": 1 });
    let key = |kind: &str| json!({ "type": kind, "target": "main", "key": "Enter" });
    let script = |expression: String| json!({ "type": "waitForExpression", "expression": expression });
    match action.kind {
        Kind::DoubleClick => vec![on("doubleClick")],
        Kind::Hover => vec![on("hover")],
        Kind::Menu | Kind::Middle => {
            let mut click = on("click");
            click["button"] = if action.kind == Kind::Menu { "secondary" } else { "auxiliary" }.into();
            vec![click]
        }
        Kind::Press => {
            let mut click = on("click");
            click["duration"] = LONG_PRESS.into();
            vec![click]
        }
        Kind::Back => vec![script("(history.back(), true)".into())],
        Kind::Key | Kind::Input => {
            let focus = format!("(document.querySelector({})?.focus(), true)", json!(action.path));
            vec![script(focus), key("keyDown"), key("keyUp")]
        }
        Kind::Scroll => {
            vec![script("(window.scrollTo(0, document.documentElement.scrollHeight), true)".into())]
        }
        Kind::Focus => {
            vec![script(format!("(document.querySelector({})?.focus(), true)", json!(action.path)))]
        }
        Kind::Route | Kind::SoftRoute => {
            let url = action.href.as_ref().map_or("", |href| href.as_str());
            vec![json!({ "type": "navigate", "url": url })]
        }
        // The recorder's format has no words for these.
        Kind::Revisit | Kind::Drag | Kind::Drop | Kind::Touch | Kind::Wheel | Kind::Upload => Vec::new(),
        Kind::Link | Kind::Click | Kind::Select => vec![on("click")],
    }
}

/// The ways to find the element of an action: where it stood, then what it is called.
fn selectors(action: &Action) -> Vec<Vec<String>> {
    let mut ways = Vec::new();
    if !action.path.is_empty() {
        ways.push(vec![action.path.clone()]);
    }
    let name = action.name.trim();
    if !name.is_empty() && name.chars().count() < LONG_NAME && !name.contains(['\n', '[', ']']) {
        if ROLES.contains(&action.role.as_str()) {
            ways.push(vec![format!("aria/{name}[role=\"{}\"]", action.role)]);
        } else {
            ways.push(vec![format!("aria/{name}")]);
        }
        ways.push(vec![format!("text/{name}")]);
    }
    ways
}

/// Whether the browser is where the way ends; numbers in the address may be others by then.
fn arrived(state: &State) -> String {
    let mut pattern = String::new();
    let mut text = state.url.as_str().chars().peekable();
    while let Some(c) = text.next() {
        if c.is_ascii_digit() {
            while text.next_if(char::is_ascii_digit).is_some() {}
            pattern.push_str("\\d+");
        } else if c.is_ascii_alphanumeric() || c == '_' || c == '-' {
            pattern.push(c);
        } else {
            pattern.push_str(&regex::escape(&c.to_string()).replace('/', "\\/"));
        }
    }
    format!("new RegExp({}).test(location.href)", json!(format!("^{pattern}$")))
}

/// How long a button is held down, in milliseconds.
const LONG_PRESS: u64 = 800;
const LONG_NAME: usize = 60;
/// Roles that browsers know; a tag in the place of a role would find nothing.
const ROLES: &[&str] =
    &["button", "link", "menuitem", "tab", "checkbox", "radio", "option", "switch", "treeitem", "textbox"];

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use url::Url;

    use super::*;
    use crate::{
        crawl::{ActionId, Intent, Provenance, Status, Trail},
        login::{Flow, flow::Deed},
    };

    fn action(id: usize, kind: Kind, name: &str) -> Action {
        Action {
            id: ActionId(id),
            kind,
            key: format!("key {id}"),
            name: name.into(),
            role: "button".into(),
            path: format!("main>button:nth-of-type({id})"),
            fields: Vec::new(),
            href: None,
            intent: Intent::Plain,
            state: StateId(0),
            status: Status::Fired,
            submission: None,
        }
    }

    fn state(steps: &[usize]) -> State {
        let url = Url::parse("http://a.test/#/order/12?x=1").unwrap();
        let trail = Trail {
            entry: Url::parse("http://a.test/").unwrap(),
            steps: steps.iter().map(|id| format!("key {id}")).collect(),
            tail: 0,
            provenance: Provenance::Interaction,
        };
        State {
            id: StateId(7),
            route: "http://a.test/#/order/{n}".into(),
            url,
            title: String::new(),
            depth: 2,
            trail,
            actions: Vec::new(),
        }
    }

    #[test]
    fn a_way_is_read_again_as_a_recorded_flow() {
        let mut graph = Graph::default();
        graph.actions =
            vec![action(0, Kind::Click, "Orders"), action(1, Kind::Hover, "Menu"), action(2, Kind::Key, "")];
        let written = path(&Ways::new(&graph), &state(&[0, 1, 2])).to_string();
        let flow = Flow::parse(&written, "s7.json", &BTreeMap::new()).unwrap();
        let deeds: Vec<&Deed> = flow.acts.iter().map(|act| &act.deed).collect();
        assert!(matches!(deeds[0], Deed::Open(url) if url == "http://a.test/"), "{deeds:?}");
        let Deed::Click(target) = deeds[1] else { panic!("{deeds:?}") };
        assert_eq!(target.selectors[0].to_string(), "main>button:nth-of-type(0)");
        assert_eq!(target.selectors[1].to_string(), "aria/Orders[role=\"button\"]");
        assert!(matches!(deeds[2], Deed::Hover(_)) && matches!(deeds[4], Deed::Keys(..)), "{deeds:?}");
        assert!(matches!(deeds.last().unwrap(), Deed::WaitForScript(_)));
    }

    #[test]
    fn the_place_where_a_way_ends_is_known_whatever_its_numbers_are() {
        let told = arrived(&state(&[]));
        assert_eq!(
            told,
            r#"new RegExp("^http:\\/\\/a\\.test\\/\\#\\/order\\/\\d+\\?x=\\d+$").test(location.href)"#
        );
    }
}
