//! `${name}` in a configuration: its own variables first, then the environment's.

use std::collections::BTreeMap;

use super::yaml::{Body, Node};

/// Looks variables of the environment up by name; `None` where there is none of that name.
pub type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// All variables that a configuration can use.
pub(crate) struct Variables<'a> {
    own: BTreeMap<String, String>,
    environment: &'a Lookup<'a>,
}

/// A text whose variables were put in.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Expanded {
    pub(crate) text: String,
    /// The variables of the environment in it.
    pub(crate) from: Vec<String>,
    /// How many variables were put in.
    count: usize,
}

/// A variable that cannot be put in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// Nobody has set it.
    Unknown(String),
    /// It is made of itself.
    Endless(String),
}

impl<'a> Variables<'a> {
    /// Those of `env.vars` or `vars` in a document, and those of the environment.
    pub(crate) fn of(document: &Node, environment: &'a Lookup<'a>) -> Self {
        let places = [document.get("env").and_then(|env| env.get("vars")), document.get("vars")];
        let maps = places.into_iter().flatten().filter_map(|node| match &node.body {
            Body::Map(entries) => Some(entries),
            _ => None,
        });
        let own = maps.flatten().filter_map(|entry| match &entry.value.body {
            Body::Scalar(text) => Some((entry.key.clone(), text.clone())),
            Body::Nothing => Some((entry.key.clone(), String::new())),
            _ => None,
        });
        Self { own: own.collect(), environment }
    }

    /// The names that the document sets.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.own.keys().map(String::as_str)
    }

    /// The text with its variables put in. Fails on the first one that cannot be.
    pub(crate) fn expand(&self, text: &str) -> Result<Expanded, Lost> {
        let mut expanded = Expanded::default();
        self.expand_into(text, &mut expanded, &mut Vec::new(), Unknown::Fails)?;
        Ok(expanded)
    }

    /// The text with those variables put in that are known.
    pub(crate) fn expand_known(&self, text: &str) -> String {
        let mut expanded = Expanded::default();
        match self.expand_into(text, &mut expanded, &mut Vec::new(), Unknown::Stays) {
            Ok(()) => expanded.text,
            Err(_) => text.to_owned(),
        }
    }

    fn expand_into(
        &self,
        text: &str,
        out: &mut Expanded,
        inside: &mut Vec<String>,
        unknown: Unknown,
    ) -> Result<(), Lost> {
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            out.text.push_str(before);
            let Some((name, left)) = after.split_once('}').filter(|(name, _)| !name.is_empty()) else {
                out.text.push_str("${");
                rest = after;
                continue;
            };
            rest = left;
            self.put(name, out, inside, unknown)?;
        }
        out.text.push_str(rest);
        Ok(())
    }

    fn put(
        &self,
        name: &str,
        out: &mut Expanded,
        inside: &mut Vec<String>,
        unknown: Unknown,
    ) -> Result<(), Lost> {
        out.count += 1;
        let is_endless = out.count > MOST || out.text.len() > LONGEST;
        if is_endless || inside.iter().any(|outer| outer == name) {
            return Err(Lost::Endless(name.to_owned()));
        }
        if let Some(value) = self.own.get(name) {
            inside.push(name.to_owned());
            self.expand_into(value, out, inside, unknown)?;
            inside.pop();
        } else if let Some(value) = (self.environment)(name) {
            out.text.push_str(&value);
            out.from.push(name.to_owned());
        } else if unknown == Unknown::Stays {
            out.text.extend(["${", name, "}"]);
        } else {
            return Err(Lost::Unknown(name.to_owned()));
        }
        Ok(())
    }
}

/// What becomes of variables that nobody has set.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unknown {
    Fails,
    Stays,
}

/// A value that more variables are put into is taken for endless.
const MOST: usize = 1000;

/// A value that grows beyond so many bytes is taken for endless.
const LONGEST: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn expand(text: &str) -> Result<Expanded, Lost> {
        let yaml = "vars: {a: 1, b: '${a}2', loop: '${pool}', pool: '${loop}', empty:}";
        let environment = |name: &str| (name == "HOME" || name == "a").then(|| "/home".to_owned());
        Variables::of(&Node::read(yaml).unwrap(), &environment).expand(text)
    }

    fn text(text: &str) -> String {
        expand(text).unwrap().text
    }

    #[test]
    fn own_variables_go_before_the_environments_and_may_be_made_of_others() {
        assert_eq!(text("x${b}${a}y${empty}"), "x121y");
        let expanded = expand("${HOME}/x").unwrap();
        assert_eq!((expanded.text.as_str(), expanded.from), ("/home/x", vec!["HOME".to_owned()]));
    }

    #[test]
    fn what_is_no_variable_stays() {
        for plain in ["$a", "${", "${}", "a ${ b", "100 %"] {
            assert_eq!(text(plain), plain);
        }
    }

    #[test]
    fn an_unknown_variable_and_an_endless_one_are_told() {
        assert_eq!(expand("${nope}"), Err(Lost::Unknown("nope".into())));
        assert!(matches!(expand("${loop}"), Err(Lost::Endless(_))));
    }
}
