//! Reads a session in the format of another tool.

use url::Url;

use super::{
    Error, Format, Parts, Way, browser_cookies, cookies_txt, curl, curl_config, detect::detect, har,
    header_lines, httpie, json, netrc, nuclei, playwright, postman, taken::Taken,
};
use crate::session::State;

/// A session that was read.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The session; nothing in it is proven.
    pub state: State,
    /// The format that it was in.
    pub format: Format,
    /// What was left out, in words without values.
    pub notes: Vec<String>,
}

/// Reads a session; `url` is the address of formats that name none, and what the session belongs to.
///
/// Without a format the text itself tells. Fails on what is no session in that format, naming the place without its
/// value, and on values that would break out of theirs.
pub fn import(bytes: &[u8], format: Option<Format>, url: Option<&Url>) -> Result<Imported, Error> {
    if bytes.len() > MOST_BYTES {
        return Err(Error::TooLarge { limit: MOST_BYTES >> 20 });
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Error::NotText)?.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err(Error::Empty);
    }
    if text.contains('\0') {
        return Err(Error::NotText);
    }
    let format = match format.or_else(|| detect(text)) {
        Some(format) => format,
        None if text.trim_start().starts_with(['{', '[']) => return Err(unknown_json(text)),
        None => return Err(Error::Unknown),
    };
    let taken = read(text, format, url)?.finish(url)?;
    if Parts::of(&taken.state).is_empty() {
        return Err(Error::NoSession {
            hint: "it holds neither cookies, storage nor headers; log in before you export",
        });
    }
    Ok(Imported { state: taken.state, format, notes: taken.notes })
}

fn read(text: &str, format: Format, url: Option<&Url>) -> Result<Taken, Error> {
    if format.way() == Way::Out {
        return Err(Error::OutOnly { format });
    }
    let document = || json::parse(text, format);
    match format {
        Format::Handstamp | Format::Playwright => Ok(Taken::of(playwright::read(document()?, format)?)),
        Format::CookiesTxt | Format::Wget => Ok(Taken::of_cookies(cookies_txt::read(text)?)),
        Format::CookieEditor | Format::Selenium | Format::Puppeteer => {
            Ok(Taken::of_cookies(browser_cookies::read(&document()?, format)?))
        }
        Format::Har => har::read(&document()?),
        Format::Curl => curl::read(text, url),
        Format::CurlConfig => curl_config::read(text, url),
        Format::Headers => header_lines::read(text, url),
        Format::Netrc => netrc::read(text, url),
        Format::Nuclei => nuclei::read(text, url),
        Format::Postman => postman::read(&document()?, url),
        Format::Httpie | Format::Xh => httpie::read(&document()?, format, url),
        Format::PlaywrightInitScript | Format::Zap => Err(Error::OutOnly { format }),
    }
}

/// JSON that is broken is told of as such; other JSON is in no known format.
fn unknown_json(text: &str) -> Error {
    match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => Error::Unknown,
        Err(error) => Error::CutJson { line: error.line(), column: error.column() },
    }
}

/// Sessions are small; archives of long recordings are not.
const MOST_BYTES: usize = 256 << 20;
