//! The document: where its contexts stand, and what is wrong with all of it.

use std::{collections::BTreeMap, path::Path};

use super::{
    fit::Fitting,
    keys::DOCUMENT,
    value::Fields,
    variables::{Lookup, Variables},
    yaml::{At, Node},
};
use crate::context::{Context, Problem, Weight, context::as_word};

/// The contexts of a document, as far as they can be read, and all that was found in it.
pub(crate) fn document(text: &str, path: &Path, environment: &Lookup<'_>) -> (Vec<Context>, Vec<Problem>) {
    let node = match Node::read(text) {
        Ok(node) => node,
        Err(broken) => {
            let At { line, column } = broken.at;
            let (key, message) = (String::new(), broken.message);
            return (
                vec![],
                vec![Problem { weight: Weight::Problem, line, column, key, message, hint: None }],
            );
        }
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut fitting = Fitting::new(Variables::of(&node, environment), folder);
    let contexts = match fitting.map(&node, &DOCUMENT, "") {
        Some(fields) => contexts(&mut fitting, fields),
        None => Vec::new(),
    };
    (contexts, fitting.found)
}

fn contexts(fitting: &mut Fitting<'_>, mut document: Fields) -> Vec<Context> {
    let own: Option<(At, Vec<(At, Fields)>)> = document.take_at("contexts");
    let is_told = document.has("env") || own.is_some() || document.has("contexts");
    let environment: Option<Fields> = document.take("env");
    match (&own, &environment) {
        (Some((at, _)), Some(_)) => {
            let hint = "leave one of them out".to_owned();
            fitting.problem(*at, "contexts", "it stands beside `env`, which has contexts too", Some(hint));
        }
        (None, None) if !is_told => {
            let hint = "begin with `contexts:` or, as ZAP does, with `env:`".to_owned();
            fitting.problem(document.at, "", "`contexts` is missing", Some(hint));
        }
        _ => {}
    }
    let of_plan = environment.and_then(|mut env| env.take::<Vec<(At, Fields)>>("contexts"));
    let all: Vec<_> = own.map(|(_, all)| all).into_iter().chain(of_plan).flatten().collect();
    let mut read: Vec<Context> = Vec::new();
    let mut names = BTreeMap::new();
    for (at, fields) in all {
        let way = fields.to("name");
        let place = fields.place("name").unwrap_or(at);
        let context = fitting.context(fields);
        fitting.name_once(&mut names, &context.name, place, &way);
        read.push(context);
    }
    read
}

impl Fitting<'_> {
    /// Takes care that no two contexts or users have one name, nor names that make one in the store.
    pub(super) fn name_once(
        &mut self,
        names: &mut BTreeMap<String, (String, At)>,
        name: &str,
        at: At,
        way: &str,
    ) {
        if name.is_empty() {
            return;
        }
        match names.get(&as_word(name)) {
            Some((first, line)) if first == name => {
                self.problem(at, way, format!("`{name}` has this name too, in line {}", line.line), None);
            }
            Some((first, line)) => {
                let message = format!(
                    "`{name}` is as good as `{first}` in line {}: sessions are named with letters, digits and `._@-`",
                    line.line
                );
                self.problem(at, way, message, None);
            }
            None => {
                names.insert(as_word(name), (name.to_owned(), at));
            }
        }
    }
}
