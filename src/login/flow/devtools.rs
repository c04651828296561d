//! Reads what the Recorder of Chrome's DevTools exports as JSON.

use std::collections::BTreeMap;

use super::{
    Act, Deed, Flow, FlowError, Frame, Need, Place, Target, Typed, Until, Window,
    item::Item,
    keys::{is_modifier, key},
};

/// Reads a recording; see `UserFlow` in the schema of `@puppeteer/replay`.
pub(super) fn read(root: Item<'_>, variables: &BTreeMap<String, String>) -> Result<Flow, FlowError> {
    let mut acts = Vec::new();
    for step in Item::all(root.file, &root.value["steps"]) {
        let Some(deed) = deed(&step, variables)? else { continue };
        let limit = step.millis("timeout").or_else(|| root.millis("timeout"));
        acts.push(Act { number: step.number, deed, place: place(&step), limit, need: Need::Required });
    }
    let title = root.text("title").unwrap_or_default().to_owned();
    Ok(Flow { title, acts, ..Flow::default() })
}

/// What a step does; nothing for those that a login does not need.
fn deed(step: &Item<'_>, variables: &BTreeMap<String, String>) -> Result<Option<Deed>, FlowError> {
    let target = || step.selectors("selectors").map(Target::of);
    Ok(Some(match step.needed("type")? {
        "navigate" => match step.needed("url")? {
            // Recordings begin where the person was.
            url if url.starts_with("chrome:") || url.starts_with("about:") => return Ok(None),
            url => Deed::Open(url.to_owned()),
        },
        "click" => {
            primary(step)?;
            Deed::Click(target()?)
        }
        "doubleClick" => {
            primary(step)?;
            Deed::DoubleClick(target()?)
        }
        "hover" => Deed::Hover(target()?),
        "change" => Deed::Type(target()?, Typed::parse(step.needed("value")?, variables)),
        "keyDown" => match step.needed("key")? {
            name if is_modifier(name) => return Ok(None),
            name => {
                let key = key(name).ok_or_else(|| step.unplayable("keyDown"))?;
                Deed::Keys(None, Typed::text(&key))
            }
        },
        "waitForElement" => Deed::WaitFor(target()?, until(step)?),
        "waitForExpression" => Deed::WaitForScript(step.needed("expression")?.to_owned()),
        "setViewport" | "keyUp" | "scroll" | "close" | "emulateNetworkConditions" => return Ok(None),
        "customStep" => return Err(step.unplayable("customStep")),
        other => return Err(step.unknown("step", other, STEPS)),
    }))
}

fn primary(step: &Item<'_>) -> Result<(), FlowError> {
    match step.text("button") {
        None | Some("primary") => Ok(()),
        Some(_) => Err(step.error("only clicks of the primary button can be played", "take the step out")),
    }
}

fn until(step: &Item<'_>) -> Result<Until, FlowError> {
    if ["properties", "attributes"].iter().any(|key| !step.value[*key].is_null()) {
        let hint = "write a `waitForExpression` in its place";
        return Err(step.error("`properties` and `attributes` of an element are not waited for", hint));
    }
    let count = step.index("count").unwrap_or(1);
    Ok(match (step.truth("visible"), step.text("operator")) {
        (Some(false), _) => Until::Gone,
        (_, Some("<=")) => Until::AtMost(count),
        (_, Some(">=")) => Until::AtLeast(count),
        (Some(true), None) => Until::Visible,
        (None, None) if count == 1 => Until::Present,
        _ => Until::Exactly(count),
    })
}

/// A target other than `main` is the address of a window, or of a frame of another origin.
fn place(step: &Item<'_>) -> Place {
    let window = match step.text("target") {
        None | Some("main") => Window::default(),
        Some(url) => Window::Url(format!("^{}", regex::escape(url.split(['?', '#']).next().unwrap_or(url)))),
    };
    let frames = step.value["frame"].as_array().into_iter().flatten();
    let frames = frames.filter_map(|n| usize::try_from(n.as_u64()?).ok()).map(Frame::at).collect();
    Place { window, frames }
}

const STEPS: &[&str] = &[
    "change",
    "click",
    "close",
    "doubleClick",
    "emulateNetworkConditions",
    "hover",
    "keyDown",
    "keyUp",
    "navigate",
    "scroll",
    "setViewport",
    "waitForElement",
    "waitForExpression",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn read(steps: &str) -> Result<Flow, FlowError> {
        Flow::parse(&format!("{{\"title\":\"t\",\"steps\":[{steps}]}}"), "f.json", &BTreeMap::new())
    }

    #[test]
    fn a_recording_keeps_selectors_frames_windows_and_limits() {
        let flow = read(
            r#"{"type":"setViewport","width":1,"height":1},
            {"type":"navigate","url":"chrome://new-tab-page/"},
            {"type":"navigate","url":"http://a.test/login","assertedEvents":[{"type":"navigation"}]},
            {"type":"click","target":"main","frame":[1,0],"timeout":2000,"offsetX":3,"offsetY":4,
             "selectors":[["aria/Log in"],["app-root","pierce/#go"],["xpath///*[@id=\"go\"]"]]},
            {"type":"keyDown","target":"http://b.test/pop?x=1","key":"Enter"},{"type":"keyUp","key":"Enter"},
            {"type":"waitForElement","selectors":["li"],"operator":">=","count":2}"#,
        )
        .unwrap();
        assert_eq!(flow.acts.len(), 4);
        let click = &flow.acts[1];
        assert_eq!((click.number, click.limit.unwrap().as_millis()), (4, 2000));
        assert_eq!(click.place.frames, [Frame::at(1), Frame::at(0)]);
        let Deed::Click(target) = &click.deed else { panic!("{click:?}") };
        assert_eq!(target.selectors[1].to_string(), "app-root >> pierce/#go");
        assert_eq!(flow.acts[2].place.window, Window::Url(r"^http://b\.test/pop".into()));
        assert!(matches!(&flow.acts[3].deed, Deed::WaitFor(_, Until::AtLeast(2))));
    }

    #[test]
    fn an_unknown_step_is_told_with_its_number_and_the_nearest_known() {
        let told =
            read(r#"{"type":"hover","selectors":["a"]},{"type":"clikc","value":"s3cret"}"#).unwrap_err();
        let told = told.to_string();
        assert!(told.starts_with("f.json, step 2: `clikc` is no step") && told.contains("`click`"), "{told}");
        assert!(!told.contains("s3cret"));
        assert!(read(r#"{"type":"click"}"#).unwrap_err().to_string().contains("`selectors` are missing"));
        assert!(read(r#"{"type":"customStep","name":"x"}"#).unwrap_err().to_string().contains("cannot be"));
    }
}
