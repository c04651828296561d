//! A regular expression as people write it for URLs and pages, in Java's dialect.

use std::fmt;

/// A regular expression in the dialect of Java, which ZAP's are written in; Rust's are nearly always read alike.
///
/// `\Q…\E` quotes, and look-around and back references work. An expression that backtracks without end gives up.
#[derive(Clone)]
pub struct Pattern {
    text: String,
    expression: Expression,
}

#[derive(Clone)]
enum Expression {
    /// In linear time.
    Plain(regex::Regex),
    /// With look-around or back references, up to a limit.
    Rich(Box<fancy_regex::Regex>),
}

/// An expression that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no regular expression: {reason}")]
pub struct BadPattern {
    text: String,
    reason: String,
}

impl Pattern {
    /// An expression that is searched for anywhere in a text.
    pub fn parse(text: &str) -> Result<Self, BadPattern> {
        Self::build(text, &from_java(text))
    }

    /// An expression that has to match a whole URL, with or without its query and fragment, in upper or lower
    /// case: as ZAP reads `includePaths` and `excludePaths`.
    pub fn whole_url(text: &str) -> Result<Self, BadPattern> {
        // On its own first: `a)|(b` would be right between the brackets.
        Self::parse(text)?;
        Self::build(text, &format!("(?i)^(?:{})(?:[?#].*)?$", from_java(text)))
    }

    /// Finds the texts that begin with this one, in upper or lower case.
    pub fn beginning_with(text: &str) -> Result<Self, BadPattern> {
        Self::build(text, &format!("(?i)^{}", regex::escape(text)))
    }

    fn build(text: &str, expression: &str) -> Result<Self, BadPattern> {
        let expression = if let Ok(plain) = regex::Regex::new(expression) {
            Expression::Plain(plain)
        } else {
            let rich = fancy_regex::RegexBuilder::new(expression).backtrack_limit(BACKTRACKS).build();
            let bad = |e: fancy_regex::Error| BadPattern { text: text.to_owned(), reason: reason(&e) };
            Expression::Rich(Box::new(rich.map_err(bad)?))
        };
        Ok(Self { text: text.to_owned(), expression })
    }

    /// Whether it is found in `text`; `None` where it gave up.
    #[must_use]
    pub fn finds(&self, text: &str) -> Option<bool> {
        match &self.expression {
            Expression::Plain(plain) => Some(plain.is_match(text)),
            Expression::Rich(rich) => rich.is_match(text).ok(),
        }
    }

    /// The expression as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn expression(&self) -> &str {
        match &self.expression {
            Expression::Plain(plain) => plain.as_str(),
            Expression::Rich(rich) => rich.as_str(),
        }
    }
}

impl From<regex::Regex> for Pattern {
    fn from(expression: regex::Regex) -> Self {
        Self { text: expression.as_str().to_owned(), expression: Expression::Plain(expression) }
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}/", self.text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.expression() == other.expression()
    }
}

impl Eq for Pattern {}

/// Rewrites what Java writes otherwise: quotes, and escapes that mean something else here.
fn from_java(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let Some(c) = after.chars().next() else {
            out.push('\\');
            return out;
        };
        rest = &after[c.len_utf8()..];
        match c {
            'Q' => {
                let (quoted, left) = rest.split_once("\\E").unwrap_or((rest, ""));
                out.push_str(&regex::escape(quoted));
                rest = left;
            }
            'h' => out.push_str("[ \\t\\u{A0}]"),
            'R' => out.push_str("(?:\\r\\n|[\\n\\r])"),
            'e' => out.push_str("\\x1b"),
            // Java takes a backslash before anything that is no letter; here `\<` is the begin of a word.
            c if !c.is_alphanumeric() => out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
            c => out.extend(['\\', c]),
        }
    }
    out.push_str(rest);
    out
}

/// What is wrong, on one line.
fn reason(error: &fancy_regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    last.trim().trim_start_matches("error: ").trim_end_matches('.').to_owned()
}

/// After so many steps back an expression gives up.
const BACKTRACKS: usize = 100_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(pattern: &str, text: &str) -> bool {
        Pattern::parse(pattern).unwrap().finds(text).unwrap()
    }

    #[test]
    fn what_java_quotes_stands_for_itself() {
        assert!(finds(r"\Q 200 OK\E", "HTTP/1.1 200 OK"));
        assert!(finds(r#"\Q<a href="logout.jsp">\E"#, r#"<a href="logout.jsp">"#));
        assert!(!finds(r"\Qa.c\E", "abc"));
        assert!(finds(r"a\Q.", "a."));
        assert!(finds(r"\<b\>\/\-\h\_", "<b>/- _"));
    }

    #[test]
    fn look_around_and_back_references_work() {
        let outside = Pattern::whole_url(r"^((?!http://shop\.example).)*$").unwrap();
        assert_eq!(outside.finds("http://cdn.example/x"), Some(true));
        assert_eq!(outside.finds("http://shop.example/x"), Some(false));
        assert!(finds(r"(a)\1", "aa"));
    }

    #[test]
    fn a_whole_url_is_matched_with_or_without_its_query_in_any_case() {
        let pattern = Pattern::whole_url("http://shop.example/(a|b)").unwrap();
        for url in ["http://shop.example/a", "http://SHOP.example/b?x=1", "http://shop.example/a#/x"] {
            assert_eq!(pattern.finds(url), Some(true), "{url}");
        }
        for url in ["http://shop.example/ab", "x http://shop.example/a", "http://shop.example/"] {
            assert_eq!(pattern.finds(url), Some(false), "{url}");
        }
        assert!(Pattern::whole_url("a)|(b").is_err());
    }

    #[test]
    fn an_expression_without_end_gives_up() {
        let pattern = Pattern::parse(r"^(x+x+)+\1(?=y)").unwrap();
        assert_eq!(pattern.finds(&"x".repeat(100)), None);
    }

    #[test]
    fn what_is_no_expression_is_refused_on_one_line() {
        let error = Pattern::parse("(a").unwrap_err().to_string();
        assert!(error.starts_with("`(a` is no regular expression: "), "{error}");
        assert_eq!(error.lines().count(), 1);
        for text in ["[a", "a**\\", "*", r"\p{Nope}", "(?<a"] {
            assert!(Pattern::parse(text).is_err(), "{text}");
        }
    }
}
