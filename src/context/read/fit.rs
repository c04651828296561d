//! Fits a YAML tree to its description, and tells of everything that does not fit.

use std::{collections::HashMap, mem, path::Path};

use super::{
    shape::{Chosen, Need, Rest, Shape, What, Whose},
    single::Place,
    value::{Fields, Value, way},
    variables::Variables,
    yaml::{At, Body, Entry, Node},
};
use crate::{
    context::{
        Problem, SecretSource, Weight,
        words::{list, near, nearest},
    },
    session::HeaderTemplate,
};

/// What a value is fitted with, and what was found on the way.
pub(crate) struct Fitting<'a> {
    pub(crate) variables: Variables<'a>,
    /// The folder that relative paths begin in.
    pub(crate) folder: &'a Path,
    /// The methods whose parameters are being fitted.
    chosen: Option<&'static Chosen>,
    pub(crate) found: Vec<Problem>,
}

impl<'a> Fitting<'a> {
    pub(crate) fn new(variables: Variables<'a>, folder: &'a Path) -> Self {
        Self { variables, folder, chosen: None, found: Vec::new() }
    }

    /// Tells of a problem.
    pub(crate) fn problem(&mut self, at: At, way: &str, message: impl Into<String>, hint: Option<String>) {
        self.tell(Weight::Problem, at, way, message.into(), hint);
    }

    /// Tells of something that does no harm.
    pub(crate) fn remark(&mut self, at: At, way: &str, message: impl Into<String>, hint: Option<String>) {
        self.tell(Weight::Remark, at, way, message.into(), hint);
    }

    fn tell(&mut self, weight: Weight, at: At, way: &str, message: String, hint: Option<String>) {
        let key = way.to_owned();
        self.found.push(Problem { weight, line: at.line, column: at.column, key, message, hint });
    }

    /// The map's values, as far as they fit.
    pub(crate) fn map(&mut self, node: &Node, shape: &'static Shape, outer: &str) -> Option<Fields> {
        let entries = match &node.body {
            Body::Map(entries) => entries.as_slice(),
            Body::Nothing => &[],
            _ => {
                let hint = format!("its keys are {}", list(shape.names()));
                self.problem(node.at, outer, format!("it has to be a map, not {}", node.word()), Some(hint));
                return None;
            }
        };
        let mut fields =
            Fields { way: outer.to_owned(), at: node.at, shape, values: vec![], rest: vec![], unfit: vec![] };
        let mut seen = HashMap::new();
        for entry in entries {
            if let Some(first) = seen.insert(entry.key.as_str(), entry.at.line) {
                let message = format!("it stands here twice; before in line {first}");
                self.problem(entry.at, &fields.to(&entry.key), message, None);
            } else {
                self.entry(entry, node, &mut fields);
            }
        }
        self.demand(node, &fields);
        self.without_parameters(node, &mut fields);
        Some(fields)
    }

    fn entry(&mut self, entry: &Entry, map: &Node, fields: &mut Fields) {
        let to = fields.to(&entry.key);
        let Some(key) = fields.shape.key(&entry.key) else { return self.unknown(entry, fields) };
        if entry.value.is_nothing() {
            return;
        }
        if key.whose == Whose::Unused {
            self.remark(entry.at, &to, "handstamp does not use it", None);
        }
        let what = match &fields.shape.chosen {
            Some(chosen) if chosen.key == key.name => match chosen_shape(map, fields.shape) {
                Some(what) => what,
                None => return,
            },
            _ => key.what,
        };
        let chosen = fields.shape.chosen.as_ref().filter(|chosen| chosen.key == key.name);
        let outer = mem::replace(&mut self.chosen, chosen);
        let value = self.value(&entry.value, what, &to);
        self.chosen = outer;
        if let Some(value) = value {
            fields.values.push((key.name, entry.at, value));
        } else {
            fields.unfit.push(key.name);
        }
    }

    fn unknown(&mut self, entry: &Entry, fields: &mut Fields) {
        let to = fields.to(&entry.key);
        if entry.value.is_nothing() {
            // Templates list the keys of all methods, without values.
            let hint = near(&entry.key, fields.shape.names()).map(|near| format!("did you mean `{near}`?"));
            if hint.is_some() {
                self.remark(entry.at, &to, "there is no such key; it has no value", hint);
            }
        } else if fields.shape.rest != Rest::Refused {
            let is_parameter = fields.shape.rest == Rest::Parameters;
            let what = if is_parameter { What::Hidden } else { What::Secret };
            let source = match self.value(&entry.value, what, &to) {
                Some(Value::Secret(source)) => source,
                Some(Value::Hidden(text)) => SecretSource::Clear(text),
                _ => return,
            };
            fields.rest.push((entry.key.clone(), entry.at, source));
        } else {
            let elsewhere = self.chosen.map(|chosen| methods_with(&entry.key, chosen)).unwrap_or_default();
            if elsewhere.is_empty() {
                let hint = nearest(&entry.key, fields.shape.names());
                self.problem(entry.at, &to, "there is no such key here", Some(hint));
            } else {
                let hint = format!("it is one of method {}", list(elsewhere.into_iter()));
                self.problem(entry.at, &to, "this method has no such parameter", Some(hint));
            }
        }
    }

    /// A method without parameters is one whose parameters are all left out.
    fn without_parameters(&mut self, node: &Node, fields: &mut Fields) {
        let Some(chosen) = &fields.shape.chosen else { return };
        let is_there = node.get(chosen.key).is_some_and(|value| !value.is_nothing());
        if let (false, Some(What::Map(shape))) = (is_there, chosen_shape(node, fields.shape)) {
            let nothing = Node { at: node.at, body: Body::Nothing };
            let parameters = self.map(&nothing, shape, &fields.to(chosen.key));
            fields.values.extend(parameters.map(|p| (chosen.key, node.at, Value::Map(p))));
        }
    }

    fn demand(&mut self, node: &Node, fields: &Fields) {
        let is_missing = |name| {
            let value = node.get(name);
            value.is_none_or(|v| v.is_nothing() || matches!(&v.body, Body::List(items) if items.is_empty()))
        };
        for key in fields.shape.keys.iter().filter(|k| k.need == Need::Required && is_missing(k.name)) {
            let message = format!("`{}` is missing", key.name);
            self.problem(node.at, &fields.way, message, Some(lower(key.about)));
        }
    }

    fn value(&mut self, node: &Node, what: What, way: &str) -> Option<Value> {
        match what {
            What::Anything => Some(Value::Anything),
            What::Map(shape) => self.map(node, shape, way).map(Value::Map),
            What::List(inner) => self.list(node, *inner, way),
            What::Headers => self.headers(node, way),
            What::Texts => self.texts(node, way),
            _ => {
                let text = self.scalar(node, what, way)?;
                self.single(text, what, Place { at: node.at, way })
            }
        }
    }

    fn list(&mut self, node: &Node, inner: What, way: &str) -> Option<Value> {
        let Body::List(items) = &node.body else {
            let hint = "write each item on a line of its own, after `- `".to_owned();
            self.problem(node.at, way, format!("it has to be a list, not {}", node.word()), Some(hint));
            return None;
        };
        let mut values = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let way = format!("{way}[{index}]");
            values.extend(self.value(item, inner, &way).map(|value| (item.at, value)));
        }
        Some(Value::List(values))
    }

    fn entries<'n>(&mut self, node: &'n Node, way: &str) -> Option<&'n [Entry]> {
        if let Body::Map(entries) = &node.body {
            return Some(entries);
        }
        self.problem(node.at, way, format!("it has to be a map, not {}", node.word()), None);
        None
    }

    fn headers(&mut self, node: &Node, outer: &str) -> Option<Value> {
        let mut headers = Vec::new();
        for entry in self.entries(node, outer)? {
            let way = way(outer, &entry.key);
            if http::HeaderName::from_bytes(entry.key.as_bytes()).is_err() {
                self.problem(entry.at, &way, "this is no name of a header", None);
                continue;
            }
            let Some(text) = self.scalar(&entry.value, What::Hidden, &way) else { continue };
            let Some(text) = self.expand(text, Place { at: entry.value.at, way: &way }) else { continue };
            match text.parse() {
                Ok(value) => headers.push(HeaderTemplate { name: entry.key.clone(), value }),
                Err(error) => {
                    // Its first words may hold a piece of the value, which may be a secret.
                    let all = format!("{error}");
                    let hint = all.lines().find_map(|l| l.strip_prefix("hint: ")).map(str::to_owned);
                    self.problem(entry.value.at, &way, "this is no template of a header", hint);
                }
            }
        }
        Some(Value::Headers(headers))
    }

    /// Names and texts; they were read before, for their variables.
    fn texts(&mut self, node: &Node, outer: &str) -> Option<Value> {
        for entry in self.entries(node, outer)? {
            if !entry.value.is_nothing() {
                self.scalar(&entry.value, What::Hidden, &way(outer, &entry.key));
            }
        }
        Some(Value::Anything)
    }

    fn scalar<'n>(&mut self, node: &'n Node, what: What, way: &str) -> Option<&'n str> {
        if let Body::Scalar(text) = &node.body {
            return Some(text);
        }
        let hint = match what {
            What::Secret => Some("put it into quotes, or name where it is kept".to_owned()),
            What::Word(words) => Some(format!("choose one of {}", list(words.iter().copied()))),
            _ => None,
        };
        let message = format!("it has to be {}, not {}", what.words(), node.word());
        self.problem(node.at, way, message, hint);
        None
    }
}

/// What the method that was chosen says about the key that it decides.
fn chosen_shape(map: &Node, shape: &Shape) -> Option<What> {
    let chosen = shape.chosen.as_ref()?;
    let Body::Scalar(word) = &map.get(chosen.by)?.body else { return None };
    chosen.shapes.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, what)| *what)
}

/// The methods that have a parameter of this name.
fn methods_with(name: &str, chosen: &'static Chosen) -> Vec<&'static str> {
    let takes = |what: &What| match what {
        What::Map(shape) => shape.key(name).is_some(),
        // Any header is one, but most slips of the pen are meant to be something else.
        What::Headers => name.chars().next().is_some_and(char::is_uppercase) || name == "cookie",
        _ => false,
    };
    chosen.shapes.iter().filter(|(_, what)| takes(what)).map(|(word, _)| *word).collect()
}

fn lower(about: &str) -> String {
    let mut chars = about.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}
