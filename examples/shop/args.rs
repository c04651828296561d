//! What the command line asks for.

use std::net::SocketAddr;
use std::path::PathBuf;

/// The resolved options of one run.
#[derive(Debug)]
pub(crate) struct Options {
    /// Where to listen; port 0 takes a free one.
    pub(crate) listen: SocketAddr,
    /// How long a token is good for, in seconds.
    pub(crate) token_lifetime: i64,
    /// Whether the application renews its token shortly before it expires.
    pub(crate) refresh: bool,
    /// Whether to end when stdin closes.
    pub(crate) exit_with_stdin: bool,
    /// Where to write one JSON line a request.
    pub(crate) log: Option<PathBuf>,
}

impl Options {
    /// Reads the arguments, without the program's name.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            token_lifetime: DEFAULT_TOKEN_LIFETIME,
            refresh: false,
            exit_with_stdin: false,
            log: None,
        };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("`{argument}` needs a value\n{USAGE}"));
            match argument.as_str() {
                "--listen" => options.listen = loopback(&value()?)?,
                "--token-lifetime" => options.token_lifetime = seconds(&value()?)?,
                "--log" => options.log = Some(value()?.into()),
                "--refresh" => options.refresh = true,
                "--exit-with-stdin" => options.exit_with_stdin = true,
                _ => return Err(format!("unknown argument `{argument}`\n{USAGE}")),
            }
        }
        Ok(options)
    }
}

/// An address to listen on; the passwords are printed, so no other machine may get in.
fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text.parse().map_err(|_| format!("`{text}` is no address with a port"))?;
    if address.ip().is_loopback() { Ok(address) } else { Err(format!("`{text}` is not on loopback")) }
}

/// A positive number of seconds.
fn seconds(text: &str) -> Result<i64, String> {
    text.parse()
        .ok()
        .filter(|&seconds| seconds > 0)
        .ok_or_else(|| format!("`{text}` is no number of seconds"))
}

/// An hour: longer than any crawl of the shop takes.
const DEFAULT_TOKEN_LIFETIME: i64 = 3600;
const USAGE: &str = "hint: shop [--listen 127.0.0.1:0] [--token-lifetime SECONDS] [--refresh] [--log FILE] \
                     [--exit-with-stdin]";
