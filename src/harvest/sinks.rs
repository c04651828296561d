//! Finds where requests carry a value.

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;
use url::Url;

use super::sources::leaves;
use crate::{browser::Exchange, session::Sink, site::Origin};

/// A request taken apart into its places, each with the text that stands there.
pub(super) struct Sent {
    places: Vec<(Sink, String)>,
}

impl Sent {
    /// The places of a request; nothing for what browsers ask by themselves.
    pub(super) fn of(exchange: &Exchange) -> Option<Self> {
        let url = exchange.url.parse::<Url>().ok().filter(|_| exchange.method != "OPTIONS")?;
        let origin = Origin::of(&url)?;
        let mut places = Vec::new();
        for (name, value) in &exchange.request_headers {
            let sink = if name.eq_ignore_ascii_case("cookie") {
                Sink::Cookie { origin: origin.clone() }
            } else {
                Sink::Header { name: written(name), origin: origin.clone() }
            };
            places.push((sink, value.clone()));
        }
        let query = url.query_pairs().map(|(key, value)| (key.into_owned(), value.into_owned()));
        places.extend(query.map(|(key, value)| (Sink::Query { key, origin: origin.clone() }, value)));
        if let Some(body) = &exchange.request_body {
            places.extend(
                fields(body)
                    .into_iter()
                    .map(|(field, value)| (Sink::Body { field, origin: origin.clone() }, value)),
            );
        }
        Some(Self { places })
    }

    /// The places that a value stands in, as it is or decoded.
    pub(super) fn carries<'a>(&'a self, value: &'a str) -> impl Iterator<Item = &'a Sink> {
        self.places.iter().filter(move |(sink, text)| stands_in(sink, text, value)).map(|(sink, _)| sink)
    }

    /// The texts of the places, with these.
    pub(super) fn places(&self) -> impl Iterator<Item = (&Sink, &str)> {
        self.places.iter().map(|(sink, text)| (sink, text.as_str()))
    }
}

/// All places of all requests that carry one of the values.
pub(super) fn of_values(sent: &[Sent], values: &[String]) -> Vec<Sink> {
    let found: BTreeSet<&Sink> =
        sent.iter().flat_map(|sent| values.iter().flat_map(|value| sent.carries(value))).collect();
    found.into_iter().cloned().collect()
}

fn stands_in(sink: &Sink, text: &str, value: &str) -> bool {
    if value.len() < SHORTEST {
        return false;
    }
    let has = |text: &str| text.contains(value);
    let is_referer = matches!(sink, Sink::Header { name, .. } if name == "Referer");
    !is_referer
        && (has(text)
            || (text.contains('%') && has(&percent_decode_str(text).decode_utf8_lossy()))
            || (value.contains('%') && text.contains(&*percent_decode_str(value).decode_utf8_lossy())))
}

/// The fields of a body: values in JSON, pairs of a form, parts of a multipart form.
fn fields(body: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if let Ok(value) = serde_json::from_str(body) {
        leaves(&value, "", &mut |path, text| found.push((path.to_owned(), text.to_owned())));
    } else if body.contains("form-data; name=") {
        for part in body.split("form-data; name=\"").skip(1) {
            let name = part.split('"').next().unwrap_or_default().to_owned();
            let value = part.split("\r\n\r\n").nth(1).and_then(|rest| rest.split("\r\n").next());
            found.extend(value.map(|value| (name, value.to_owned())));
        }
    } else {
        found.extend(url::form_urlencoded::parse(body.as_bytes()).into_owned());
    }
    found
}

/// Header names as people write them: `X-Csrf-Token`.
fn written(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let mut chars = word.chars();
        let first = chars.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(chars.map(|c| c.to_ascii_lowercase())).collect::<String>()
    });
    words.collect::<Vec<_>>().join("-")
}

/// Shorter values are found everywhere by chance.
const SHORTEST: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_in_headers_urls_and_bodies() {
        let request = |url: &str, headers: &[(&str, &str)], body: Option<&str>| Exchange {
            method: "POST".into(),
            url: url.into(),
            request_headers: headers.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect(),
            request_body: body.map(str::to_owned),
            ..Exchange::default()
        };
        let all = [
            request(
                "http://a.test/x?token=abc%3Ddef&n=1",
                &[("x-auth", "Bearer abc=def")],
                Some("t=abc%3Ddef"),
            ),
            request(
                "http://a.test/y",
                &[("cookie", "sid=abc%3Ddef; a=1")],
                Some(r#"{"user":{"t":"abc=def"}}"#),
            ),
            request("http://a.test/z", &[("referer", "http://a.test/?token=abc=def")], None),
        ];
        let sent: Vec<_> = all.iter().filter_map(Sent::of).collect();
        let found: Vec<_> = of_values(&sent, &["abc=def".into()]).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            ["cookie", "header X-Auth", "url parameter token", "body field t", "body field user.t"]
        );
    }
}
