//! Reads a flow from a file of any format that is known, by what is in it.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::Value;

use super::{
    Act, Deed, Flow, FlowError, Part, Typed,
    item::Item,
    {devtools, recipe, side, zest},
};
use crate::context;

impl Flow {
    /// Reads a file: a recipe of handstamp's own (JSON or YAML), a recording of the DevTools Recorder, a project of
    /// Selenium IDE, or a Zest script.
    ///
    /// # Errors
    /// When it cannot be read, is none of these, or holds a step that cannot be played.
    pub fn read(path: &Path, variables: &BTreeMap<String, String>) -> Result<Self, FlowError> {
        let file = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|error| {
            FlowError::of_file(&file, &format!("it cannot be read: {error}"), "is the path right?")
        })?;
        Self::parse(&text, &file, variables)
    }

    /// Reads a text; `file` is what errors call it, `variables` are values of places in it.
    ///
    /// # Errors
    /// As [`Flow::read`].
    pub fn parse(text: &str, file: &str, variables: &BTreeMap<String, String>) -> Result<Self, FlowError> {
        let value = tree(text, file)?;
        let root = Item { file, number: 0, value: &value };
        let mut flow = if root.text("schema").is_some_and(|s| s.starts_with("handstamp.recipe")) {
            return recipe::read(root, variables);
        } else if !value["zestVersion"].is_null() || root.text("elementType") == Some("ZestScript") {
            zest::read(root, variables)?
        } else if value["tests"].is_array() {
            side::read(root, variables)?
        } else if value["steps"].is_array() {
            devtools::read(root, variables)?
        } else {
            let hint = "handstamp plays its own recipes (`handstamp record`), exports of the DevTools Recorder as JSON, \
                        Selenium IDE projects (.side) and Zest scripts";
            return Err(root.error("this is no login that can be played", hint));
        };
        flow.give_places();
        Ok(flow)
    }

    /// Puts the user's credentials in the place of those of the recording, as far as the fields can be told apart
    /// before they are seen; see [`super::play`] for the rest.
    fn give_places(&mut self) {
        let is_password = |act: &Act| {
            matches!(&act.deed, Deed::Type(target, typed) | Deed::Keys(Some(target), typed)
                if typed.holds_password() || (typed.is_literal() && target.speaks_of_password()))
        };
        let Some(first) = self.acts.iter().position(is_password) else { return };
        let selectors = |act: &Act| act.deed.target().map(|target| target.selectors.clone());
        let name = self.acts[..first].iter().rposition(|act| matches!(act.deed, Deed::Type(..)));
        let name = name.and_then(|at| selectors(&self.acts[at]));
        for (at, act) in self.acts.iter_mut().enumerate() {
            let is_name = at < first && selectors(act) == name;
            match &mut act.deed {
                Deed::Type(target, typed) if typed.is_literal() && target.speaks_of_password() => {
                    *typed = Typed(vec![Part::Password]);
                }
                Deed::Type(_, typed) if is_name => typed.become_username(),
                _ => {}
            }
        }
    }
}

/// The tree of a JSON or YAML document.
fn tree(text: &str, file: &str) -> Result<Value, FlowError> {
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
        // serde_json would repeat what stands there.
        return serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
            let place = format!("it is not JSON: line {}, column {}", error.line(), error.column());
            FlowError::of_file(file, &place, "was it saved whole?")
        });
    }
    context::tree(text).map_err(|told| FlowError::of_file(file, &told, "write a recipe as YAML or JSON"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Flow::parse(text, "flow.json", &BTreeMap::new()).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_flow_is_told_without_repeating_it() {
        let told = error(r#"{"password": "s3cret"#);
        assert!(told.starts_with("flow.json: it is not JSON: line 1") && !told.contains("s3cret"), "{told}");
        assert!(error(r#"{"a": 1}"#).contains("Selenium IDE projects (.side)"));
        assert!(error("a: [").contains("flow.json: "));
    }

    #[test]
    fn the_name_before_the_password_becomes_the_user_s() {
        let text = r##"{"title":"x","steps":[
            {"type":"change","selectors":[["#tenant"]],"value":"north"},
            {"type":"change","selectors":[["#mail"]],"value":"recorded@a.test"},
            {"type":"change","selectors":[["#password"]],"value":"s3cret"}]}"##;
        let flow = Flow::parse(text, "f", &BTreeMap::new()).unwrap();
        let typed = flow.acts.iter().map(|act| match &act.deed {
            Deed::Type(_, typed) => typed.0.clone(),
            other => panic!("{other:?}"),
        });
        let typed: Vec<_> = typed.collect();
        assert_eq!(typed[0], [Part::Text("north".into())]);
        assert_eq!(typed[1], [Part::UsernameOr("recorded@a.test".into())]);
        assert_eq!(typed[2], [Part::Password]);
    }
}
