//! What a form asks for beside user name and password: texts, choices, and terms to agree to.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::fill::fill_text;
use crate::{
    browser::{Element, Error, Page},
    session::Secret,
};

/// A further field of the form.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is one independent thing that the page shows")]
pub(super) struct Extra {
    element: Element,
    kind: Kind,
    name: String,
    label: String,
    /// The value; for a select with the words of the choice on a line below.
    value: String,
    /// Whether something is typed, chosen or ticked.
    is_set: bool,
    is_required: bool,
    is_terms: bool,
    /// Whether it is about newsletters, new accounts and the like.
    is_other: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Select,
    Radio,
    Checkbox,
}

/// What is to be done with a further field.
#[derive(Debug)]
enum Act {
    Type(Secret),
    /// The value or words of the choice; nothing for the first one that is a choice.
    Choose(Option<Secret>),
    Click,
}

impl Extra {
    pub(super) fn from_value(value: &Value) -> Option<Self> {
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let is = |key: &str| value[key].as_bool().unwrap_or_default();
        let kind = match value["kind"].as_str()? {
            "select" => Kind::Select,
            "radio" => Kind::Radio,
            "checkbox" => Kind::Checkbox,
            _ => Kind::Text,
        };
        Some(Self {
            element: Element::from_value(&value["element"])?,
            kind,
            name: text("name"),
            label: text("label"),
            value: text("value"),
            is_set: is("isSet"),
            is_required: is("isRequired"),
            is_terms: is("isTerms"),
            is_other: is("isOther"),
        })
    }

    /// What is wanted of it, by its name or its label.
    fn wanted<'a>(&self, more: &'a BTreeMap<String, Secret>) -> Option<&'a Secret> {
        let label = self.label.to_lowercase();
        let by_name = more.iter().find(|(key, _)| key.eq_ignore_ascii_case(&self.name));
        by_name.or_else(|| more.iter().find(|(key, _)| label.contains(&key.to_lowercase()))).map(|(_, v)| v)
    }

    fn act(&self, all: &[Self], more: &BTreeMap<String, Secret>) -> Option<Act> {
        let wanted = self.wanted(more);
        let has = |text: &Secret| self.value.lines().any(|line| line == text.expose());
        match self.kind {
            Kind::Text => wanted.filter(|text| !has(text)).cloned().map(Act::Type),
            Kind::Select => match wanted {
                Some(text) => (!has(text)).then(|| Act::Choose(Some(text.clone()))),
                None => (self.is_required && !self.is_set).then_some(Act::Choose(None)),
            },
            Kind::Radio => self.is_to_choose(all, wanted).then_some(Act::Click),
            Kind::Checkbox => {
                let agrees = (self.is_required || self.is_terms) && !self.is_other;
                let is_wanted = wanted.map_or(agrees || self.is_set, is_yes);
                (is_wanted != self.is_set).then_some(Act::Click)
            }
        }
    }

    /// Whether this one of several choices is the wanted one, or the first where one must be made.
    fn is_to_choose(&self, all: &[Self], wanted: Option<&Secret>) -> bool {
        let mut choices = all.iter().filter(|other| other.kind == Kind::Radio && other.name == self.name);
        if let Some(text) = wanted {
            let is_it = self.value == text.expose() || self.label.trim().eq_ignore_ascii_case(text.expose());
            return is_it && !self.is_set;
        }
        let is_first = choices.clone().next().is_some_and(|first| first.element == self.element);
        self.is_required && is_first && !choices.any(|other| other.is_set)
    }
}

/// Gives the form what is wanted of it, and agrees to what it demands; tells how much was done.
pub(super) async fn settle(
    page: &Page,
    extras: &[Extra],
    more: &BTreeMap<String, Secret>,
) -> Result<usize, Error> {
    let mut done = 0;
    for extra in extras {
        let Some(act) = extra.act(extras, more) else { continue };
        let element = &extra.element;
        match act {
            Act::Type(text) => fill_text(page, element, !extra.value.is_empty(), text.expose()).await?,
            Act::Choose(text) => {
                let text = text.as_ref().map(Secret::expose);
                page.evaluate(CHOOSE, &[element.to_value(), json!(text)]).await.map(drop)?;
            }
            Act::Click => page.evaluate("arguments[0].click()", &[element.to_value()]).await.map(drop)?,
        }
        done += 1;
    }
    Ok(done)
}

fn is_yes(text: &Secret) -> bool {
    !matches!(text.expose().to_lowercase().as_str(), "" | "0" | "no" | "off" | "false")
}

/// Chooses as a person would, and tells frameworks by the events that this makes.
const CHOOSE: &str = "
const [select, wanted] = arguments;
const options = [...select.options].filter((option) => !option.disabled);
const option = wanted === null ? options.find((o) => o.value) : options.find((o) => o.value === wanted) || options.find((o) => o.text.trim() === wanted);
if (!option) return;
Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, 'value').set.call(select, option.value);
for (const type of ['input', 'change']) select.dispatchEvent(new Event(type, { bubbles: true, composed: true }));";

#[cfg(test)]
mod tests {
    use super::*;

    fn extra(kind: &str, more: &Value) -> Extra {
        let mut value = json!({ "kind": kind, "name": "x", "label": "", "value": "" });
        value["element"] =
            json!({ "element-6066-11e4-a52e-4f735466cecf": more["id"].as_str().unwrap_or("e") });
        for (key, of) in more.as_object().unwrap() {
            value[key] = of.clone();
        }
        Extra::from_value(&value).unwrap()
    }

    fn acts(extras: &[Extra], more: &[(&str, &str)]) -> Vec<bool> {
        let more = more.iter().map(|(k, v)| ((*k).to_owned(), Secret::from(*v))).collect();
        extras.iter().map(|e| e.act(extras, &more).is_some()).collect()
    }

    #[test]
    fn terms_are_agreed_to_and_newsletters_are_not() {
        let boxes = [
            extra("checkbox", &json!({ "isRequired": true })),
            extra("checkbox", &json!({ "isTerms": true })),
            extra("checkbox", &json!({ "isRequired": true, "isOther": true })),
            extra("checkbox", &json!({})),
            extra("checkbox", &json!({ "isRequired": true, "isSet": true })),
        ];
        assert_eq!(acts(&boxes, &[]), [true, true, false, false, false]);
        assert_eq!(acts(&boxes[3..], &[("x", "yes")]), [true, false]);
        assert_eq!(acts(&boxes[4..], &[("x", "no")]), [true]);
    }

    #[test]
    fn a_choice_that_must_be_made_is_made_and_the_wanted_one_wins() {
        let radios = [
            extra("radio", &json!({ "id": "a", "value": "1", "isRequired": true })),
            extra("radio", &json!({ "id": "b", "value": "2", "label": "Second", "isRequired": true })),
        ];
        assert_eq!(acts(&radios, &[]), [true, false]);
        assert_eq!(acts(&radios, &[("x", "second")]), [false, true]);
        let select = [extra("select", &json!({ "value": "\nPlease choose", "isRequired": true }))];
        assert_eq!(acts(&select, &[]), [true]);
        assert_eq!(acts(&[extra("select", &json!({ "value": "7\nSeven" }))], &[("X", "Seven")]), [false]);
    }

    #[test]
    fn a_text_is_known_by_its_label_too() {
        let texts = [extra("text", &json!({ "label": "Your Tenant *" })), extra("text", &json!({}))];
        assert_eq!(acts(&texts, &[("tenant", "acme")]), [true, false]);
    }
}
