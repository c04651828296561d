//! What is wrong or worth a word in a configuration, and where.

use std::fmt;

/// Something that was found in a configuration. It never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Whether it can be used nevertheless.
    pub weight: Weight,
    /// The line, from 1; 0 where it concerns the whole file.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// The way to the key, such as `contexts[0].users[1].name`; empty for the document.
    pub key: String,
    /// What it is, on one line.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// How much a problem weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// The configuration cannot be used.
    Problem,
    /// It can, but somebody may want to know.
    Remark,
}

/// A configuration that cannot be used, with all that is wrong in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems {
    /// The file's name, as it was given.
    pub file: String,
    /// All that was found, remarks too, in the order of the file.
    pub list: Vec<Problem>,
}

impl Problem {
    /// The problem on one line, as compilers write it, and its hint on the next.
    #[must_use]
    pub fn told(&self, file: &str) -> String {
        let place = if self.line > 0 { format!(":{}:{}", self.line, self.column) } else { String::new() };
        let weight = if self.weight == Weight::Remark { "remark: " } else { "" };
        let key = if self.key.is_empty() { String::new() } else { format!("{}: ", self.key) };
        let hint = self.hint.as_ref().map(|hint| format!("\n  hint: {hint}")).unwrap_or_default();
        format!("{file}{place}: {weight}{key}{}{hint}", self.message)
    }
}

impl Problems {
    /// Those of one weight.
    pub fn of(&self, weight: Weight) -> impl Iterator<Item = &Problem> {
        self.list.iter().filter(move |p| p.weight == weight)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told: Vec<_> = self.of(Weight::Problem).map(|p| p.told(&self.file)).collect();
        f.write_str(&told.join("\n"))
    }
}

impl std::error::Error for Problems {}
