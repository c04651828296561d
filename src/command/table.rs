//! Lays the tokens of a session out as a table.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::{
    cli::until,
    session::{Explained, Source},
};

/// The tokens as rows under their heading, those that matter most first.
pub(super) fn of_tokens(tokens: &[Explained], now: i64) -> Vec<Vec<String>> {
    let heading = ["token", "kept in", "sent as", "kind", "for", "expires", "verdict"];
    let mut sorted: Vec<&Explained> = tokens.iter().collect();
    sorted.sort_by_key(|token| std::cmp::Reverse(token.standing()));
    let rows = sorted.into_iter().map(|token| {
        let expires = token.expires.map_or_else(|| "-".to_owned(), |end| until(end, now));
        let cells = [
            shortened(&token.key),
            place(&token.source).to_owned(),
            sinks(token),
            token.kind.word().to_owned(),
            token.role.word().to_owned(),
            expires,
            token.standing().word().to_owned(),
        ];
        cells.to_vec()
    });
    std::iter::once(heading.map(str::to_owned).to_vec()).chain(rows).collect()
}

/// Rows as lines with their columns below each other.
pub(super) fn lines(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(line, "{cell:width$}  ");
        }
        line.trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

/// The tokens for machines.
pub(super) fn document(tokens: &[Explained]) -> Value {
    let token = |token: &Explained| {
        let mut document = json!(token);
        document["source"] = json!(token.source.to_string());
        document["verdict"] = json!(token.standing());
        document
    };
    tokens.iter().map(token).collect()
}

fn place(source: &Source) -> &'static str {
    match source {
        Source::Cookie { .. } => "cookie",
        Source::LocalStorage { .. } => "localStorage",
        Source::SessionStorage { .. } => "sessionStorage",
        Source::IndexedDb { .. } => "IndexedDB",
        Source::JsonBody { .. } => "an answer's JSON",
        Source::ResponseHeader { .. } => "an answer's header",
        Source::Url { .. } => "URL",
        Source::Meta { .. } => "meta tag",
        Source::Field { .. } => "hidden field",
        Source::Credentials => "credentials",
        _ => "memory",
    }
}

fn sinks(token: &Explained) -> String {
    let mut names: Vec<String> = token.sent_as.iter().map(ToString::to_string).collect();
    names.sort();
    names.dedup();
    let more = names.len().saturating_sub(MOST);
    names.truncate(MOST);
    match (names.is_empty(), more) {
        (true, _) => "-".to_owned(),
        (false, 0) => names.join(", "),
        (false, more) => format!("{} and {more} more", names.join(", ")),
    }
}

/// Keys of storage can be as long as they like.
fn shortened(key: &str) -> String {
    if key.chars().count() <= LONGEST {
        return key.to_owned();
    }
    let start: String = key.chars().take(LONGEST - 1).collect();
    format!("{start}…")
}

const MOST: usize = 3;
const LONGEST: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other() {
        let rows = [vec!["token".to_owned(), "for".to_owned()], vec!["a".to_owned(), "b".to_owned()]];
        assert_eq!(lines(&rows), ["token  for", "a      b"]);
    }
}
