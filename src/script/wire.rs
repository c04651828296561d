//! Carries a message into the engine and the request back out of it.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header::CONTENT_LENGTH};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    Message,
    text::{latin, unlatin},
};

/// A message without its bodies, which the engine asks for when it needs them.
#[derive(Serialize)]
struct Outgoing<'a> {
    call: u32,
    method: &'a str,
    url: &'a str,
    headers: Fields,
    status: u16,
    reason: &'static str,
    answer: Fields,
}

/// A request as a script left it: nothing about it is certain.
#[derive(Deserialize)]
struct Incoming {
    method: String,
    url: String,
    headers: Fields,
}

type Fields = Vec<(String, String)>;

/// A message as JSON; `call` is the number that its bodies are asked for with.
pub(super) fn write(message: &Message, call: u32) -> String {
    let outgoing = Outgoing {
        call,
        method: message.method.as_str(),
        url: message.url.as_str(),
        headers: fields(&message.headers),
        status: message.status.map_or(0, |status| status.as_u16()),
        reason: message.status.and_then(|status| status.canonical_reason()).unwrap_or_default(),
        answer: fields(&message.response_headers),
    };
    serde_json::to_string(&outgoing).unwrap_or_default()
}

/// Puts a request that a script left, and the body that it set, into a message, or says what is wrong with it.
pub(super) fn read(json: &str, body: Option<Bytes>, message: &mut Message) -> Result<(), String> {
    let incoming: Incoming =
        serde_json::from_str(json).map_err(|_| "it is no request any more".to_owned())?;
    let method = Method::from_bytes(incoming.method.as_bytes())
        .map_err(|_| format!("`{}` is no method", incoming.method.escape_debug()))?;
    let url = Url::parse(&incoming.url).map_err(|error| format!("its URL cannot be read: {error}"))?;
    let mut headers = header_map(&incoming.headers)?;
    if let Some(body) = body {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        message.body = body;
    }
    (message.method, message.url, message.headers) = (method, url, headers);
    Ok(())
}

fn fields(headers: &HeaderMap) -> Fields {
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), latin(value.as_bytes()))).collect()
}

fn header_map(fields: &Fields) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        let wrong = |what| format!("the {what} of the header `{}` is not allowed", name.escape_debug());
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong("name"))?;
        let value = HeaderValue::from_bytes(&unlatin(value)).map_err(|_| wrong("value"))?;
        headers.try_append(key, value).map_err(|_| "it has too many headers".to_owned())?;
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> Message {
        Message::request(Method::GET, Url::parse("https://a.example/").unwrap())
    }

    fn refused(json: &str) -> String {
        read(json, None, &mut message()).unwrap_err()
    }

    #[test]
    fn a_request_comes_back_as_it_went_in_down_to_the_bytes_of_its_headers() {
        let mut before = message();
        before.headers.append("x-raw", HeaderValue::from_bytes(&[0xe4, b' ', 0xff]).unwrap());
        before.headers.append("x-raw", "second".parse().unwrap());
        let mut after = before.clone();
        read(&write(&before, 1), None, &mut after).unwrap();
        assert_eq!(before, after);
    }

    #[test]
    fn what_cannot_be_sent_is_refused_by_name_and_without_its_value() {
        assert_eq!(refused("[]"), "it is no request any more");
        assert_eq!(refused(r#"{"method":"G T","url":"https://a/","headers":[]}"#), "`G T` is no method");
        assert!(refused(r#"{"method":"GET","url":"/x","headers":[]}"#).starts_with("its URL cannot be read"));
        let split =
            refused(r#"{"method":"GET","url":"https://a/","headers":[["X-A","hunter2\r\nX-Evil: 1"]]}"#);
        assert_eq!(split, "the value of the header `X-A` is not allowed");
        let name = refused(r#"{"method":"GET","url":"https://a/","headers":[["X A","b"]]}"#);
        assert_eq!(name, "the name of the header `X A` is not allowed");
    }

    #[test]
    fn a_body_that_was_set_brings_its_length() {
        let mut after = message();
        read(&write(&message(), 1), Some(Bytes::from("abc")), &mut after).unwrap();
        assert_eq!((&after.body[..], &after.headers[CONTENT_LENGTH]), (&b"abc"[..], &HeaderValue::from(3)));
    }
}
