//! Crawls a single-page application with many browsers that stay logged in.

mod action;
mod agent;
mod error;
mod event;
mod flight;
mod frontier;
mod graph;
mod health;
mod log;
mod map;
mod outcome;
mod record;
mod recorder;
mod route;
mod run;
mod seat;
mod settings;
mod source;
mod state;
mod view;
mod words;
mod worker;

pub use action::{Action, ActionId, Kind, Status};
pub use error::{BoxError, Error};
pub use event::{Event, Progress};
pub use graph::{Edge, Graph};
pub use log::Totals;
pub use outcome::{End, Outcome};
pub use record::{Carriage, Class, Passage, Record};
pub use route::{endpoint_route, page_route};
pub use run::Crawl;
pub use settings::{DEFAULT_BROWSERS, DEFAULT_DEPTH, Settings};
pub use source::Source;
pub use state::{State, StateId, Trail};
pub use words::{Intent, is_logout_path};
