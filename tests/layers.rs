//! The floor plan of the source: which room may import which, and what a face may hold.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The rooms, bottom to top. A room imports from rows below its own; rooms of one row do not know each other.
const PLAN: &[&[&str]] = &[
    &["site", "browser", "proxy"],
    &["session", "script", "history"],
    &["context"],
    &["harvest", "inject"],
    &["login", "verify"],
    &["keep"],
    &["crawl", "gateway", "handover"],
    &["cli", "report", "api", "dashboard"],
    &["command"],
];

/// The one room that reads what lies in `drivers/`.
const READS_DRIVERS: &str = "browser";

#[test]
fn imports_run_down_only() {
    let wrong: Vec<String> = sources()
        .iter()
        .filter_map(|source| Some((source, source.room()?)))
        .flat_map(|(source, room)| {
            climbs(room, &source.text).into_iter().map(move |to| format!("{source}: {to}"))
        })
        .collect();
    assert_eq!(wrong, [""; 0], "these imports go up or sideways");
}

#[test]
fn every_room_has_its_place_in_the_plan() {
    let all = sources();
    let unknown: Vec<_> = all.iter().filter_map(Source::room).filter(|r| row(r).is_none()).collect();
    assert_eq!(unknown, [""; 0]);
}

#[test]
fn the_root_of_the_library_only_declares_the_rooms() {
    let lib = sources().into_iter().find(|s| s.path == Path::new("lib.rs")).expect("there is a library");
    let wrong: Vec<String> =
        statements(&lib.text).into_iter().filter(|s| !s.starts_with("pub mod ")).collect();
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn a_mod_rs_is_a_face_without_logic() {
    let faces = sources().into_iter().filter(|s| s.path.ends_with("mod.rs"));
    let wrong: Vec<String> =
        faces.flat_map(|s| logic(&s.text).into_iter().map(move |l| format!("{s}: {l}"))).collect();
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn every_file_begins_by_saying_what_it_is_for() {
    for folder in ["src", "tests", "examples", "benches"] {
        let silent: Vec<String> = files(&root().join(folder), &["apps", "target"])
            .iter()
            .filter(|s| !says_what_for(&s.text))
            .map(ToString::to_string)
            .collect();
        assert_eq!(silent, [""; 0], "in {folder}");
    }
}

#[test]
fn only_the_browser_room_reads_the_drivers_folder() {
    let wrong: Vec<String> = sources()
        .iter()
        .filter(|s| s.room() != Some(READS_DRIVERS) && code(&s.text).contains("drivers/"))
        .map(ToString::to_string)
        .collect();
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn nobody_imports_through_the_root() {
    let wrong: Vec<String> = sources()
        .iter()
        .filter(|s| s.room().is_some())
        .flat_map(|s| targets(&code(&s.text)).into_iter().map(move |t| (s, t)))
        .filter(|(_, target)| row(target).is_none())
        .map(|(s, target)| format!("{s}: crate::{target}"))
        .collect();
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn the_checks_go_red_when_the_plan_is_broken() {
    assert_eq!(climbs("site", "use crate::session::State;"), ["session"]);
    assert_eq!(
        climbs("login", "use crate::{\n    browser::{Page, script},\n    verify::check,\n};"),
        ["verify"]
    );
    assert_eq!(climbs("proxy", "fn f() -> crate::site::Origin {}"), ["site"]);
    assert_eq!(climbs("browser", "use super::super::proxy::Server;"), ["proxy"]);
    assert_eq!(climbs("command", "use handstamp::command::run;"), [""; 0]);
    assert_eq!(
        climbs("harvest", "use crate::session::State; // crate::login\nuse crate::harvest::read;"),
        [""; 0]
    );
    assert_eq!(targets("use crate::{Page, browser::Kind, self as root};"), ["Page", "browser", "self"]);
    assert_eq!(
        logic("//! A face.\n\n#[cfg(test)]\nmod a;\npub use a::{B,\n    C};\nfn f() {}\n"),
        ["fn f() {}"]
    );
    assert_eq!(logic("//! A face.\nstruct S;\nimpl S {}"), ["struct S", "impl S {}"]);
    assert!(!says_what_for("// A comment.\n//! Late.\n"));
}

/// A file of the source tree.
struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    /// The room that it lies in; `main.rs` and `lib.rs` lie in none.
    fn room(&self) -> Option<&str> {
        let mut parts = self.path.components();
        let first = parts.next()?.as_os_str().to_str()?;
        parts.next().map(|_| first)
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.path.display())
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<Source> {
    let all = files(&root().join("src"), &[]);
    assert!(all.len() > 50, "the source was found");
    all
}

fn files(folder: &Path, without: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() && !without.iter().any(|name| path.ends_with(name)) {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).expect("source is text");
                found.push(Source {
                    path: path.strip_prefix(folder).expect("it lies there").to_owned(),
                    text,
                });
            }
        }
    }
    found
}

/// The row of a room in the plan, counted from the ground.
fn row(room: &str) -> Option<usize> {
    PLAN.iter().position(|rooms| rooms.contains(&room))
}

/// The rooms that a file of `room` imports although they do not lie below it.
fn climbs(room: &str, text: &str) -> Vec<String> {
    let code = code(text);
    let by_root = targets(&code);
    let by_super = code.match_indices("super::super::").map(|(at, path)| word(&code[at + path.len()..]));
    let is_below = |to: &str| row(to) < row(room);
    let all = by_root.into_iter().chain(by_super);
    all.filter(|to| row(to).is_some() && to != room && !is_below(to)).collect()
}

/// The first names behind `crate::`, those in braces included.
fn targets(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, path) in code.match_indices("crate::") {
        let rest = &code[at + path.len()..];
        match rest.strip_prefix('{') {
            Some(group) => found.extend(members(group).iter().map(|member| word(member))),
            None => found.push(word(rest)),
        }
    }
    found
}

/// The members of a group in braces, up to its end.
fn members(group: &str) -> Vec<String> {
    let (mut depth, mut all) = (0, vec![String::new()]);
    for c in group.chars() {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => {
                all.push(String::new());
                continue;
            }
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        all.last_mut().expect("there is one").push(c);
    }
    all.into_iter().map(|m| m.trim().to_owned()).filter(|m| !m.is_empty()).collect()
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The text without what is commented out; the slashes of an address begin no comment.
fn code(text: &str) -> String {
    let comment =
        |line: &str| line.match_indices("//").map(|(at, _)| at).find(|at| !line[..*at].ends_with(':'));
    let lines = text.lines().map(|line| comment(line).map_or(line, |at| &line[..at]));
    lines.collect::<Vec<_>>().join("\n")
}

/// The statements of a file that holds nothing nested, without their attributes.
fn statements(text: &str) -> Vec<String> {
    let code =
        code(text).lines().filter(|l| !l.trim_start().starts_with("#[")).collect::<Vec<_>>().join("\n");
    code.split(';').map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()).collect()
}

/// What in a `mod.rs` is more than a declaration.
fn logic(text: &str) -> Vec<String> {
    let is_declaration = |s: &str| {
        let bare =
            s.trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ").trim_start_matches("pub ");
        bare.starts_with("mod ") && !bare.contains('{') || bare.starts_with("use ")
    };
    statements(text).into_iter().filter(|s| !is_declaration(s)).collect()
}

fn says_what_for(text: &str) -> bool {
    text.lines().next().and_then(|line| line.strip_prefix("//! ")).is_some_and(|words| words.ends_with('.'))
}
