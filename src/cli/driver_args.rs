//! The arguments of the stand-ins for drivers, which are those of the real ones.

use std::{
    iter::Peekable,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    slice,
};

use crate::{
    browser::Kind,
    gateway::{Guard, Locals, Peers},
};

/// What the real driver was to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Listen for commands.
    Serve,
    /// Tell its version or its arguments, and end.
    Tell,
}

/// The arguments of a driver, with those taken out that say where it listens and who may use it: the stand-in does that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandIn {
    /// What it is to do.
    pub wanted: Wanted,
    /// The address to listen on; nothing where that is `localhost`.
    pub host: Option<String>,
    /// The port to listen on; 0 for any.
    pub port: u16,
    /// What stands in front of the commands of the standard, for example `/wd/hub`; it may be empty.
    pub base: String,
    /// Who may use it.
    pub guard: Guard,
    /// All others, as they stand.
    pub others: Vec<String>,
}

type Rest<'a> = Peekable<slice::Iter<'a, String>>;

impl StandIn {
    /// Reads the arguments that tools call the driver with.
    ///
    /// # Errors
    /// When a port or an address is none.
    pub fn read(kind: Kind, args: &[String]) -> Result<Self, String> {
        let is_gecko = kind == Kind::Firefox;
        let mut read = Self {
            wanted: Wanted::Serve,
            host: None,
            port: if is_gecko { GECKO_PORT } else { CHROME_PORT },
            base: String::new(),
            guard: Guard::default(),
            others: Vec::new(),
        };
        let mut rest = args.iter().peekable();
        while let Some(arg) = rest.next() {
            let (name, value) = match arg.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (arg.as_str(), None),
            };
            let taken = match name {
                "--port" | "-port" => read.take_port(value, &mut rest)?,
                "--version" | "-V" | "--help" | "-h" | "-?" => read.tell(),
                _ if is_gecko => read.take_of_gecko(name, value, &mut rest)?,
                _ => read.take_of_chrome(name, value.unwrap_or_default())?,
            };
            if taken == Taken::No {
                read.others.push(arg.clone());
            }
        }
        if read.guard.locals == Locals::Known {
            read.guard.hosts.extend(read.host.clone());
        }
        if is_gecko && !read.others.iter().any(|other| other.starts_with(SOCKET_PORT)) {
            // Its own choice is the same for all: a second browser would have no socket of BiDi.
            read.others.push(format!("{SOCKET_PORT}=0"));
        }
        Ok(read)
    }

    /// chromedriver's own: a value stands behind `=` alone, and a list has commas.
    fn take_of_chrome(&mut self, name: &str, value: &str) -> Result<Taken, String> {
        let list = || value.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        match name {
            "-v" => return Ok(self.tell()),
            "--url-base" => {
                let base = value.trim_matches('/');
                self.base = if base.is_empty() { String::new() } else { format!("/{base}") };
            }
            "--allowed-ips" | "--whitelisted-ips" => {
                // This machine may always connect.
                let here = [IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)];
                let address =
                    |text: &str| text.parse::<IpAddr>().map_err(|_| format!("`{text}` is no address"));
                let peers: Vec<IpAddr> = list().map(address).collect::<Result<_, _>>()?;
                self.guard.peers = if peers.is_empty() {
                    Peers::All
                } else {
                    Peers::Named(here.into_iter().chain(peers).collect())
                };
                self.host = Some(EVERYWHERE.to_owned());
            }
            "--allowed-origins" => {
                for origin in list() {
                    self.guard.hosts.push(host_of(origin).to_owned());
                    self.guard.origins.push(origin.trim_end_matches('/').to_owned());
                }
                // The sockets of BiDi, which lead to the real one, heed it too.
                return Ok(Taken::No);
            }
            _ => return Ok(Taken::No),
        }
        Ok(Taken::Yes)
    }

    /// geckodriver's own: a value may be the next argument, and a list goes on until the next option.
    fn take_of_gecko(
        &mut self,
        name: &str,
        value: Option<&str>,
        rest: &mut Rest<'_>,
    ) -> Result<Taken, String> {
        match name {
            "-p" => self.take_port(value, rest),
            "--host" => {
                self.host = one(value, rest).filter(|host| host != "localhost");
                Ok(Taken::Yes)
            }
            "--allow-hosts" => {
                let hosts = list(value, rest);
                self.pass_on(name, &hosts);
                self.guard.hosts.extend(hosts);
                self.guard.locals = Locals::Named;
                Ok(Taken::Yes)
            }
            "--allow-origins" => {
                let origins = list(value, rest);
                self.pass_on(name, &origins);
                self.guard.origins.extend(origins.iter().map(|o| o.trim_end_matches('/').to_owned()));
                Ok(Taken::Yes)
            }
            _ => Ok(Taken::No),
        }
    }

    fn take_port(&mut self, value: Option<&str>, rest: &mut Rest<'_>) -> Result<Taken, String> {
        let text = one(value, rest).unwrap_or_default();
        self.port = text.parse().map_err(|_| format!("`{text}` is no port"))?;
        Ok(Taken::Yes)
    }

    fn tell(&mut self) -> Taken {
        self.wanted = Wanted::Tell;
        Taken::No
    }

    /// The sockets of BiDi, which lead to the real driver, heed it too.
    fn pass_on(&mut self, name: &str, values: &[String]) {
        self.others.push(name.to_owned());
        self.others.extend_from_slice(values);
    }
}

/// Whether an argument is the stand-in's own matter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Taken {
    Yes,
    No,
}

fn one(value: Option<&str>, rest: &mut Rest<'_>) -> Option<String> {
    value.map(str::to_owned).or_else(|| rest.next().cloned())
}

fn list(value: Option<&str>, rest: &mut Rest<'_>) -> Vec<String> {
    match value {
        Some(value) => vec![value.to_owned()],
        None => std::iter::from_fn(|| rest.next_if(|next| !next.starts_with('-')).cloned()).collect(),
    }
}

/// The host of an origin, or of what is one.
fn host_of(origin: &str) -> &str {
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    host.split([':', '/']).next().unwrap_or_default()
}

/// Where the real ones listen unless they are told otherwise.
const CHROME_PORT: u16 = 9515;
const GECKO_PORT: u16 = 4444;
const SOCKET_PORT: &str = "--websocket-port";
/// All addresses that the machine has.
const EVERYWHERE: &str = "::";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: Kind, args: &str) -> StandIn {
        let args: Vec<String> = args.split_whitespace().map(str::to_owned).collect();
        StandIn::read(kind, &args).unwrap()
    }

    #[test]
    fn the_arguments_of_selenium_are_read_and_the_rest_is_left_as_it_stands() {
        let chrome = read(Kind::Chromium, "--port=4711 --enable-chrome-logs --log-path=/x");
        assert_eq!((chrome.port, chrome.wanted, chrome.host), (4711, Wanted::Serve, None));
        assert_eq!(chrome.others, ["--enable-chrome-logs", "--log-path=/x"]);
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
        assert_eq!(gecko.guard.origins, ["http://127.0.0.1:9", "http://localhost:9"]);
    }

    #[test]
    fn without_a_port_it_is_the_usual_one() {
        assert_eq!((read(Kind::Chromium, "").port, read(Kind::Firefox, "").port), (9515, 4444));
        assert_eq!(read(Kind::Firefox, "-p 5").port, 5);
        assert!(StandIn::read(Kind::Chromium, &["--port=x".to_owned()]).is_err());
    }

    #[test]
    fn what_chromedriver_is_told_of_other_machines_is_the_stand_in_s_own_matter() {
        let open = read(Kind::Chromium, "--allowed-ips= --url-base=/wd/hub/");
        assert_eq!((open.host.as_deref(), open.guard.peers), (Some("::"), Peers::All));
        assert_eq!(
            (open.base.as_str(), open.others.len()),
            ("/wd/hub", 0),
            "the real one hears of nobody else"
        );
        let some = read(Kind::Chromium, "--whitelisted-ips=10.0.0.7,::2 --url-base=");
        let peers = ["127.0.0.1", "::1", "10.0.0.7", "::2"].map(|text| text.parse().unwrap());
        assert_eq!((some.guard.peers, some.base.as_str()), (Peers::Named(peers.to_vec()), ""));
        assert!(StandIn::read(Kind::Chromium, &["--allowed-ips=here".to_owned()]).is_err());
        let pages = read(Kind::Chromium, "--allowed-origins=http://tools.test:8000,other.test");
        assert_eq!(pages.guard.origins, ["http://tools.test:8000", "other.test"]);
        assert_eq!(pages.guard.hosts, ["tools.test", "other.test"]);
    }

    #[test]
    fn what_geckodriver_is_told_of_other_names_is_heeded_by_both() {
        let gecko = read(Kind::Firefox, "--host box.test --allow-hosts a.test b.test --log trace");
        assert_eq!(gecko.host.as_deref(), Some("box.test"));
        assert_eq!(
            (gecko.guard.locals, &*gecko.guard.hosts),
            (Locals::Named, &["a.test", "b.test"].map(str::to_owned)[..])
        );
        assert_eq!(
            gecko.others,
            ["--allow-hosts", "a.test", "b.test", "--log", "trace", "--websocket-port=0"]
        );
        assert_eq!(read(Kind::Firefox, "--host box.test").guard.hosts, ["box.test"]);
        let gecko = read(Kind::Firefox, "--host=localhost");
        assert_eq!((gecko.host, gecko.guard.locals), (None, Locals::Known));
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
}
