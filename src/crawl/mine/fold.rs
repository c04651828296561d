//! Puts together what a script puts together: texts, templates and sums of them, as far as they are known.

use std::collections::HashMap;

use super::{
    code::Code,
    tokens::{Kind, Part},
};

/// What names stand for, as far as it is a text.
#[derive(Debug, Default)]
pub(super) struct Names<'a> {
    /// The blocks around, innermost last; nothing for a name that stands for something unknown.
    blocks: Vec<HashMap<&'a str, Option<String>>>,
    members: HashMap<String, String>,
}

impl<'a> Names<'a> {
    pub(super) fn enter(&mut self, unknown: impl IntoIterator<Item = &'a str>) {
        self.blocks.push(unknown.into_iter().map(|name| (name, None)).collect());
    }

    pub(super) fn leave(&mut self) {
        self.blocks.pop();
    }

    pub(super) fn define(&mut self, name: &'a str, value: Option<String>) {
        if self.blocks.is_empty() {
            self.blocks.push(HashMap::new());
        }
        if let Some(block) = self.blocks.last_mut() {
            block.insert(name, value);
        }
    }

    /// Notes what the member of some object holds; the last one that was written stands for all of that name.
    pub(super) fn define_member(&mut self, name: &str, value: &str) {
        if name.len() > 2 {
            self.members.insert(name.to_owned(), value.to_owned());
        }
    }

    fn variable(&self, name: &str) -> Option<&String> {
        self.blocks.iter().rev().find_map(|block| block.get(name))?.as_ref()
    }
}

/// What an expression comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Folded {
    /// What is unknown stands as `{name}`.
    pub(super) text: String,
    /// The first token behind it.
    pub(super) end: usize,
    /// Whether any of it stands there as a text.
    pub(super) is_literal: bool,
}

/// The expression that begins at `at`: texts, templates, names, and sums of these.
pub(super) fn fold(code: &Code<'_, '_>, at: usize, names: &Names<'_>) -> Option<Folded> {
    fold_within(code, at, names, 0)
}

fn fold_within(code: &Code<'_, '_>, at: usize, names: &Names<'_>, deep: usize) -> Option<Folded> {
    let mut folded = operand(code, at, names, deep)?;
    while code.is(folded.end, "+") && folded.text.len() < LONGEST {
        let Some(next) = operand(code, folded.end + 1, names, deep) else { break };
        folded.join(&next);
    }
    Some(folded)
}

impl Folded {
    fn join(&mut self, next: &Self) {
        self.text.push_str(&next.text);
        self.end = next.end;
        self.is_literal |= next.is_literal;
    }
}

fn operand(code: &Code<'_, '_>, at: usize, names: &Names<'_>, deep: usize) -> Option<Folded> {
    if deep > DEEPEST {
        return None;
    }
    let literal = |text: String| Folded { text, end: at + 1, is_literal: true };
    let mut folded = match code.kind(at)? {
        Kind::Text(text) => literal(text.clone().into_owned()),
        Kind::Template(parts) => literal(template(parts, names, deep)),
        Kind::Number(number) => Folded { text: (*number).to_owned(), end: at + 1, is_literal: false },
        Kind::Sign("(") => group(code, at, names, deep),
        Kind::Word(word) if !KEYWORDS.contains(word) => path(code, at, names, deep),
        _ => return None,
    };
    while code.is(folded.end, ".")
        && code.word(folded.end + 1) == Some("concat")
        && code.is(folded.end + 2, "(")
    {
        let open = folded.end + 2;
        for part in code.parts(open) {
            let next = fold_within(code, part, names, deep + 1);
            folded.join(&next.unwrap_or_else(|| unknown("value", part)));
        }
        folded.end = code.pair(open) + 1;
    }
    Some(folded)
}

fn template(parts: &[Part<'_>], names: &Names<'_>, deep: usize) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Text(piece) => text.push_str(piece),
            Part::Code(tokens) => {
                let code = Code::new(tokens);
                let folded = fold_within(&code, 0, names, deep + 1).filter(|f| f.end >= tokens.len());
                text.push_str(&folded.map_or_else(|| hole(last_word(&code, 0, tokens.len())), |f| f.text));
            }
        }
    }
    text
}

/// What stands in parentheses, where it can be told whole.
fn group(code: &Code<'_, '_>, at: usize, names: &Names<'_>, deep: usize) -> Folded {
    let close = code.pair(at);
    let inner = fold_within(code, at + 1, names, deep + 1).filter(|folded| folded.end == close);
    inner.map_or_else(
        || unknown(last_word(code, at, close.min(at + NEAR)), close),
        |folded| Folded { end: close + 1, ..folded },
    )
}

/// A name with its members, calls and indexes: what it stands for, else a gap that is named after it.
fn path(code: &Code<'_, '_>, at: usize, names: &Names<'_>, deep: usize) -> Folded {
    let mut end = at + 1;
    let mut last = code.word(at).unwrap_or_default();
    let mut called = None;
    loop {
        let is_dot = code.is(end, ".") || code.is(end, "?.");
        if is_dot && code.word(end + 1).is_some_and(|w| w != "concat" || !code.is(end + 2, "(")) {
            last = code.word(end + 1).unwrap_or_default();
            end += 2;
            called = None;
        } else if (code.is(end, "(") || code.is(end, "[")) && code.pair(end) > end {
            called.get_or_insert(end);
            end = code.pair(end) + 1;
        } else {
            break;
        }
    }
    if let Some(open) = called {
        // `encodeURIComponent(id)` is the id.
        let inner = fold_within(code, open + 1, names, deep + 1);
        let inner =
            inner.filter(|f| code.is(open, "(") && f.end == code.pair(open) && CODERS.contains(&last));
        return inner.map_or_else(|| unknown(last, end - 1), |folded| Folded { end, ..folded });
    }
    let known = if end == at + 1 { names.variable(last) } else { names.members.get(last) };
    match known {
        Some(text) => Folded { text: text.clone(), end, is_literal: true },
        None => unknown(last, end - 1),
    }
}

fn unknown(name: &str, last: usize) -> Folded {
    Folded { text: hole(name), end: last + 1, is_literal: false }
}

fn hole(name: &str) -> String {
    let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    // One or two letters are what a minifier made of a name.
    if name.len() < 2 || (name.len() == 2 && name != "id") {
        "{value}".to_owned()
    } else {
        format!("{{{name}}}")
    }
}

fn last_word<'a>(code: &Code<'_, 'a>, from: usize, to: usize) -> &'a str {
    let words = (from..to).rev().filter_map(|at| code.word(at));
    words.filter(|word| !CODERS.contains(word)).find(|word| !KEYWORDS.contains(word)).unwrap_or("value")
}

const KEYWORDS: &[&str] = &[
    "function",
    "return",
    "new",
    "async",
    "await",
    "typeof",
    "void",
    "class",
    "if",
    "for",
    "while",
    "var",
    "let",
    "const",
    "throw",
    "case",
    "delete",
    "yield",
    "in",
    "of",
    "else",
    "import",
    "export",
    "true",
    "false",
    "null",
    "undefined",
];
const CODERS: &[&str] = &["encodeURIComponent", "encodeURI", "String", "escape"];
const LONGEST: usize = 400;
const DEEPEST: usize = 12;
const NEAR: usize = 40;

#[cfg(test)]
mod tests {
    use super::{super::tokens::tokens, *};

    fn folded(source: &str) -> String {
        let mut names = Names::default();
        names.define("base", Some("/api".into()));
        names.define_member("host", "http://a");
        let tokens = tokens(source);
        fold(&Code::new(&tokens), 0, &names).map(|f| f.text).unwrap_or_default()
    }

    #[test]
    fn sums_templates_and_concatenations_are_folded() {
        assert_eq!(folded(r#""/a/"+id+"/b""#), "/a/{id}/b");
        assert_eq!(folded("`/a/${item.id}/b?q=${encodeURIComponent(term)}`"), "/a/{id}/b?q={term}");
        assert_eq!(folded(r#""".concat(base,"/x/").concat(user.name)"#), "/api/x/{name}");
        assert_eq!(folded("this.host+`/x`"), "http://a/x");
        assert_eq!(folded(r#"(base+"/x")+"/y""#), "/api/x/y");
        assert_eq!(folded(r#"base+"/x/"+f(a)[0].size+"/y";z"#), "/api/x/{size}/y");
        assert_eq!(folded(r#""/x/"+e+"/"+(a||b)"#), "/x/{value}/{value}");
    }
}
