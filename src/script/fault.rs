//! What a script did wrong, and where.

use std::fmt;

use rquickjs::{Coerced, Ctx, Value};

/// The engine's own words.
pub(super) const OUT_OF_MEMORY: &str = "out of memory";

/// A place in a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The script's file.
    pub script: String,
    /// The line and the column, from 1, where they are known.
    pub position: Option<(u32, u32)>,
    /// The function that ran there; empty at the top level of the script.
    pub function: String,
}

/// What a script did wrong, in the words of the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// The error that was thrown: its name and its message.
    pub message: String,
}

/// What the engine calls the script that it runs, whatever its file is called.
pub(super) const SCRIPT: &str = "session-script";

impl Place {
    /// The innermost frame of a stack that lies in the script itself, else the function that was called.
    pub(super) fn new(script: &str, called: &str, stack: &str) -> Self {
        let place =
            |position, function: &str| Self { script: script.into(), position, function: function.into() };
        stack.lines().find_map(frame).map_or_else(
            || place(None, called),
            |(function, line, column)| place(Some((line, column)), function.unwrap_or(called)),
        )
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}", self.script)?;
        if let Some((line, column)) = self.position {
            write!(f, ":{line}:{column}")?;
        }
        f.write_str("`")?;
        if self.function.is_empty() { Ok(()) } else { write!(f, " in `{}`", self.function) }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// An exception as it was thrown: its name and message, and its stack.
pub(super) struct Thrown {
    pub(super) name: String,
    pub(super) message: String,
    pub(super) stack: String,
}

impl Thrown {
    /// Takes the pending exception. This may run code of the script, so the time limit must still hold.
    pub(super) fn take(ctx: &Ctx<'_>) -> Self {
        let thrown = ctx.catch();
        // With no memory left for an error the engine throws null, which scripts hardly ever do.
        if thrown.is_null() {
            return Self { name: String::new(), message: OUT_OF_MEMORY.into(), stack: String::new() };
        }
        let Some(object) = thrown.as_object().filter(|object| object.is_error()) else {
            return Self { name: String::new(), message: shown(ctx, &thrown), stack: String::new() };
        };
        let text = |key: &str| {
            let read = object.get::<_, Option<Coerced<String>>>(key);
            forget_failure(ctx, read.is_err());
            read.ok().flatten().map(|text| text.0).unwrap_or_default()
        };
        Self { name: text("name"), message: text("message"), stack: text("stack") }
    }

    /// The name and the message, cut where they get too long to read.
    pub(super) fn text(&self) -> String {
        let separator = if self.name.is_empty() || self.message.is_empty() { "" } else { ": " };
        let text = format!("{}{separator}{}", self.name, self.message);
        match text.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None if text.is_empty() => "something without a message was thrown".into(),
            None => text,
        }
    }
}

/// What was thrown that is no error: scripts may throw anything.
fn shown<'js>(ctx: &Ctx<'js>, thrown: &Value<'js>) -> String {
    if let Some(text) = thrown.as_string() {
        return text.to_string().unwrap_or_default();
    }
    let json = ctx.json_stringify(thrown.clone());
    forget_failure(ctx, json.is_err());
    json.ok().flatten().and_then(|json| json.to_string().ok()).unwrap_or_default()
}

/// Clears an exception that came up while another was looked at.
fn forget_failure(ctx: &Ctx<'_>, failed: bool) {
    if failed {
        drop(ctx.catch());
    }
}

/// Reads `    at name (session-script:1:2)` or `    at session-script:1:2`.
fn frame(line: &str) -> Option<(Option<&str>, u32, u32)> {
    let call = line.trim().strip_prefix("at ")?;
    let (name, position) = match call.rsplit_once(" (") {
        Some((name, position)) => (Some(name), position.strip_suffix(')')?),
        None => (None, call),
    };
    let mut numbers = position.strip_prefix(SCRIPT)?.strip_prefix(':')?.split(':');
    let line = numbers.next()?.parse().ok()?;
    let column = numbers.next().and_then(|column| column.parse().ok()).unwrap_or(1);
    Some((
        name.map(|name| if name.starts_with('<') { "" } else { name }).filter(|name| !name.is_empty()),
        line,
        column,
    ))
}

/// Characters of an error message that are shown. The list of all Java types fits.
const LONGEST: usize = 4000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_the_innermost_frame_of_the_script_itself() {
        let stack =
            "    at type (java:3:9)\n    at helper (session-script:7:21)\n    at run (session-script:9:1)\n";
        let place = Place::new("shop.js", "extractWebSession", stack);
        assert_eq!(place.to_string(), "`shop.js:7:21` in `helper`");
    }

    #[test]
    fn a_frame_without_a_name_and_no_frame_at_all_are_places_too() {
        assert_eq!(Place::new("a.js", "", "    at session-script:2:4\n").to_string(), "`a.js:2:4`");
        assert_eq!(
            Place::new("a.js", "f", "    at <anonymous> (session-script:2)\n").to_string(),
            "`a.js:2:1` in `f`"
        );
        assert_eq!(Place::new("a.js", "f", "").to_string(), "`a.js` in `f`");
    }
}
