//! The arguments of a crawl: where it begins, how far it goes, where its findings go.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use regex::Regex;
use url::Url;

use super::{Length, Target};
use crate::session::Reference;

/// What `crawl` takes.
#[derive(Clone, Debug, ClapArgs)]
pub struct CrawlArgs {
    /// Where to begin
    pub url: Url,
    /// The session: a name in the store, or a file; by default that of --user
    #[arg(short, long, value_name = "NAME|FILE")]
    pub session: Option<Reference>,
    /// How many browsers crawl side by side
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub browsers: u16,
    /// Stop after this time
    #[arg(long, value_name = "LENGTH")]
    pub max_duration: Option<Length>,
    /// Stop after this many states
    #[arg(long, value_name = "N")]
    pub max_states: Option<usize>,
    /// Fill a field, known by its name or label, with this value; may be given more than once
    #[arg(long, value_name = "FIELD=VALUE", value_parser = field_value)]
    pub value: Vec<(String, String)>,
    /// Leave out what matches, whole URLs; may be given more than once
    #[arg(long, value_name = "REGEX")]
    pub exclude: Vec<Regex>,
    /// Only click: do not read scripts, documents and lists for routes and endpoints
    #[arg(long)]
    pub no_mine: bool,
    /// The directory for the result
    #[arg(short, long, value_name = "DIR", default_value = "handstamp-crawl")]
    pub output: PathBuf,
    /// Take no pictures of states
    #[arg(long)]
    pub no_screenshots: bool,
    /// Show the browsers
    #[arg(long)]
    pub headed: bool,
    /// Which browser.
    #[command(flatten)]
    pub target: Target,
}

/// Reads `FIELD=VALUE`.
fn field_value(text: &str) -> Result<(String, String), String> {
    let (field, value) = text.split_once('=').ok_or("there is no `=` between field and value")?;
    if field.trim().is_empty() {
        return Err("there is no field before the `=`".into());
    }
    Ok((field.trim().to_owned(), value.to_owned()))
}
