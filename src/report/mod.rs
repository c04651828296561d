//! Writes what was found to files that other tools read.

mod archive;
mod catalog;
mod checkpoint;
mod context_file;
mod crawl;
mod diary;
mod endpoints;
mod error;
mod folder;
mod graph;
mod har;
mod head;
mod history;
mod login;
mod login_page;
mod openapi;
mod output;
mod redactor;
mod requests;
mod shape;
mod template;
mod yaml;

pub use checkpoint::{Checkpoints, checkpoint};
pub use context_file::context_file;
pub use crawl::{About, access_rows, user_folder};
pub use diary::{Diary, Entry};
pub use error::Error;
pub use history::history_har;
pub use login::{
    Candidate, Domain, FailureReason, LoginFiles, LoginReport, Management, Part, Point, Ruling, Stage,
    Verification,
};
pub use output::{AccessFiles, Output, Written, write};
pub use redactor::Redactor;
