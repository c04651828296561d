//! HTTP archives: a request that carries the session, and sessions out of recorded traffic.

use std::{collections::BTreeSet, time::SystemTime};

use har::v1_2::{Content, Cookies, Creator, Entries, Headers, Log, Request, Response, Timings};
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use url::Url;

use super::{
    Error, Format, Handed, HeaderLines, Kind, Parts,
    browser_cookies::same_site,
    export::{Written, blurred},
    json::Field,
    request::is_cookie,
    taken::{Taken, cookie_of},
};
use crate::{
    browser::Exchange,
    harvest,
    session::{Cookie, State, now},
    site::Origin,
};

/// An archive with one request to `url`, or to each origin of the session; none of them was sent.
pub(super) fn write(handed: &Handed, url: Option<&Url>) -> Result<Written, Error> {
    let urls = match url {
        Some(url) => vec![url.clone()],
        None => handed.scope.origins().map(Origin::url).collect(),
    };
    let (mut entries, mut sent): (Vec<Entries>, Vec<&Cookie>) = (Vec::new(), Vec::new());
    let mut carried = Parts::default();
    for url in &urls {
        let lines = handed.request(url)?;
        let parts = lines.parts(handed, url);
        carried = carried.with(Kind::Header, parts.count(Kind::Header));
        let once = |kind| usize::from(parts.count(kind) > carried.count(kind));
        carried = carried
            .with(Kind::UserAgent, once(Kind::UserAgent))
            .with(Kind::Credentials, once(Kind::Credentials));
        let cookies = handed.state.cookies_for(url, now());
        entries.push(entry(url, &lines, &cookies));
        for cookie in cookies {
            if !sent.contains(&cookie) {
                sent.push(cookie);
            }
        }
    }
    let lost = [
        blurred("SameSite", sent.iter().filter(|cookie| cookie.same_site.is_some()).count()),
        blurred("the partition", sent.iter().filter(|cookie| cookie.partition_key.is_some()).count()),
    ];
    let blurred = lost.into_iter().flatten().collect();
    let text = format!("{:#}\n", archive(entries));
    Ok(Written { text, carried: carried.with(Kind::Cookie, sent.len()), blurred })
}

fn archive(entries: Vec<Entries>) -> Value {
    let creator = Creator { name: OWN_NAME.into(), version: env!("CARGO_PKG_VERSION").into(), comment: None };
    let log = Log { creator, entries, ..Log::default() };
    let mut log = serde_json::to_value(log).unwrap_or_default();
    log["version"] = "1.2".into();
    json!({ "log": log })
}

fn entry(url: &Url, lines: &HeaderLines, cookies: &[&Cookie]) -> Entries {
    let header = |(name, value): (&str, &crate::session::Secret)| Headers {
        name: name.to_owned(),
        value: value.expose().to_owned(),
        comment: None,
    };
    let request = Request {
        method: "GET".into(),
        url: url.to_string(),
        http_version: "HTTP/1.1".into(),
        headers: lines.iter().map(header).collect(),
        cookies: cookies.iter().map(|cookie| har_cookie(cookie)).collect(),
        headers_size: -1,
        body_size: 0,
        ..Request::default()
    };
    let response = Response {
        http_version: "HTTP/1.1".into(),
        content: Content { mime_type: Some(String::new()), ..Content::default() },
        redirect_url: Some(String::new()),
        headers_size: -1,
        body_size: -1,
        ..Response::default()
    };
    Entries {
        started_date_time: OffsetDateTime::from(SystemTime::now()).format(&Rfc3339).unwrap_or_default(),
        request,
        response,
        timings: Timings::default(),
        comment: Some("this request carries the session; it was not sent".into()),
        ..Entries::default()
    }
}

fn har_cookie(cookie: &Cookie) -> Cookies {
    let dot = if cookie.host_only { "" } else { "." };
    let date = |end| OffsetDateTime::from_unix_timestamp(end).ok()?.format(&Rfc3339).ok();
    Cookies {
        name: cookie.name.clone(),
        value: cookie.value.expose().to_owned(),
        path: Some(cookie.path.clone()),
        domain: Some(format!("{dot}{}", cookie.domain)),
        expires: cookie.expires.and_then(date),
        http_only: Some(cookie.http_only),
        secure: Some(cookie.secure),
        comment: None,
    }
}

/// Whether a document is an archive.
pub(super) fn is_one(document: &Value) -> bool {
    document.pointer("/log/entries").is_some_and(Value::is_array)
}

/// Reads an archive: cookies as requests carried them and answers set them, and the headers that scripts added.
pub(super) fn read(document: &Value) -> Result<Taken, Error> {
    let log = Field::root(document, Format::Har).at("log");
    let is_own = log.at("creator").at("name").maybe_text()? == Some(OWN_NAME);
    let mut taken = Taken::new();
    let mut traffic = Vec::new();
    for entry in log.at("entries").items()? {
        let exchange = exchange(&entry)?;
        let Ok(url) = exchange.url.parse::<Url>() else { continue };
        take_cookies(&mut taken.state, &url, &entry, &exchange)?;
        if is_own {
            for (name, value) in exchange.request_headers.iter().filter(|(name, _)| !is_cookie(name)) {
                taken.header(&url, name, value)?;
            }
        }
        traffic.push(exchange);
    }
    if !is_own {
        let found = harvest::from_exchanges(&traffic, 0, &[]);
        taken.state.headers = found.headers;
        taken.state.user_agent = found.user_agent;
    }
    if taken.state.cookies.is_empty() && taken.state.headers.is_empty() {
        return Err(Error::NoSession {
            hint: "browsers leave cookies and Authorization out of archives unless they are told: in Chrome's DevTools, choose `Export HAR (with sensitive data)`",
        });
    }
    taken.state.scope = scope(&traffic, &taken.state, is_own);
    Ok(taken)
}

/// The origins that the session belongs to: that of the first page, and those that received its tokens.
fn scope(traffic: &[Exchange], state: &State, is_own: bool) -> Vec<Origin> {
    let requested = traffic.iter().filter_map(|exchange| Origin::of(&exchange.url.parse().ok()?));
    let requested = requested.take(if is_own { usize::MAX } else { 1 });
    let all: BTreeSet<Origin> =
        requested.chain(state.headers.iter().map(|token| token.origin.clone())).collect();
    all.into_iter().collect()
}

fn exchange(entry: &Field<'_>) -> Result<Exchange, Error> {
    let (request, response) = (entry.at("request"), entry.at("response"));
    let content = response.at("content");
    let body = content.at("text").maybe_text()?.filter(|_| !content.at("encoding").is_there());
    Ok(Exchange {
        method: request.at("method").text()?.to_owned(),
        url: request.at("url").text()?.to_owned(),
        request_headers: headers(&request)?,
        response_headers: headers(&response)?,
        response_body: body.map(str::to_owned),
        status: response.at("status").value().and_then(Value::as_u64).and_then(|s| s.try_into().ok()),
        is_done: true,
        ..Exchange::default()
    })
}

fn headers(side: &Field<'_>) -> Result<Vec<(String, String)>, Error> {
    let pair = |header: &Field<'_>| {
        Ok((header.at("name").text()?.to_owned(), header.at("value").text()?.to_owned()))
    };
    side.at("headers").items()?.iter().map(pair).collect()
}

/// Takes in what a request carried that nobody has seen being set, and then what its answer set or removed.
fn take_cookies(state: &mut State, url: &Url, entry: &Field<'_>, exchange: &Exchange) -> Result<(), Error> {
    let now = now();
    for cookie in carried(url, entry, exchange)? {
        if state.cookies_for(url, now).iter().all(|known| known.name != cookie.name) {
            state.store_cookie(cookie, now);
        }
    }
    let is_set = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("set-cookie");
    // Some browsers write several of these headers as one.
    for line in exchange.response_headers.iter().filter(is_set).flat_map(|(_, value)| value.lines()) {
        state.receive_cookie(line, url, now);
    }
    Ok(())
}

fn carried(url: &Url, entry: &Field<'_>, exchange: &Exchange) -> Result<Vec<Cookie>, Error> {
    let listed = entry.at("request").at("cookies").items()?;
    if !listed.is_empty() {
        return listed.iter().map(|cookie| listed_cookie(url, cookie)).collect();
    }
    let lines = exchange.request_headers.iter().filter(|(name, _)| is_cookie(name));
    let pairs = lines.flat_map(|(_, line)| line.split(';')).map(str::trim).filter(|pair| !pair.is_empty());
    Ok(pairs
        .map(|pair| pair.split_once('=').unwrap_or(("", pair)))
        .map(|(n, v)| cookie_of(url, n, v))
        .collect())
}

/// A cookie of a request's list; of most nothing is told but name and value.
fn listed_cookie(url: &Url, at: &Field<'_>) -> Result<Cookie, Error> {
    let plain = cookie_of(url, at.at("name").text()?, at.at("value").text()?);
    let Some(domain) = at.at("domain").maybe_text()? else { return Ok(plain) };
    let date = at.at("expires").maybe_text()?.and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
    Ok(Cookie {
        domain: domain.trim_start_matches('.').to_ascii_lowercase(),
        host_only: !domain.starts_with('.'),
        path: at.at("path").maybe_text()?.unwrap_or("/").to_owned(),
        expires: date.map(OffsetDateTime::unix_timestamp).filter(|end| *end > 0),
        http_only: at.at("httpOnly").flag()?,
        secure: at.at("secure").flag()?,
        same_site: same_site(at.at("sameSite").maybe_text()?.unwrap_or_default()),
        ..plain
    })
}

const OWN_NAME: &str = "handstamp";
