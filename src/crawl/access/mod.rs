//! Who reaches what: compares the crawls of several users, and replays the requests of each as the others.

mod answer;
mod candidate;
mod finding;
mod matrix;
mod replay;
mod subject;
mod verdict;

pub use answer::Answer;
pub use candidate::{Candidate, candidates};
pub use finding::{Access, Finding, Limits};
pub use matrix::{Cell, Matrix, Row};
pub use subject::Subject;
pub use verdict::{Ruling, Trial, Verdict, judge};
