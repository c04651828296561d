//! Reads JavaScript and TypeScript into tokens: as much of the language as it takes to tell texts from code.

use std::borrow::Cow;

/// One token, and the line that it begins on, counted from 1.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) line: usize,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind<'a> {
    /// A name or keyword.
    Word(&'a str),
    /// A text in quotes, without its escapes.
    Text(Cow<'a, str>),
    /// A text in backticks.
    Template(Vec<Part<'a>>),
    /// A number.
    Number(&'a str),
    /// A regular expression.
    Regex,
    /// A comment that says something of its own, such as where the source map lies.
    Note(&'a str),
    /// Anything else, operators of several characters as one.
    Sign(&'a str),
}

/// A part of a text in backticks.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part<'a> {
    Text(Cow<'a, str>),
    Code(Vec<Token<'a>>),
}

/// All tokens of a script; what is no JavaScript gives some tokens all the same.
pub(super) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut scanner = Scanner { source, at: 0, line: 1, deep: 0 };
    scanner.run()
}

struct Scanner<'a> {
    source: &'a str,
    at: usize,
    line: usize,
    deep: usize,
}

impl<'a> Scanner<'a> {
    /// Reads up to the end, or to the brace that closes the code inside of a template.
    fn run(&mut self) -> Vec<Token<'a>> {
        let mut found: Vec<Token<'a>> = Vec::new();
        let mut braces = 0_usize;
        // For each open parenthesis: whether it is that of an `if` or a loop, after which a statement begins.
        let mut heads = Vec::new();
        let mut after_head = false;
        while let Some(byte) = self.peek(0) {
            let line = self.line;
            let kind = match byte {
                b'\n' => self.new_line(),
                _ if byte.is_ascii_whitespace() => self.skip(1),
                b'/' if self.peek(1) == Some(b'/') => self.comment(),
                b'/' if self.peek(1) == Some(b'*') => self.long_comment(),
                b'/' if after_head || may_divide_not(&found) => Some(self.regex()),
                b'"' | b'\'' => Some(self.text(byte)),
                b'`' => Some(self.template()),
                b'0'..=b'9' => Some(self.number()),
                _ if is_name(byte) => Some(self.word()),
                b'}' if braces == 0 && self.deep > 0 => return found,
                _ => Some(self.sign()),
            };
            let Some(kind) = kind else { continue };
            after_head = false;
            match &kind {
                Kind::Sign("{") => braces += 1,
                Kind::Sign("}") => braces = braces.saturating_sub(1),
                Kind::Sign("(") => heads.push(is_head(&found)),
                Kind::Sign(")") => after_head = heads.pop().unwrap_or_default(),
                _ => {}
            }
            found.push(Token { kind, line });
        }
        found
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.source.as_bytes().get(self.at + ahead).copied()
    }

    fn new_line(&mut self) -> Option<Kind<'a>> {
        self.line += 1;
        self.skip(1)
    }

    fn skip(&mut self, bytes: usize) -> Option<Kind<'a>> {
        self.at += bytes;
        None
    }

    fn slice(&self, from: usize, to: usize) -> &'a str {
        self.source.get(from..to).unwrap_or_default()
    }

    fn comment(&mut self) -> Option<Kind<'a>> {
        let rest = &self.source[self.at..];
        let end = rest.find('\n').unwrap_or(rest.len());
        let text = &rest[..end];
        self.at += end;
        text.contains("sourceMappingURL=").then_some(Kind::Note(text))
    }

    fn long_comment(&mut self) -> Option<Kind<'a>> {
        let rest = &self.source[self.at..];
        let end = rest.get(2..).and_then(|r| r.find("*/")).map_or(rest.len(), |end| end + 4);
        let text = &rest[..end];
        self.line += text.matches('\n').count();
        self.at += end;
        text.contains("sourceMappingURL=").then_some(Kind::Note(text))
    }

    fn regex(&mut self) -> Kind<'a> {
        let mut in_class = false;
        self.at += 1;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\n' => break,
                b'\\' => self.at += 1,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'/' if !in_class => {
                    self.at += 1;
                    while self.peek(0).is_some_and(is_name) {
                        self.at += 1;
                    }
                    break;
                }
                _ => {}
            }
            self.at += 1;
        }
        Kind::Regex
    }

    fn text(&mut self, quote: u8) -> Kind<'a> {
        self.at += 1;
        let begin = self.at;
        let mut is_plain = true;
        while let Some(byte) = self.peek(0) {
            match byte {
                _ if byte == quote => break,
                b'\n' => break,
                b'\\' => {
                    is_plain = false;
                    self.line += usize::from(self.peek(1) == Some(b'\n'));
                    self.at += 2;
                }
                _ => self.at += 1,
            }
        }
        let raw = self.slice(begin, self.at.min(self.source.len()));
        self.at += usize::from(self.peek(0) == Some(quote));
        Kind::Text(if is_plain { raw.into() } else { unescape(raw).into() })
    }

    fn template(&mut self) -> Kind<'a> {
        self.at += 1;
        let mut parts = Vec::new();
        let mut begin = self.at;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'`' => break,
                b'\\' => self.at += 1,
                b'\n' => self.line += 1,
                b'$' if self.peek(1) == Some(b'{') && self.deep < DEEPEST => {
                    parts.push(Part::Text(unescape(self.slice(begin, self.at)).into()));
                    self.at += 2;
                    self.deep += 1;
                    parts.push(Part::Code(self.run()));
                    self.deep -= 1;
                    begin = self.at + 1;
                }
                _ => {}
            }
            self.at += 1;
        }
        let end = self.at.min(self.source.len());
        parts.push(Part::Text(unescape(self.slice(begin.min(end), end)).into()));
        self.at += 1;
        Kind::Template(parts)
    }

    fn number(&mut self) -> Kind<'a> {
        let begin = self.at;
        while self.peek(0).is_some_and(|b| is_name(b) || b == b'.') {
            self.at += 1;
        }
        Kind::Number(self.slice(begin, self.at))
    }

    fn word(&mut self) -> Kind<'a> {
        let begin = self.at;
        while self.peek(0).is_some_and(is_name) {
            self.at += 1;
        }
        Kind::Word(self.slice(begin, self.at))
    }

    fn sign(&mut self) -> Kind<'a> {
        let rest = &self.source[self.at..];
        let long = SIGNS.iter().find(|sign| rest.starts_with(**sign));
        let length = long.map_or_else(|| rest.chars().next().map_or(1, char::len_utf8), |sign| sign.len());
        self.at += length;
        Kind::Sign(&rest[..length])
    }
}

/// Whether a slash that comes now begins a regular expression, because nothing stands before it to be divided.
fn may_divide_not(before: &[Token<'_>]) -> bool {
    match before.last().map(|token| &token.kind) {
        None => true,
        Some(Kind::Sign(sign)) => !matches!(*sign, ")" | "]" | "++" | "--"),
        Some(Kind::Word(word)) => BEFORE_VALUE.contains(word),
        Some(_) => false,
    }
}

fn is_head(before: &[Token<'_>]) -> bool {
    matches!(before.last().map(|t| &t.kind), Some(Kind::Word("if" | "while" | "for" | "with")))
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'#') || byte >= 0x80
}

/// The text without its escapes.
fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw.chars();
    while let Some(char) = rest.next() {
        if char != '\\' {
            text.push(char);
            continue;
        }
        match rest.next() {
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('r') => text.push('\r'),
            Some('x') => text.extend(code(&mut rest, 2)),
            Some('u') => text.extend(code(&mut rest, 4)),
            Some('\n') | None => {}
            Some(other) => text.push(other),
        }
    }
    text
}

fn code(rest: &mut std::str::Chars<'_>, digits: usize) -> Option<char> {
    let text: String = match rest.clone().next() {
        Some('{') => rest.by_ref().skip(1).take_while(|c| *c != '}').collect(),
        _ => rest.by_ref().take(digits).collect(),
    };
    u32::from_str_radix(&text, 16).ok().and_then(char::from_u32)
}

/// After these a value comes.
const BEFORE_VALUE: &[&str] = &[
    "return", "typeof", "case", "in", "of", "do", "else", "void", "delete", "new", "throw", "await", "yield",
];
const SIGNS: &[&str] =
    &["...", "===", "!==", "=>", "==", "!=", "?.", "??", "&&", "||", "++", "--", "+=", "<=", ">="];
/// Templates inside of templates inside of templates.
const DEEPEST: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<String> {
        let is_text = |token: Token<'_>| match token.kind {
            Kind::Text(text) => Some(text.into_owned()),
            _ => None,
        };
        tokens(source).into_iter().filter_map(is_text).collect()
    }

    #[test]
    fn regular_expressions_and_comments_are_no_texts() {
        assert_eq!(
            texts(
                r#"a=/["']/g;b="x" // "no"
            /* 'no' */ c = 4/2; d = 'y' / "z""#
            ),
            ["x", "y", "z"]
        );
        assert_eq!(texts(r#"if(a)/["]/.test(b)&&c("x");(d)/2+"y""#), ["x", "y"]);
        assert_eq!(texts(r#"return/[/"]/.test("x")"#), ["x"]);
    }

    #[test]
    fn escapes_are_taken_out() {
        assert_eq!(texts(r#""\/api\u002fx\x2fy\u{2f}z""#), ["/api/x/y/z"]);
        assert_eq!(texts("'ends at the line\nnext'x'"), ["ends at the line", "x"]);
    }

    #[test]
    fn code_inside_of_templates_is_read_as_code() {
        let found = tokens("`/a/${b({c:`}`})}/d`+1");
        assert_eq!(found.len(), 3);
        let Kind::Template(parts) = &found[0].kind else { panic!("{found:?}") };
        assert_eq!(parts[0], Part::Text("/a/".into()));
        assert!(matches!(&parts[1], Part::Code(code) if code.len() == 8));
        assert_eq!(parts[2], Part::Text("/d".into()));
    }

    #[test]
    fn what_is_no_script_does_no_harm() {
        for source in ["`", "'", "\"\\", "/", "`${", "é/ü", "}}}`${`${`", "/*", "\\u{zz}", "'\\u{"] {
            tokens(source);
        }
    }

    #[test]
    fn lines_are_counted() {
        let lines: Vec<usize> = tokens("a\n/*\n*/b\n`\n`;c").iter().map(|t| t.line).collect();
        assert_eq!(lines, [1, 3, 4, 5, 5]);
    }
}
