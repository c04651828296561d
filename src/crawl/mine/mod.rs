//! Routes and endpoints that are known without clicking: read from scripts, documents and lists.

mod answer;
mod asker;
mod code;
mod description;
mod find;
mod fold;
mod ground;
mod headers;
mod html;
mod json;
mod lists;
mod mined;
mod named;
mod opening;
mod pit;
mod place;
mod prospector;
mod reading;
mod schema;
mod script;
mod shell;
mod source_map;
mod tables;
mod template;
mod tokens;
mod values;
mod views;
mod yaml;

pub use mined::{Mined, Surety, Verdict};
pub(super) use named::{named_by, named_in};
pub(super) use opening::{Opening, Way};
pub(super) use pit::{Bringer, Pit};
pub(super) use prospector::prospect;
pub use schema::Operation;
