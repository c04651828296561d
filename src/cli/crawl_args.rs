//! The arguments of a crawl: where it begins, how far it goes, where its findings go.

use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, ValueEnum, builder::PossibleValue};
use http::{HeaderName, HeaderValue};
use regex::Regex;
use url::Url;

use super::{Length, Target};
use crate::{crawl::Policy, session::Reference};

/// What `crawl` takes.
#[derive(Clone, Debug, ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "each is one switch of the command line")]
pub struct CrawlArgs {
    /// Where to begin
    pub url: Url,
    /// The session: a name in the store, or a file; by default that of --user
    #[arg(short, long, value_name = "NAME|FILE")]
    pub session: Option<Reference>,
    /// Crawl as each of these users of the configuration, one after the other, and compare who reaches what; `anonymous` is nobody
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', conflicts_with = "session")]
    pub users: Vec<String>,
    /// With --users: send at most so many requests again as the other users
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    pub replays: usize,
    /// With --users: send requests that write again too, which changes what they change
    #[arg(long)]
    pub replay_writes: bool,
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
    /// Leave alone what is named like this: buttons, links, forms; may be given more than once
    #[arg(long, value_name = "REGEX")]
    pub exclude_text: Vec<Regex>,
    /// Leave alone what this CSS selector matches, and all within it; may be given more than once
    #[arg(long, value_name = "CSS")]
    pub exclude_selector: Vec<String>,
    /// What to do about actions that do harm: delete, pay, send something to people
    #[arg(long, value_enum, default_value_t)]
    pub policy: Policy,
    /// Open only what the application's robots.txt lets `handstamp`, or everybody, open
    #[arg(long)]
    pub robots: bool,
    /// Send so many requests a second at most, over all browsers
    #[arg(long, value_name = "N", value_parser = rate)]
    pub max_rate: Option<f64>,
    /// Tell the application who asks, by a header on each request: `Name: value`, or a text for `X-Scanner`
    #[arg(long, value_name = "TEXT", num_args = 0..=1, default_missing_value = "", value_parser = identity)]
    pub identify: Option<(HeaderName, HeaderValue)>,
    /// Fail when a smaller share of the application's calls carried a living session: 0.95
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub min_logged_in: Option<f64>,
    /// Fail when fewer endpoints were found
    #[arg(long, value_name = "N")]
    pub min_endpoints: Option<usize>,
    /// The directory for the result
    #[arg(short, long, value_name = "DIR", default_value = "handstamp-crawl")]
    pub output: PathBuf,
    /// Go on where the crawl in this directory was cut off, with what it knew; its files become whole
    #[arg(long, value_name = "DIR", conflicts_with_all = ["output", "users"])]
    pub resume: Option<PathBuf>,
    /// Take no pictures of states
    #[arg(long)]
    pub no_screenshots: bool,
    /// Show the browsers
    #[arg(long)]
    pub headed: bool,
    /// With --webdriver: the name or address by which its browsers reach this machine
    #[arg(long, value_name = "HOST", requires = "webdriver")]
    pub advertise: Option<String>,
    /// Which browser.
    #[command(flatten)]
    pub target: Target,
}

impl CrawlArgs {
    /// The directory for the result.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.resume.as_deref().unwrap_or(&self.output)
    }
}

/// Reads `FIELD=VALUE`.
fn field_value(text: &str) -> Result<(String, String), String> {
    let (field, value) = text.split_once('=').ok_or("there is no `=` between field and value")?;
    if field.trim().is_empty() {
        return Err("there is no field before the `=`".into());
    }
    Ok((field.trim().to_owned(), value.to_owned()))
}

impl ValueEnum for Policy {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Observe, Self::Safe, Self::All]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::Observe => {
                PossibleValue::new("observe").help("Note them, send no form and nothing that writes")
            }
            Self::Safe => PossibleValue::new("safe")
                .help("Fire them last, note what they would write, and do not send that"),
            Self::All => PossibleValue::new("all").help("Fire them last"),
        })
    }
}

fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| "it is not a number")?;
    if rate.is_finite() && rate >= 0.01 { Ok(rate) } else { Err("it has to be 0.01 or more".into()) }
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "it is not a number")?;
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err("it is a share between 0 and 1".into()) }
}

/// A whole header where a name and a colon stand first, else a text for the usual one.
fn identity(text: &str) -> Result<(HeaderName, HeaderValue), String> {
    let own = concat!("handstamp/", env!("CARGO_PKG_VERSION"));
    let named = text.split_once(": ").and_then(|(name, value)| Some((name.parse().ok()?, value.to_owned())));
    let (name, value) = named.unwrap_or_else(|| {
        let value = if text.is_empty() { own.to_owned() } else { format!("{own} ({text})") };
        (HeaderName::from_static(SCANNER), value)
    });
    let value = HeaderValue::from_str(value.trim()).map_err(|_| "it has signs that no header may have")?;
    Ok((name, value))
}

/// The header by which a scan is known unless another is named.
const SCANNER: &str = "x-scanner";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crawl_tells_its_name_by_a_header_of_ones_choice() {
        let told =
            |text: &str| identity(text).map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()));
        let own = concat!("handstamp/", env!("CARGO_PKG_VERSION"));
        assert_eq!(told(""), Ok(format!("x-scanner: {own}")));
        assert_eq!(
            told("team red, mail a@b.example"),
            Ok(format!("x-scanner: {own} (team red, mail a@b.example)"))
        );
        assert_eq!(told("X-Bug-Bounty: anna"), Ok("x-bug-bounty: anna".into()));
        assert!(told("a\nb").is_err());
    }

    #[test]
    fn shares_and_rates_have_their_limits() {
        assert_eq!((share("0.95"), share("1.2").is_err(), share("x").is_err()), (Ok(0.95), true, true));
        assert_eq!((rate("5"), rate("0").is_err(), rate("NaN").is_err()), (Ok(5.0), true, true));
    }
}
