//! Writes a session in the format of another tool.

use std::fmt;

use url::Url;

use super::{
    Error, Format, Handed, Kind, Parts, browser_cookies, cookies_txt, curl, curl_config, har, header_lines,
    httpie, init_script, netrc, nuclei, playwright, postman,
    safe::ensure_safe,
    zap::{self, Names},
};
use crate::{context::Context, session::Secret};

/// A session in another tool's format.
#[derive(Debug, Clone)]
pub struct Exported {
    /// The product, secrets and all.
    pub content: Content,
    /// What the format has no place for.
    pub left_out: Parts,
    /// Attributes that were lost, in words: `SameSite of 2 cookies`.
    pub blurred: Vec<String>,
}

/// What a format consists of.
#[derive(Debug, Clone)]
pub enum Content {
    /// One text.
    Text(Secret),
    /// Several files for a directory, by name.
    Files(Vec<(String, Secret)>),
}

/// What the writer of a format gives back.
pub(super) struct Written {
    pub(super) text: String,
    pub(super) carried: Parts,
    pub(super) blurred: Vec<String>,
}

impl Written {
    pub(super) fn new(text: String, carried: Parts) -> Self {
        Self { text, carried, blurred: Vec::new() }
    }
}

/// Writes a session; `url` is the address that formats for one address need, and narrows others down to its host.
///
/// Fails where the session has nothing that the format can carry, where the address is not clear or not the session's,
/// and on values that would break out of their place.
pub fn export(handed: &Handed, format: Format, url: Option<&Url>) -> Result<Exported, Error> {
    if !matches!(format, Format::Handstamp | Format::Playwright | Format::PlaywrightInitScript) {
        ensure_safe(&handed.state)?;
    }
    let all = Parts::of(&handed.state);
    let written = match format {
        Format::Zap => return export_zap(handed, Names::default(), None),
        Format::Handstamp => playwright::write_own(handed),
        Format::Playwright => playwright::write(handed),
        Format::PlaywrightInitScript => init_script::write(handed),
        Format::CookiesTxt | Format::Wget => cookies_txt::write(handed, format, url)?,
        Format::CookieEditor | Format::Selenium | Format::Puppeteer => {
            browser_cookies::write(handed, format, url)?
        }
        Format::Har => har::write(handed, url)?,
        Format::Curl => curl::write(handed, &handed.url(url, format)?)?,
        Format::CurlConfig => curl_config::write(handed, &handed.url(url, format)?)?,
        Format::Headers => header_lines::write(handed, &handed.url(url, format)?)?,
        Format::Netrc => netrc::write(handed, url)?,
        Format::Nuclei => nuclei::write(handed, url)?,
        Format::Postman => postman::write(handed, &handed.url(url, format)?)?,
        Format::Httpie | Format::Xh => httpie::write(handed, format, &handed.url(url, format)?)?,
    };
    // An empty session file is one, too.
    if written.carried.is_empty() && !matches!(format, Format::Handstamp | Format::Playwright) {
        return Err(Error::NothingToCarry { format, parts: all.to_string() });
    }
    let left_out = all.without(&written.carried);
    Ok(Exported { content: Content::Text(written.text.into()), left_out, blurred: written.blurred })
}

/// Writes a session as a plan for ZAP, with the names that its context and user are to have there.
pub fn export_zap(handed: &Handed, names: Names, context: Option<&Context>) -> Result<Exported, Error> {
    let files = zap::files(&handed.state, names, context, handed.auth.clone())?;
    let files = files.into_iter().map(|(name, text)| (name.to_owned(), Secret::from(text)));
    let all = Parts::of(&handed.state);
    let left_out = all.without(&all.only(Format::Zap.carries()));
    Ok(Exported { content: Content::Files(files.collect()), left_out, blurred: Vec::new() })
}

/// `SameSite of 2 cookies`; nothing for none.
pub(super) fn blurred(what: &str, count: usize) -> Option<String> {
    (count > 0).then(|| format!("{what} of {count} {}", Kind::Cookie.word(count)))
}

impl Exported {
    /// What was left out, for people; nothing where all is there.
    #[must_use]
    pub fn losses(&self) -> Option<String> {
        let parts = (!self.left_out.is_empty()).then(|| self.left_out.to_string());
        let all: Vec<String> = parts.into_iter().chain(self.blurred.iter().cloned()).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }
}

impl fmt::Debug for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Written").field("carried", &self.carried).finish_non_exhaustive()
    }
}
