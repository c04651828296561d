//! A list of things that cannot grow without limit and never stays empty.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

/// Rows of one kind; each is an object with an `id`.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    rows: Vec<Value>,
    /// What was taken out lately: in no list any more, but who knows the id still finds it.
    removed: VecDeque<Value>,
    seed: Vec<Value>,
}

impl Shelf {
    /// A shelf with its first rows on it. `ids` is the counter that all shelves share.
    pub(crate) fn new(seed: Vec<Value>, ids: &mut u64) -> Self {
        let mut shelf = Self { rows: Vec::new(), removed: VecDeque::new(), seed };
        shelf.restock(ids);
        shelf
    }

    /// All rows.
    pub(crate) fn rows(&self) -> &[Value] {
        &self.rows
    }

    /// The row with this id.
    pub(crate) fn row(&self, id: u64) -> Option<&Value> {
        self.rows.iter().chain(&self.removed).find(|row| row["id"] == id)
    }

    /// The row with this id, to change.
    pub(crate) fn row_mut(&mut self, id: u64) -> Option<&mut Value> {
        self.rows.iter_mut().chain(&mut self.removed).find(|row| row["id"] == id)
    }

    /// Puts a row in; the oldest one that a visitor made goes when there are too many.
    pub(crate) fn add(&mut self, mut row: Value, ids: &mut u64) -> Value {
        *ids += 1;
        row["id"] = json!(*ids);
        row["made"] = json!(true);
        if self.rows.iter().filter(|row| row["made"] == true).count() >= MADE_AT_MOST
            && let Some(oldest) = self.rows.iter().position(|row| row["made"] == true)
        {
            let row = self.rows.remove(oldest);
            self.set_aside(row);
        }
        self.rows.push(row.clone());
        row
    }

    /// Takes a row out; the last one makes room for the first ones again, so that no view runs dry.
    pub(crate) fn remove(&mut self, id: u64, ids: &mut u64) -> Option<Value> {
        let place = self.rows.iter().position(|row| row["id"] == id)?;
        let row = self.rows.remove(place);
        self.set_aside(row.clone());
        if self.rows.is_empty() {
            self.restock(ids);
        }
        Some(row)
    }

    /// Throws everything away and starts over.
    pub(crate) fn restock(&mut self, ids: &mut u64) {
        self.rows.clone_from(&self.seed);
        for row in &mut self.rows {
            *ids += 1;
            row["id"] = json!(*ids);
        }
    }

    fn set_aside(&mut self, row: Value) {
        self.removed.push_back(row);
        if self.removed.len() > REMOVED_AT_MOST {
            self.removed.pop_front();
        }
    }
}

/// Takes `fields` from what a visitor sent, shortened; the first one that is missing is the error.
pub(crate) fn pick(body: &Value, fields: &[&'static str]) -> Result<Map<String, Value>, &'static str> {
    fields.iter().map(|&field| Ok((field.to_owned(), value(&body[field]).ok_or(field)?))).collect()
}

/// A value that is worth keeping.
fn value(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) => {
            let text: String = text.trim().chars().take(LONGEST_TEXT).collect();
            (!text.is_empty()).then(|| json!(text))
        }
        Value::Number(_) | Value::Bool(_) => Some(value.clone()),
        _ => None,
    }
}

/// How many rows of a shelf visitors can make.
const MADE_AT_MOST: usize = 5;
/// How many removed rows can still be found.
const REMOVED_AT_MOST: usize = 20;
/// How many characters of a text are kept.
const LONGEST_TEXT: usize = 400;
