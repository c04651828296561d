//! Tokens with their brackets paired, and what can be asked of them.

use super::tokens::{Kind, Token};

/// The tokens of a script, and which brackets belong together.
#[derive(Debug)]
pub(super) struct Code<'t, 'a> {
    pub(super) tokens: &'t [Token<'a>],
    /// For each bracket the other one; for one without, and for all else, the number of tokens.
    pairs: Vec<usize>,
}

impl<'t, 'a> Code<'t, 'a> {
    pub(super) fn new(tokens: &'t [Token<'a>]) -> Self {
        let mut pairs = vec![tokens.len(); tokens.len()];
        let mut open = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            match token.kind {
                Kind::Sign("(" | "[" | "{") => open.push(at),
                Kind::Sign(")" | "]" | "}") => {
                    if let Some(begin) = open.pop() {
                        pairs[begin] = at;
                        pairs[at] = begin;
                    }
                }
                _ => {}
            }
        }
        Self { tokens, pairs }
    }

    pub(super) fn kind(&self, at: usize) -> Option<&Kind<'a>> {
        self.tokens.get(at).map(|token| &token.kind)
    }

    pub(super) fn word(&self, at: usize) -> Option<&'a str> {
        match self.kind(at)? {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    /// The text in quotes, where one stands there.
    pub(super) fn text(&self, at: usize) -> Option<&str> {
        match self.kind(at)? {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn is(&self, at: usize, sign: &str) -> bool {
        matches!(self.kind(at), Some(Kind::Sign(found)) if *found == sign)
    }

    /// Where the bracket at `at` ends, or begins.
    pub(super) fn pair(&self, at: usize) -> usize {
        self.pairs.get(at).copied().unwrap_or(self.tokens.len())
    }

    /// Where the parts between the brackets begin that stand at `open`, parted by commas; not more than a few.
    pub(super) fn parts(&self, open: usize) -> Vec<usize> {
        let (mut at, end) = (open + 1, self.pair(open));
        if at >= end {
            return Vec::new();
        }
        let mut parts = vec![at];
        while at < end && parts.len() <= MOST_PARTS {
            match self.kind(at) {
                Some(Kind::Sign("(" | "[" | "{")) => at = self.pair(at),
                Some(Kind::Sign(",")) if at + 1 < end => parts.push(at + 1),
                _ => {}
            }
            at += 1;
        }
        parts
    }

    /// The members of an object literal whose brace stands at `open`: names, and where their values begin.
    pub(super) fn members(&self, open: usize) -> Vec<(&str, usize)> {
        self.parts(open).into_iter().filter_map(|at| self.member(at)).collect()
    }

    fn member(&self, at: usize) -> Option<(&str, usize)> {
        let name = match self.kind(at)? {
            Kind::Word(word) => *word,
            Kind::Text(text) => text.as_ref(),
            _ => return None,
        };
        match self.kind(at + 1)? {
            Kind::Sign(":") => Some((name, at + 2)),
            // A member that is named as the variable which it holds, or a function.
            Kind::Sign("," | "}" | "(") => Some((name, at)),
            _ => None,
        }
    }

    /// Where the operand that ends at `at` begins: `this.a.b(c)` begins at `this`.
    pub(super) fn begin_of_operand(&self, at: usize) -> usize {
        let mut begin = at;
        loop {
            if matches!(self.kind(begin), Some(Kind::Sign(")" | "]"))) {
                let open = self.pair(begin);
                if open >= begin {
                    return begin;
                }
                begin = open;
                let is_called = begin > 0 && (self.word(begin - 1).is_some() || self.is(begin - 1, ")"));
                if !is_called {
                    return begin;
                }
                begin -= 1;
            } else if begin > 1 && (self.is(begin - 1, ".") || self.is(begin - 1, "?.")) {
                begin -= 2;
            } else {
                return begin;
            }
        }
    }

    /// The names of what is called by the parenthesis at `open`: `this.http.get(` gives `get`, `http`, `this`.
    pub(super) fn callee(&self, open: usize) -> Vec<&'a str> {
        let mut names = Vec::new();
        let mut at = open;
        // Types stand between the name and the parenthesis: `get<User[]>(`.
        if at > 0 && self.is(at - 1, ">") {
            let begin = (at.saturating_sub(MOST_TYPE)..at).rev().find(|i| self.is(*i, "<"));
            at = begin.unwrap_or(at);
        }
        while at > 0 && names.len() < MOST_NAMES {
            let Some(word) = self.word(at - 1) else { break };
            names.push(word);
            if at < 2 || !(self.is(at - 2, ".") || self.is(at - 2, "?.")) {
                break;
            }
            at -= 2;
            if self.is(at - 1, ")") {
                at = self.pair(at - 1);
            }
        }
        names
    }
}

const MOST_PARTS: usize = 60;
const MOST_TYPE: usize = 24;
const MOST_NAMES: usize = 6;
