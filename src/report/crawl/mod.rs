//! The report of a crawl: one page for people, and the ways to its states.

mod about;
mod access;
mod access_page;
mod endpoints;
mod left;
mod page;
mod paths;
mod pictures;
mod plot;
mod sheet;
mod timeline;

pub use about::About;
pub(super) use access::{AccessSheet, access_document};
pub use access::{access_rows, user_folder};
pub(super) use access_page::access_page;
pub(super) use page::page;
pub(super) use paths::{Ways, path, path_name};
pub(super) use pictures::{embedded, picture_name};
pub(super) use sheet::Sheet;
pub(super) use timeline::told;
