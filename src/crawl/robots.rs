//! What a `robots.txt` lets this crawl open: groups, the longest match, wildcards. See RFC 9309.

use std::{fmt::Write as _, time::Duration};

use url::{Position, Url};

/// The rules of one file for this crawl.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rules {
    rules: Vec<Rule>,
    /// How long to wait between two pages, where the file says so. No standard rules this.
    pub(super) delay: Option<Duration>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    pattern: String,
    verdict: Verdict,
}

/// Ordered so that of two rules of one length the one that allows wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Disallow,
    Allow,
}

/// Whom a group speaks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Audience {
    /// This crawl, by its name.
    Us,
    /// Everybody who is not named.
    Everybody,
    Others,
}

impl Rules {
    /// Reads a file: the groups that name this crawl, else those for everybody.
    pub(super) fn read(text: &str) -> Self {
        let text = text.trim_start_matches('\u{feff}');
        let (mut ours, mut general) = (None, Self::default());
        let (mut audience, mut is_head) = (Vec::new(), false);
        for (name, value) in text.split(['\n', '\r']).filter_map(entry) {
            if name == "user-agent" {
                if !is_head {
                    audience.clear();
                }
                is_head = true;
                audience.push(Audience::of(value));
                continue;
            }
            is_head &= !matches!(name.as_str(), "allow" | "disallow" | "crawl-delay");
            if audience.contains(&Audience::Us) {
                ours.get_or_insert_with(Self::default).add(&name, value);
            }
            if audience.contains(&Audience::Everybody) {
                general.add(&name, value);
            }
        }
        ours.unwrap_or(general)
    }

    /// The rules of a file that cannot be had: nothing may be opened.
    pub(super) fn closed() -> Self {
        Self { rules: vec![Rule { pattern: "/".to_owned(), verdict: Verdict::Disallow }], delay: None }
    }

    /// Whether an address may be opened: the longest rule that matches tells.
    pub(super) fn allows(&self, url: &Url) -> bool {
        let path = normal(&url[Position::BeforePath..Position::AfterQuery]);
        let matching = self.rules.iter().filter(|rule| matches(&rule.pattern, &path));
        let longest = matching.max_by_key(|rule| (rule.pattern.len(), rule.verdict));
        url.path() == FILE || longest.is_none_or(|rule| rule.verdict == Verdict::Allow)
    }

    fn add(&mut self, name: &str, value: &str) {
        let verdict = match name {
            "allow" => Verdict::Allow,
            "disallow" => Verdict::Disallow,
            "crawl-delay" => {
                let seconds =
                    value.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                self.delay = self.delay.max(seconds);
                return;
            }
            _ => return,
        };
        if value.starts_with(['/', '*']) {
            self.rules.push(Rule { pattern: normal(value), verdict });
        }
    }
}

impl Audience {
    fn of(value: &str) -> Self {
        let is_name = |c: char| c.is_ascii_alphabetic() || c == '-' || c == '_';
        let name = value.split(|c| !is_name(c)).next().unwrap_or_default();
        match value {
            "*" => Self::Everybody,
            _ if name.eq_ignore_ascii_case(NAME) => Self::Us,
            _ => Self::Others,
        }
    }
}

/// Name and value of a line, without its comment.
fn entry(line: &str) -> Option<(String, &str)> {
    let (name, value) = line.split('#').next().unwrap_or_default().split_once(':')?;
    Some((name.trim().to_ascii_lowercase(), value.trim()))
}

/// Whether a pattern matches the beginning of a path; `*` stands for anything, `$` for the end.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, is_whole) = pattern.strip_suffix('$').map_or((pattern, false), |start| (start, true));
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| path.strip_prefix(first)) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return !is_whole || rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    if is_whole { rest.ends_with(last) } else { rest.contains(last) }
}

/// A path in which each sign is written in one way only: `%41` is `A`, `ä` is `%C3%A4`.
fn normal(path: &str) -> String {
    let (mut written, mut at) = (String::with_capacity(path.len()), 0);
    while let Some(byte) = path.as_bytes().get(at).copied() {
        let code = path.get(at + 1..at + 3).filter(|_| byte == b'%').and_then(code);
        match code.unwrap_or(byte) {
            sign if code.is_some() && !is_plain(sign) => push_code(&mut written, sign),
            sign if !sign.is_ascii_graphic() => push_code(&mut written, sign),
            sign => written.push(char::from(sign)),
        }
        at += if code.is_some() { 3 } else { 1 };
    }
    written
}

fn code(hex: &str) -> Option<u8> {
    u8::from_str_radix(hex, 16).ok().filter(|_| hex.bytes().all(|digit| digit.is_ascii_hexdigit()))
}

fn is_plain(sign: u8) -> bool {
    sign.is_ascii_alphanumeric() || b"-._~".contains(&sign)
}

fn push_code(written: &mut String, sign: u8) {
    // Writing to a text cannot fail.
    let _ = write!(written, "%{sign:02X}");
}

/// The name by which groups speak to this crawl.
const NAME: &str = "handstamp";
/// The file itself may always be read.
pub(super) const FILE: &str = "/robots.txt";

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(rules: &Rules, path: &str) -> bool {
        rules.allows(&Url::parse("http://a/").unwrap().join(path).unwrap())
    }

    #[test]
    fn the_longest_rule_counts_and_of_two_the_one_that_allows() {
        let rules = Rules::read(
            "User-agent: *\nDisallow: /shop/ # not this\nAllow: /shop/open\nDisallow: /same\nAllow: /same\nDisallow:\n",
        );
        for (path, is_allowed) in [
            ("/", true),
            ("/shop", true),
            ("/shop/", false),
            ("/shop/cellar?x=1", false),
            ("/shop/open/1", true),
            ("/same", true),
            ("/robots.txt", true),
        ] {
            assert_eq!(allows(&rules, path), is_allowed, "{path}");
        }
    }

    #[test]
    fn wildcards_and_ends_are_understood_and_signs_are_one_however_they_are_written() {
        let rules = Rules::read(
            "User-Agent: *\rDisallow: /*.pdf$\rDisallow: /a/*/secret\rDisallow: /ä\rDisallow: /%7Ejoe\rDisallow: *q=\rDisallow: /x$",
        );
        for (path, is_allowed) in [
            ("/b/c.pdf", false),
            ("/b/c.pdf?x=1", true),
            ("/a/1/2/secret/3", false),
            ("/a/secret", true),
            ("/%C3%A4/x", false),
            ("/~joe", false),
            ("/%2ajoe", true),
            ("/find?q=1", false),
            ("/x", false),
            ("/xy", true),
        ] {
            assert_eq!(allows(&rules, path), is_allowed, "{path}");
        }
    }

    #[test]
    fn who_is_named_has_rules_of_its_own_and_all_groups_of_a_name_are_one() {
        let text = "Disallow: /nobody\nUser-agent: other\nDisallow: /\n\nUser-agent: *\nDisallow: /all\n\n\
            User-agent: Else\nUser-agent: HandStamp/2\nDisallow: /own\nCrawl-delay: 1.5\n\nUser-agent: handstamp\nDisallow: /more\n";
        let rules = Rules::read(text);
        assert!(!allows(&rules, "/own") && !allows(&rules, "/more"));
        assert!(allows(&rules, "/all") && allows(&rules, "/nobody"));
        assert_eq!(rules.delay, Some(Duration::from_millis(1500)));
        let general = Rules::read(&text.replace("HandStamp", "x").replace("handstamp", "y"));
        assert!(!allows(&general, "/all") && allows(&general, "/own") && general.delay.is_none());
        assert!(allows(&Rules::read("what is this?"), "/") && !allows(&Rules::closed(), "/"));
    }
}
