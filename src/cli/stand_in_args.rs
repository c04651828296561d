//! The arguments of the stand-ins for drivers, which are those of the real ones, and what says whose session they give.

use std::{env, ffi::OsString, path::PathBuf};

use clap::Subcommand;

use crate::browser::Kind;

/// What `drivers` can do.
#[derive(Clone, Debug, Subcommand)]
pub enum DriversAction {
    /// Make the stand-ins in a directory: links to this program under other names
    Install {
        /// Where to
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Make them under the names `chromedriver` and `geckodriver` too, for tools that look for these on the path
        #[arg(long)]
        plain_names: bool,
    },
    /// Remove the stand-ins from a directory
    Remove {
        /// Where from
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

/// What the program is when it is not called by its own name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// A driver.
    Driver(Kind),
    /// What ends a driver when its stand-in was killed.
    Guard,
}

impl Name {
    /// The name by which a stand-in starts what guards its driver.
    pub const GUARD: &str = "handstamp-guard";

    /// Reads the path by which the program was called.
    #[must_use]
    pub fn of(path: OsString) -> Option<Self> {
        match PathBuf::from(path).file_name()?.to_str()? {
            "chromedriver" | "handstamp-chromedriver" => Some(Self::Driver(Kind::Chromium)),
            "geckodriver" | "handstamp-geckodriver" => Some(Self::Driver(Kind::Firefox)),
            Self::GUARD => Some(Self::Guard),
            _ => None,
        }
    }
}

/// Whose session the browsers get, and where the real driver is; nothing where a variable is not set.
#[derive(Clone, Debug, Default)]
pub struct StandInEnvironment {
    /// `HANDSTAMP_SESSION`: a name in the store, or a file.
    pub session: Option<String>,
    /// `HANDSTAMP_CONFIG`: the configuration.
    pub config: Option<PathBuf>,
    /// `HANDSTAMP_CONTEXT`: a context of it.
    pub context: Option<String>,
    /// `HANDSTAMP_USER`: a user of the context.
    pub user: Option<String>,
    /// `HANDSTAMP_CHROMEDRIVER` or `HANDSTAMP_GECKODRIVER`: the real driver.
    pub driver: Option<PathBuf>,
}

impl StandInEnvironment {
    /// Reads it.
    #[must_use]
    pub fn read(kind: Kind) -> Self {
        let text = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let is_gecko = kind == Kind::Firefox;
        let driver = if is_gecko { "HANDSTAMP_GECKODRIVER" } else { "HANDSTAMP_CHROMEDRIVER" };
        Self {
            session: text("HANDSTAMP_SESSION"),
            config: text("HANDSTAMP_CONFIG").map(PathBuf::from),
            context: text("HANDSTAMP_CONTEXT"),
            user: text("HANDSTAMP_USER"),
            driver: text(driver).map(PathBuf::from),
        }
    }

    /// Whether it says whose session is wanted.
    #[must_use]
    pub fn names_somebody(&self) -> bool {
        self.session.is_some() || self.config.is_some() || self.context.is_some() || self.user.is_some()
    }
}

/// What the real driver was to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Listen for commands.
    Serve,
    /// Tell its version or its arguments, and end.
    Tell,
}

/// The arguments of a driver, with those taken out that say where it listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandIn {
    /// What it is to do.
    pub wanted: Wanted,
    /// The address to listen on; nothing where that is `localhost`.
    pub host: Option<String>,
    /// The port to listen on; 0 for any.
    pub port: u16,
    /// All others, as they stand.
    pub others: Vec<String>,
}

impl StandIn {
    /// Reads the arguments that tools call the driver with.
    ///
    /// # Errors
    /// When a port is none.
    pub fn read(kind: Kind, args: &[String]) -> Result<Self, String> {
        let is_gecko = kind == Kind::Firefox;
        let mut read = Self {
            wanted: Wanted::Serve,
            host: None,
            port: if is_gecko { GECKO_PORT } else { CHROME_PORT },
            others: Vec::new(),
        };
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            let (name, value) = match arg.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (arg.as_str(), None),
            };
            match name {
                "--port" | "-port" => read.port = port(value.or_else(|| rest.next().cloned()))?,
                "-p" if is_gecko => read.port = port(value.or_else(|| rest.next().cloned()))?,
                "--host" if is_gecko => read.host = value.or_else(|| rest.next().cloned()),
                "--version" | "-V" | "--help" | "-h" | "-?" => read.wanted = Wanted::Tell,
                "-v" if !is_gecko => read.wanted = Wanted::Tell,
                _ => read.others.push(arg.clone()),
            }
        }
        Ok(read)
    }
}

fn port(text: Option<String>) -> Result<u16, String> {
    let text = text.unwrap_or_default();
    text.parse().map_err(|_| format!("`{text}` is no port"))
}

/// Where the real ones listen unless they are told otherwise.
const CHROME_PORT: u16 = 9515;
const GECKO_PORT: u16 = 4444;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: Kind, args: &str) -> StandIn {
        let args: Vec<String> = args.split_whitespace().map(str::to_owned).collect();
        StandIn::read(kind, &args).unwrap()
    }

    #[test]
    fn the_arguments_of_selenium_are_read_and_the_rest_is_left_as_it_stands() {
        let chrome = read(Kind::Chromium, "--port=4711 --enable-chrome-logs --log-path=/x --allowed-ips=");
        assert_eq!((chrome.port, chrome.wanted), (4711, Wanted::Serve));
        assert_eq!(chrome.others, ["--enable-chrome-logs", "--log-path=/x", "--allowed-ips="]);
        let gecko = "--port 4712 --websocket-port=9 --allow-origins http://127.0.0.1:9 http://localhost:9 -b /x --host 127.0.0.1 -v";
        let gecko = read(Kind::Firefox, gecko);
        assert_eq!(
            (gecko.port, gecko.host.as_deref(), gecko.wanted),
            (4712, Some("127.0.0.1"), Wanted::Serve)
        );
        let others = [
            "--websocket-port=9",
            "--allow-origins",
            "http://127.0.0.1:9",
            "http://localhost:9",
            "-b",
            "/x",
            "-v",
        ];
        assert_eq!(gecko.others, others);
    }

    #[test]
    fn without_a_port_it_is_the_usual_one() {
        assert_eq!((read(Kind::Chromium, "").port, read(Kind::Firefox, "").port), (9515, 4444));
        assert_eq!(read(Kind::Firefox, "-p 5").port, 5);
        assert!(StandIn::read(Kind::Chromium, &["--port=x".to_owned()]).is_err());
    }

    #[test]
    fn who_asks_for_the_version_gets_it_from_the_real_one() {
        for (kind, arg) in [
            (Kind::Chromium, "--version"),
            (Kind::Chromium, "-v"),
            (Kind::Firefox, "-V"),
            (Kind::Firefox, "--help"),
        ] {
            assert_eq!(read(kind, arg).wanted, Wanted::Tell, "{arg}");
        }
    }

    #[test]
    fn the_name_says_what_it_is() {
        assert_eq!(Name::of("/a/handstamp-chromedriver".into()), Some(Name::Driver(Kind::Chromium)));
        assert_eq!(Name::of("geckodriver".into()), Some(Name::Driver(Kind::Firefox)));
        assert_eq!(Name::of("/usr/bin/handstamp".into()), None);
    }
}
