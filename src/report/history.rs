//! The history of the proxy as an HTTP archive, version 1.2.

use serde_json::Value;

use super::archive::{Archived, Side, archive};
use crate::history::{Entry, Extent, Message};

/// The archive of these entries, as they are kept; the session that each carried stands in its comment.
#[must_use]
pub fn history_har(entries: &[Entry]) -> Value {
    archive(entries.iter().map(archived))
}

fn archived(entry: &Entry) -> Archived {
    Archived {
        started: entry.started,
        duration: entry.duration,
        method: entry.method.clone(),
        url: entry.url.clone(),
        request: side(&entry.request),
        status: entry.status.unwrap_or_default(),
        response: side(&entry.response),
        error: entry.error.clone(),
        comment: entry.session.as_ref().map(|session| format!("session {session}")),
    }
}

fn side(message: &Message) -> Side {
    let comment = match message.extent {
        Extent::Whole => None,
        Extent::Cut => Some("only the beginning was kept"),
        Extent::Masked => Some("secrets were taken out"),
        Extent::Withheld => Some("it was not kept, since its encoding hides whether there are secrets in it"),
    };
    Side {
        headers: message.headers.clone(),
        body: message.decoded().into_owned(),
        size: Some(message.size),
        comment: comment.map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Write as _, time::UNIX_EPOCH};

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn entry(headers: &[(&str, &str)], body: Vec<u8>) -> Entry {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Entry {
            id: 1,
            started: UNIX_EPOCH,
            duration: None,
            method: "GET".into(),
            url: "http://shop.test/?q=1".into(),
            host: "shop.test".into(),
            status: Some(200),
            session: Some("shop/anna".into()),
            error: None,
            request: Message::default(),
            response: Message { headers, size: body.len() as u64, body, extent: Extent::Whole },
        }
    }

    #[test]
    fn an_encoded_body_is_decoded_and_one_that_is_no_text_is_base64() {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(b"hello").unwrap();
        let headers = [("content-encoding", "gzip"), ("content-type", "text/plain")];
        let har = history_har(&[entry(&headers, gzip.finish().unwrap()), entry(&[], vec![0xff])]);
        let first = &har["log"]["entries"][0];
        assert_eq!(first["response"]["content"]["text"], "hello");
        assert_eq!(first["response"]["content"]["mimeType"], "text/plain");
        assert_eq!(first["comment"], "session shop/anna");
        assert_eq!(first["request"]["queryString"][0]["name"], "q");
        let second = &har["log"]["entries"][1]["response"]["content"];
        assert_eq!((second["text"].as_str(), second["encoding"].as_str()), (Some("/w=="), Some("base64")));
    }

    #[test]
    fn the_archive_is_one_that_others_read() {
        let har = history_har(&[entry(&[], b"x".to_vec())]);
        let read = har::from_str(&har.to_string()).unwrap();
        assert!(matches!(read.log, har::Spec::V1_2(log) if log.entries.len() == 1));
    }
}
