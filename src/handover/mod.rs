//! Hands sessions to other tools and takes theirs: formats to read and write.

mod browser_cookies;
mod cookies_txt;
mod curl;
mod curl_config;
mod detect;
mod error;
mod export;
mod format;
mod handed;
mod har;
mod header_lines;
mod httpie;
mod import;
mod init_script;
mod json;
mod netrc;
mod nuclei;
mod part;
mod playwright;
mod postman;
mod request;
mod safe;
mod shell;
mod taken;
mod write;
pub mod zap;

pub use error::Error;
pub use export::{Content, Exported, export, export_zap};
pub use format::{Format, Way};
pub use handed::Handed;
pub use import::{Imported, import};
pub use part::{Kind, Parts};
pub use request::HeaderLines;
pub use taken::merge;
pub use write::write_private;
