//! Reads recipes of handstamp's own: JSON or YAML, with a version.

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;

use super::{
    Act, Choice, Deed, Features, Flow, FlowError, Frame, Mark, Need, Place, Selector, Target, Typed, Until,
    Window, item::Item, keys::key,
};

/// The version that is written; a newer one is refused.
pub(super) const SCHEMA: &str = "handstamp.recipe/1";

/// Reads a recipe. A key that is none of a step's is a mistake.
pub(super) fn read(root: Item<'_>, variables: &BTreeMap<String, String>) -> Result<Flow, FlowError> {
    if root.text("schema") != Some(SCHEMA) {
        let hint = format!("this handstamp reads `{SCHEMA}`: is there a newer handstamp?");
        return Err(root.error("the recipe has a version that is not known", &hint));
    }
    known(&root, "key of a recipe", &["schema", "title", "delay", "steps"])?;
    let mut acts = Vec::new();
    for step in Item::all(root.file, &root.value["steps"]) {
        acts.push(act(&step, variables)?);
    }
    if acts.is_empty() {
        return Err(root.error("there is no step in it", "write `steps:`"));
    }
    let title = root.text("title").unwrap_or_default().to_owned();
    Ok(Flow { title, acts, delay: root.millis("delay").unwrap_or_default() })
}

fn act(step: &Item<'_>, variables: &BTreeMap<String, String>) -> Result<Act, FlowError> {
    let word = step.needed("type")?;
    let Some((_, own)) = STEPS.iter().find(|(known, _)| *known == word) else {
        let words: Vec<&str> = STEPS.iter().map(|(word, _)| *word).collect();
        return Err(step.unknown("step", word, &words));
    };
    known(step, "key of such a step", &[&["type", "window", "frame", "timeout", "optional"], *own].concat())?;
    let need = if step.truth("optional") == Some(true) { Need::Optional } else { Need::Required };
    let deed = deed(step, word, variables)?;
    Ok(Act { number: step.number, deed, place: place(step)?, limit: step.millis("timeout"), need })
}

fn deed(step: &Item<'_>, word: &str, variables: &BTreeMap<String, String>) -> Result<Deed, FlowError> {
    let target = || target(step);
    let value = || Ok(Typed::parse(step.needed("value")?, variables));
    Ok(match word {
        "open" => Deed::Open(step.needed("url")?.to_owned()),
        "click" => Deed::Click(target()?),
        "doubleClick" => Deed::DoubleClick(target()?),
        "hover" => Deed::Hover(target()?),
        "clear" => Deed::Clear(target()?),
        "submit" => Deed::Submit(target()?),
        "type" => Deed::Type(target()?, value()?),
        "press" => {
            let name = step.needed("key")?;
            let hint = "for example `Enter`, `Escape`, `Tab`, `ArrowDown`, or one character";
            let key = key(name).ok_or_else(|| step.error("`key` is no key that is known", hint))?;
            let target = if step.value["selectors"].is_null() { None } else { Some(target()?) };
            Deed::Keys(target, Typed::text(&key))
        }
        "select" => Deed::Select(target()?, choice(step)?),
        "check" => Deed::Check(target()?, mark(step)),
        "waitForElement" => Deed::WaitFor(target()?, until(step)?),
        "waitForUrl" => {
            let text = step.needed("url")?;
            let broken = |_| step.error("`url` is no regular expression", "for example `/account$`");
            regex::Regex::new(text).map_err(broken)?;
            Deed::WaitForUrl(text.to_owned())
        }
        "waitForScript" => Deed::WaitForScript(step.needed("expression")?.to_owned()),
        "wait" => Deed::Wait(Duration::from_millis(step.number("milliseconds").unwrap_or_default())),
        "closeWindow" => Deed::CloseWindow,
        _ => Deed::AutoSteps,
    })
}

fn target(step: &Item<'_>) -> Result<Target, FlowError> {
    let features = step.value["features"].as_object();
    let told = features.into_iter().flatten();
    let told: BTreeMap<_, _> =
        told.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect();
    if step.value["selectors"].is_null() && !told.is_empty() {
        return Ok(Target { selectors: Vec::new(), features: Features(told) });
    }
    let mut target = Target::of(step.selectors("selectors")?);
    if !told.is_empty() {
        target.features = Features(told);
    }
    Ok(target)
}

fn choice(step: &Item<'_>) -> Result<Choice, FlowError> {
    match (step.text("value"), step.text("label"), step.index("index")) {
        (Some(value), ..) => Ok(Choice::Value(value.to_owned())),
        (_, Some(label), _) => Ok(Choice::Label(label.to_owned())),
        (_, _, Some(index)) => Ok(Choice::Index(index)),
        _ => Err(step.error("the option is missing", "write `value`, `label` or `index`")),
    }
}

fn mark(step: &Item<'_>) -> Mark {
    if step.truth("checked") == Some(false) { Mark::Unchecked } else { Mark::Checked }
}

fn until(step: &Item<'_>) -> Result<Until, FlowError> {
    match step.text("until") {
        None | Some("visible") => Ok(Until::Visible),
        Some("present") => Ok(Until::Present),
        Some("gone") => Ok(Until::Gone),
        Some(other) => Err(step.unknown("state of an element", other, &["visible", "present", "gone"])),
    }
}

fn place(step: &Item<'_>) -> Result<Place, FlowError> {
    let window = match (step.index("window"), step.text("window")) {
        (Some(number), _) => Window::Number(number),
        (None, Some(url)) => Window::Url(url.to_owned()),
        (None, None) => Window::default(),
    };
    let frames = match &step.value["frame"] {
        Value::Null => Vec::new(),
        Value::Array(list) => list.iter().map(|it| frame(step, it)).collect::<Result<_, _>>()?,
        one => vec![frame(step, one)?],
    };
    Ok(Place { window, frames })
}

/// A frame: its number, a selector, or a map of `selectors` and `index`.
fn frame(step: &Item<'_>, value: &Value) -> Result<Frame, FlowError> {
    let item = Item { value, ..*step };
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
    if let Some(number) = number {
        return Ok(Frame::at(usize::try_from(number).unwrap_or_default()));
    }
    if let Some(text) = value.as_str() {
        return Ok(Frame { selectors: vec![Selector::parse(text)], index: None });
    }
    known(&item, "key of a frame", &["selectors", "index"])?;
    let index = item.index("index");
    let selectors = if value["selectors"].is_null() && index.is_some() {
        Vec::new()
    } else {
        item.selectors("selectors")?
    };
    Ok(Frame { selectors, index })
}

/// Refuses keys that are not known.
fn known(item: &Item<'_>, what: &str, keys: &[&str]) -> Result<(), FlowError> {
    let Some(map) = item.value.as_object() else {
        return Err(item.error("this is no map", "write keys and values"));
    };
    match map.keys().find(|key| !keys.contains(&key.as_str())) {
        Some(key) => Err(item.unknown(what, key, keys)),
        None => Ok(()),
    }
}

const ELEMENT: &[&str] = &["selectors", "features"];

/// The steps, with the keys that each has beside those that all have.
const STEPS: &[(&str, &[&str])] = &[
    ("autoSteps", &[]),
    ("check", &["selectors", "features", "checked"]),
    ("clear", ELEMENT),
    ("click", ELEMENT),
    ("closeWindow", &[]),
    ("doubleClick", ELEMENT),
    ("hover", ELEMENT),
    ("open", &["url"]),
    ("press", &["selectors", "features", "key"]),
    ("select", &["selectors", "features", "value", "label", "index"]),
    ("submit", ELEMENT),
    ("type", &["selectors", "features", "value"]),
    ("wait", &["milliseconds"]),
    ("waitForElement", &["selectors", "features", "until"]),
    ("waitForScript", &["expression"]),
    ("waitForUrl", &["url"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn read(steps: &str) -> Result<Flow, FlowError> {
        let text = format!("schema: handstamp.recipe/1\ntitle: t\nsteps:\n{steps}");
        Flow::parse(&text, "r.yaml", &BTreeMap::new())
    }

    #[test]
    fn a_recipe_in_yaml_says_all_that_a_flow_can_do() {
        let flow = read(
            "- {type: open, url: /login}\n\
             - {type: click, selectors: ['#menu', 'text/Log in'], optional: true, timeout: 2000}\n\
             - {type: type, selectors: ['#mail'], value: '{%username%}', frame: ['#outer', 0], window: 1}\n\
             - {type: type, features: {label: Password}, value: '{%password%}'}\n\
             - {type: press, key: Enter}\n\
             - {type: select, selectors: [select], label: North}\n\
             - {type: check, selectors: ['#terms'], checked: false}\n\
             - {type: waitForUrl, url: '/home$'}\n\
             - {type: autoSteps}\n",
        )
        .unwrap();
        assert_eq!(flow.acts.len(), 9);
        let click = &flow.acts[1];
        assert_eq!((click.need, click.limit), (Need::Optional, Some(Duration::from_secs(2))));
        assert_eq!(flow.acts[2].place.window, Window::Number(1));
        assert_eq!(flow.acts[2].place.frames[1], Frame::at(0));
        assert!(matches!(&flow.acts[6].deed, Deed::Check(_, Mark::Unchecked)));
        assert_eq!(flow.acts[8].deed, Deed::AutoSteps);
    }

    #[test]
    fn mistakes_are_told_with_their_step_and_without_what_is_typed() {
        let told = |steps: &str| read(steps).unwrap_err().to_string();
        let text = told("- {type: typ, selectors: ['#a'], value: s3cret}\n");
        assert!(text.starts_with("r.yaml, step 1: `typ`") && text.contains("`type`"), "{text}");
        let text = told("- {type: type, selector: '#a', value: s3cret}\n");
        assert!(text.contains("`selector` is no key") && !text.contains("s3cret"), "{text}");
        assert!(told("- {type: waitForUrl, url: '['}\n").contains("regular expression"));
        let newer = Flow::parse("schema: handstamp.recipe/9\nsteps: []", "r", &BTreeMap::new());
        assert!(newer.unwrap_err().to_string().contains("newer handstamp"));
    }
}
