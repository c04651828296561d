//! A YAML document as a tree, with the place of everything in it.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span};

/// A place in a text: line and column, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct At {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// A value and its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) at: At,
    pub(crate) body: Body,
}

/// What stands there.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    /// `null`, `~`, or nothing at all.
    Nothing,
    /// A text, a number or a truth value, as it was written.
    Scalar(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key with its value.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) at: At,
    pub(crate) value: Node,
}

/// Why a text is no tree.
#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) at: At,
    pub(crate) message: String,
}

impl Node {
    /// Reads the one document of a text. Fails on mistakes, and on texts that unfold to more than is sane.
    pub(crate) fn read(text: &str) -> Result<Self, Broken> {
        if text.len() > MOST_BYTES {
            let message = format!("it is larger than {} KiB", MOST_BYTES / 1024);
            return Err(Broken { at: At::default(), message });
        }
        let mut builder = Builder::default();
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|e| Broken::from(&e))?;
            builder.take(event, at(span))?;
        }
        Ok(builder.done.unwrap_or(Self { at: At { line: 1, column: 1 }, body: Body::Nothing }))
    }

    /// Whether nothing was written here, or nothing but keys without values, as in templates.
    pub(crate) fn is_nothing(&self) -> bool {
        match &self.body {
            Body::Nothing => true,
            Body::Scalar(_) => false,
            Body::List(items) => !items.is_empty() && items.iter().all(Self::is_nothing),
            Body::Map(entries) => entries.iter().all(|e| e.value.is_nothing()),
        }
    }

    /// The value under a key of a map.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        match &self.body {
            Body::Map(entries) => entries.iter().find(|e| e.key == key).map(|e| &e.value),
            _ => None,
        }
    }

    /// What it is, in a word.
    pub(crate) fn word(&self) -> &'static str {
        match self.body {
            Body::Nothing => "nothing",
            Body::Scalar(_) => "a single value",
            Body::List(_) => "a list",
            Body::Map(_) => "a map",
        }
    }

    fn size(&self) -> usize {
        1 + match &self.body {
            Body::Nothing | Body::Scalar(_) => 0,
            Body::List(items) => items.iter().map(Self::size).sum(),
            Body::Map(entries) => entries.iter().map(|e| e.value.size()).sum(),
        }
    }
}

impl From<&ScanError> for Broken {
    fn from(error: &ScanError) -> Self {
        let marker = error.marker();
        let at = At { line: marker.line(), column: marker.col() + 1 };
        Self { at, message: format!("it is not YAML: {}", error.info()) }
    }
}

/// Puts events together.
#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    count: usize,
    done: Option<Node>,
}

/// A list or map whose end has not come yet.
struct Open {
    at: At,
    anchor: usize,
    body: OpenBody,
}

enum OpenBody {
    List(Vec<Node>),
    Map(Vec<Entry>, Option<(String, At)>),
}

impl Builder {
    fn take(&mut self, event: Event<'_>, at: At) -> Result<(), Broken> {
        match event {
            Event::Scalar(_, _, _, Some(tag)) if !tag.is_yaml_core_schema() => {
                Err(broken(at, "a value that begins with `!` has to stand in quotes"))
            }
            Event::Scalar(text, style, anchor, _) => {
                self.put(Node { at, body: scalar(text.into_owned(), style) }, anchor)
            }
            Event::SequenceStart(anchor, _) => self.begin(at, anchor, OpenBody::List(Vec::new())),
            Event::MappingStart(anchor, _) => self.begin(at, anchor, OpenBody::Map(Vec::new(), None)),
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => {
                let loops = || broken(at, "this alias stands inside what it refers to");
                let node = self.anchors.get(&anchor).cloned().ok_or_else(loops)?;
                self.count += node.size();
                self.put(Node { at, ..node }, 0)
            }
            Event::DocumentStart(_) if self.done.is_some() => {
                Err(broken(at, "there is more than one document in it"))
            }
            _ => Ok(()),
        }
    }

    fn begin(&mut self, at: At, anchor: usize, body: OpenBody) -> Result<(), Broken> {
        if self.open.len() >= DEEPEST {
            return Err(broken(at, &format!("it is nested more than {DEEPEST} levels deep")));
        }
        self.open.push(Open { at, anchor, body });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Broken> {
        let Some(Open { at, anchor, body }) = self.open.pop() else { return Ok(()) };
        let body = match body {
            OpenBody::List(items) => Body::List(items),
            OpenBody::Map(entries, _) => Body::Map(merged(entries)),
        };
        self.put(Node { at, body }, anchor)
    }

    /// Puts a node where it belongs: into the list or map around it, or on top.
    fn put(&mut self, node: Node, anchor: usize) -> Result<(), Broken> {
        let at = node.at;
        self.count += 1;
        if self.count > MOST_NODES {
            return Err(broken(at, &format!("it unfolds to more than {MOST_NODES} values")));
        }
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut().map(|open| &mut open.body) {
            None => self.done = Some(node),
            Some(OpenBody::List(items)) => items.push(node),
            Some(OpenBody::Map(entries, key)) => match (key.take(), node.body) {
                (Some((key, at_key)), body) => {
                    entries.push(Entry { key, at: at_key, value: Node { at, body } });
                }
                (None, Body::Scalar(text)) => *key = Some((text, at)),
                (None, Body::Nothing) => *key = Some((String::new(), at)),
                (None, _) => return Err(broken(at, "a key has to be a single value")),
            },
        }
        Ok(())
    }
}

/// The entries with those that `<<` takes over from other maps.
fn merged(entries: Vec<Entry>) -> Vec<Entry> {
    let (merges, mut own): (Vec<_>, Vec<_>) = entries.into_iter().partition(|e| e.key == "<<");
    let maps = merges.into_iter().flat_map(|e| match e.value.body {
        Body::List(items) => items,
        body => vec![Node { at: e.at, body }],
    });
    for map in maps {
        if let Body::Map(entries) = map.body {
            for entry in entries {
                if !own.iter().any(|e| e.key == entry.key) {
                    own.push(entry);
                }
            }
        }
    }
    own
}

fn scalar(text: String, style: ScalarStyle) -> Body {
    let is_null = style == ScalarStyle::Plain && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
    if is_null { Body::Nothing } else { Body::Scalar(text) }
}

fn at(span: Span) -> At {
    At { line: span.start.line(), column: span.start.col() + 1 }
}

fn broken(at: At, message: &str) -> Broken {
    Broken { at, message: message.to_owned() }
}

/// No configuration is larger.
pub(crate) const MOST_BYTES: usize = 4 << 20;

/// With aliases unfolded, no configuration has more values.
const MOST_NODES: usize = 100_000;

/// No configuration is nested deeper.
const DEEPEST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(text: &str) -> String {
        let Broken { at, message } = Node::read(text).unwrap_err();
        format!("{}:{}: {message}", at.line, at.column)
    }

    #[test]
    fn everything_has_its_line_and_column() {
        let node = Node::read("a: 1\nb:\n  - x\n  - y: ~\n").unwrap();
        let Body::List(items) = &node.get("b").unwrap().body else { panic!("a list") };
        assert_eq!(items[0].at, At { line: 3, column: 5 });
        assert!(items[1].get("y").unwrap().is_nothing());
    }

    #[test]
    fn quoted_nothing_is_a_text() {
        let node = Node::read("a: ''\nb: 'null'\nc: null\nd:\n").unwrap();
        let is_nothing = |key| node.get(key).unwrap().is_nothing();
        assert_eq!(["a", "b", "c", "d"].map(is_nothing), [false, false, true, true]);
    }

    #[test]
    fn a_merged_map_gives_what_is_not_there() {
        let node = Node::read("a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  y: 3\n").unwrap();
        let b = node.get("b").unwrap();
        assert!(matches!(&b.get("x").unwrap().body, Body::Scalar(x) if x == "1"));
        assert!(matches!(&b.get("y").unwrap().body, Body::Scalar(y) if y == "3"));
    }

    #[test]
    fn a_mistake_is_told_with_its_line() {
        assert!(broken("a: 1\n b: 2\n").starts_with("2:"), "{}", broken("a: 1\n b: 2\n"));
        assert!(broken("a: [1\n").contains("it is not YAML"));
        assert!(broken("a: *nobody\n").starts_with("1:"));
        assert!(broken("a: 1\n---\nb: 2\n").contains("more than one document"));
        assert!(broken("? [a]\n: 1\n").contains("single value"));
    }

    #[test]
    fn a_password_that_means_something_to_yaml_is_refused_and_not_repeated() {
        for text in ["*planted", "!planted", "@planted", "%planted", "`planted", "{planted: [", "\"planted"] {
            let told = broken(&format!("password: {text}\n"));
            assert!(!told.contains("planted"), "{told}");
        }
        assert!(matches!(Node::read("a: !!str x").unwrap().get("a").unwrap().body, Body::Scalar(_)));
    }

    #[test]
    fn line_ends_and_byte_order_marks_of_other_systems_do_no_harm() {
        let node = Node::read("\u{feff}a: 1\r\nb: x\r\n").unwrap();
        assert!(matches!(&node.get("b").unwrap().body, Body::Scalar(b) if b == "x"));
        assert!(node.get("a").is_some());
    }

    #[test]
    fn a_bomb_is_refused_before_it_goes_off() {
        let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for n in 1..12 {
            let alias = format!("*a{},", n - 1).repeat(10);
            bomb.extend([format!("a{n}: &a{n} [{alias}]\n")]);
        }
        assert!(broken(&bomb).contains("unfolds to more"));
        assert!(!broken(&"[".repeat(100_000)).is_empty());
        assert!(broken(&("[".repeat(99) + &"]".repeat(99))).contains("nested more than"));
        assert!(broken(&format!("a: {}", "x".repeat(MOST_BYTES))).contains("larger than"));
        assert!(broken("a: &a [*a]\n").contains("stands inside"), "{}", broken("a: &a [*a]\n"));
    }
}
