//! The formats of other tools, and what each of them can carry.

use std::{fmt, str::FromStr};

use super::{Error, Kind};

/// A format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// handstamp's own session file: Playwright's, with all that has no place there.
    Handstamp,
    /// Playwright's storageState.
    Playwright,
    /// A script for Playwright's `addInitScript`, for what storageState has no place for.
    PlaywrightInitScript,
    /// Netscape's `cookies.txt`.
    CookiesTxt,
    /// `cookies.txt` as wget wants it: cookies that are hidden from scripts bear no mark, which it takes for a remark.
    Wget,
    /// What the cookie editors among the browsers' extensions import and export.
    CookieEditor,
    /// The cookies of Selenium's `add_cookie`.
    Selenium,
    /// The cookies of Puppeteer's `setCookie`.
    Puppeteer,
    /// An HTTP archive.
    Har,
    /// A curl command.
    Curl,
    /// A file for curl's `-K`.
    CurlConfig,
    /// Header lines.
    Headers,
    /// A `.netrc` file.
    Netrc,
    /// nuclei's secret file.
    Nuclei,
    /// A Postman environment.
    Postman,
    /// A session file of `HTTPie`.
    Httpie,
    /// A session file of xh.
    Xh,
    /// An automation plan for ZAP, with the scripts that it takes: several files.
    Zap,
}

/// Which way a format goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// It is written and read.
    Both,
    /// It is written only.
    Out,
}

impl Format {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Handstamp,
        Self::Playwright,
        Self::PlaywrightInitScript,
        Self::CookiesTxt,
        Self::Wget,
        Self::CookieEditor,
        Self::Selenium,
        Self::Puppeteer,
        Self::Har,
        Self::Curl,
        Self::CurlConfig,
        Self::Headers,
        Self::Netrc,
        Self::Nuclei,
        Self::Postman,
        Self::Httpie,
        Self::Xh,
        Self::Zap,
    ];

    /// Its name on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Handstamp => "handstamp",
            Self::Playwright => "playwright",
            Self::PlaywrightInitScript => "playwright-init-script",
            Self::CookiesTxt => "cookies.txt",
            Self::Wget => "wget",
            Self::CookieEditor => "cookie-editor",
            Self::Selenium => "selenium",
            Self::Puppeteer => "puppeteer",
            Self::Har => "har",
            Self::Curl => "curl",
            Self::CurlConfig => "curl-config",
            Self::Headers => "headers",
            Self::Netrc => "netrc",
            Self::Nuclei => "nuclei",
            Self::Postman => "postman",
            Self::Httpie => "httpie",
            Self::Xh => "xh",
            Self::Zap => "zap",
        }
    }

    /// Who reads it, for the table.
    fn readers(self) -> &'static str {
        match self {
            Self::Handstamp => "handstamp",
            Self::Playwright => "Playwright: newContext({ storageState })",
            Self::PlaywrightInitScript => "Playwright: context.addInitScript({ path })",
            Self::CookiesTxt => "curl -b, yt-dlp, Python's http.cookiejar",
            Self::Wget => "wget --load-cookies (cookies.txt without HttpOnly)",
            Self::CookieEditor => "extensions: Cookie-Editor, EditThisCookie",
            Self::Selenium => "Selenium: driver.add_cookie",
            Self::Puppeteer => "Puppeteer: browser.setCookie",
            Self::Har => "whatever reads HTTP archives",
            Self::Curl => "sh",
            Self::CurlConfig => "curl -K -",
            Self::Headers => "curl -H @FILE, katana -H FILE",
            Self::Netrc => "curl --netrc-file, wget, git",
            Self::Nuclei => "nuclei -secret-file",
            Self::Postman => "Postman, newman -e",
            Self::Httpie => "http --session FILE",
            Self::Xh => "xh --session FILE",
            Self::Zap => "ZAP: -autorun DIR/plan.yaml (needs --output DIR)",
        }
    }

    /// The kinds of parts that it has a place for.
    #[must_use]
    pub fn carries(self) -> &'static [Kind] {
        use Kind::{Cookie, Credentials, Database, Header, LocalStorage, SessionStorage, UserAgent};
        match self {
            Self::Handstamp => &[Cookie, LocalStorage, SessionStorage, Database, Header, UserAgent],
            Self::Playwright => &[Cookie, LocalStorage, Database],
            Self::PlaywrightInitScript => &[SessionStorage],
            Self::CookiesTxt | Self::Wget | Self::CookieEditor | Self::Selenium | Self::Puppeteer => {
                &[Cookie]
            }
            Self::Har
            | Self::Curl
            | Self::CurlConfig
            | Self::Headers
            | Self::Nuclei
            | Self::Httpie
            | Self::Xh => &[Cookie, Header, UserAgent, Credentials],
            Self::Zap => &[Cookie, LocalStorage, SessionStorage, Header],
            Self::Netrc => &[Credentials],
            Self::Postman => &[Cookie, LocalStorage, SessionStorage, Header, UserAgent, Credentials],
        }
    }

    /// What it has no place for, by name.
    #[must_use]
    pub fn lacks(self) -> Vec<&'static str> {
        let kinds = [
            (Kind::Cookie, "cookies"),
            (Kind::LocalStorage, "localStorage"),
            (Kind::SessionStorage, "sessionStorage"),
            (Kind::Database, "IndexedDB"),
            (Kind::Header, "headers"),
        ];
        let lacking = kinds.into_iter().filter(|(kind, _)| !self.carries().contains(kind));
        lacking.map(|(_, name)| name).collect()
    }

    /// Whether it can be read as well.
    #[must_use]
    pub fn way(self) -> Way {
        if matches!(self, Self::PlaywrightInitScript | Self::Zap) { Way::Out } else { Way::Both }
    }

    /// Whether it says what goes to one address, which has to be known.
    #[must_use]
    pub fn is_for_one_url(self) -> bool {
        matches!(
            self,
            Self::Curl | Self::CurlConfig | Self::Headers | Self::Postman | Self::Httpie | Self::Xh
        )
    }

    /// A table of all formats for the help.
    #[must_use]
    pub fn table() -> String {
        let head = "Formats (C cookies, L localStorage, S sessionStorage, I IndexedDB, H headers and\nUser-Agent, P name and password of HTTP authentication; 1: for one address, see --url):\n";
        let rows = Self::ALL.iter().map(|format| format.row());
        head.to_owned() + &rows.collect::<Vec<_>>().join("\n")
    }

    fn row(self) -> String {
        let marks = [
            (Kind::Cookie, 'C'),
            (Kind::LocalStorage, 'L'),
            (Kind::SessionStorage, 'S'),
            (Kind::Database, 'I'),
            (Kind::Header, 'H'),
            (Kind::Credentials, 'P'),
        ];
        let carried: String = marks
            .map(|(kind, mark)| if self.carries().contains(&kind) { mark } else { '-' })
            .iter()
            .collect();
        let one = if self.is_for_one_url() { '1' } else { ' ' };
        let way = if self.way() == Way::Out { "export only: " } else { "" };
        format!("  {:22} {carried} {one} {way}{}", self.word(), self.readers())
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let found = Self::ALL.iter().find(|format| format.word().eq_ignore_ascii_case(text));
        found.copied().ok_or_else(|| Error::NoSuchFormat { text: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_found_by_its_name_and_stands_in_the_table() {
        for format in Format::ALL {
            assert_eq!(format.word().parse::<Format>().unwrap(), *format);
            assert!(Format::table().contains(format.word()));
        }
        assert!("zip".parse::<Format>().is_err());
    }
}
