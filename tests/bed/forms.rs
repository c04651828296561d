//! What the forms of the test-bed take, and what they say when they do not.

use std::collections::HashMap;

/// Says why the form `name` does not take what was sent; `Ok` holds what was found.
pub(crate) fn check(
    name: &str,
    query: &str,
    content_type: &str,
    body: &[u8],
) -> Result<&'static str, String> {
    let sent = Sent::read(query, content_type, body);
    let verdict = match name {
        "plain" => sent.all(&[("fullname", "^.{2,}$"), ("mail", "^[^@]+@[^@]+$")]),
        "types" => sent.all(&[
            ("day", r"^\d{4}-\d\d-\d\d$"),
            ("at", r"^\d\d:\d\d"),
            ("moment", r"^\d{4}-\d\d-\d\dT"),
            ("month", r"^\d{4}-\d\d$"),
            ("week", r"^\d{4}-W\d\d$"),
            ("many", "^[369]$"),
            ("site", "^https?://"),
            ("phone", r"^\+?\d+$"),
        ]),
        "pattern" => sent.all(&[
            ("reference", r"^[A-Z]{2}-\d{4}$"),
            ("colour", "^(red|green|blue)$"),
            ("plate", "^[A-Z]{1,3} [0-9]{1,4}[A-Z]?$"),
        ]),
        "lengths" => sent.all(&[("story", "^(?s).{60,80}$"), ("short", "^.{1,3}$")]),
        "pseudo" => sent.all(&[("street", ".+"), ("town", ".+")]),
        "confirm" => sent
            .all(&[("email", "@"), ("password", "^.{8,}$")])
            .and_then(|()| sent.same("email", "email2"))
            .and_then(|()| sent.same("password", "password2")),
        "rules" => sent.all(&[("username", ".+"), ("password", "^.{20,}$")]),
        "enrol" => sent
            .all(&[("person", ".+"), ("mail", "@"), ("password", "^.{16,}$")])
            .map_err(|_| "password: must be at least 16 characters long".into()),
        "told-by-answer" => sent
            .all(&[("nickname", "^.{15,17}$")])
            .map_err(|_| "nickname: must be between 15 and 17 characters long".into()),
        "told-by-alert" => {
            sent.all(&[("invoice", "^INV-.+")]).map_err(|_| "Invoice must start with INV-".into())
        }
        "format" => sent.all(&[("when", r"^\d\d\.\d\d\.\d{4}$")]),
        "choice" => sent.all(&[("size", "^s$"), ("pack", "^(box|bag)$"), ("terms", "yes")]),
        "dependent" => sent.all(&[("country", "^(de|fr)$"), ("town", "^(Ulm|Jena|Nice|Lille)$")]),
        "drawn" => sent.all(&[("title", ".+"), ("question", ".+")]),
        "upload" => sent.file("picture", "image/png", b"\x89PNG"),
        "upload-hidden" => sent.file("list", "text/csv", b""),
        "upload-drop" => sent.file("file", "", b""),
        "taken" => sent.all(&[("username", r"\d{4}")]).map_err(|_| "user name taken".into()),
        "dictionary" => sent.all(&[("code", "^(FROST-19|HAIL-42)$")]),
        "editor" => sent.all(&[("text", ".+")]),
        "wizard" => sent.all(&[("street", ".+"), ("zip", r"\d"), ("mail", "@")]),
        "given" => sent.all(&[("customer", "^4711-XY$")]),
        "typed" => sent.all(&[("text", "^.{5,}$")]),
        "controlled" => sent.all(&[("label", ".+")]),
        "age" => sent.all(&[("years", "^3[0-9]|40$")]),
        "enter" => sent.all(&[("item", ".+")]),
        "two-ways" => sent.all(&[("headline", ".+"), ("way", "^(draft|publish)$")]),
        "query" => sent.all(&[("from", r"^\d{2,}$")]),
        "late-errors" => sent.all(&[("account", r"^DE\d{8}$"), ("holder", "^[A-Za-z ]{5,}$")]),
        "switch" => sent.all(&[("alias", ".+")]),
        _ => Err(format!("there is no form `{name}`")),
    };
    verdict.map(|()| match sent.fields.get("way").map(String::as_str) {
        Some("draft") => "draft",
        Some("publish") => "publish",
        _ => "it",
    })
}

/// Answers that pages of the group ask for.
pub(crate) fn answer(path: &str, query: &str) -> Option<(u16, &'static str, String)> {
    let body = match path {
        "/forms/towns.json" if query.contains("fr") => r#"["Nice", "Lille"]"#,
        "/forms/towns.json" => r#"["Ulm", "Jena"]"#,
        "/forms/vouchers.json" => r#"{"data": [{"voucher_code": "FROST-19"}, {"voucher_code": "HAIL-42"}]}"#,
        "/forms/plants.json" if query.is_empty() || query.to_lowercase().contains("gentian") => {
            r#"[{"name": "Gentian"}]"#
        }
        "/forms/plants.json" => "[]",
        _ => return None,
    };
    Some((200, "application/json", body.to_owned()))
}

/// What a form sent.
#[derive(Debug, Default)]
struct Sent {
    fields: HashMap<String, String>,
    /// By field: media type and content.
    files: HashMap<String, (String, Vec<u8>)>,
}

impl Sent {
    fn read(query: &str, content_type: &str, body: &[u8]) -> Self {
        let mut sent = Self::default();
        sent.take_pairs(query.as_bytes());
        if content_type.starts_with("application/json") {
            let value: serde_json::Map<String, serde_json::Value> =
                serde_json::from_slice(body).unwrap_or_default();
            let text =
                |value: serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            sent.fields.extend(value.into_iter().map(|(name, value)| (name, text(value))));
        } else if let Some((_, boundary)) = content_type.split_once("boundary=") {
            sent.take_parts(boundary, body);
        } else {
            sent.take_pairs(body);
        }
        sent
    }

    fn take_pairs(&mut self, text: &[u8]) {
        self.fields.extend(url::form_urlencoded::parse(text).into_owned());
    }

    fn take_parts(&mut self, boundary: &str, body: &[u8]) {
        let text = String::from_utf8_lossy(body).into_owned();
        for part in text.split(&format!("--{boundary}")) {
            let Some((head, content)) = part.split_once("\r\n\r\n") else { continue };
            let Some(name) = between(head, " name=\"", "\"") else { continue };
            let content = content.trim_end_matches("\r\n").to_owned();
            if head.contains("filename=\"") {
                let kind = head.split("Content-Type: ").nth(1).unwrap_or_default().trim().to_owned();
                self.files.insert(name.to_owned(), (kind, content.into_bytes()));
            } else {
                self.fields.insert(name.to_owned(), content);
            }
        }
    }

    fn all(&self, wanted: &[(&str, &str)]) -> Result<(), String> {
        for (name, pattern) in wanted {
            let value = self.fields.get(*name).map(String::as_str).unwrap_or_default();
            let pattern = regex::Regex::new(pattern).map_err(|error| error.to_string())?;
            if !pattern.is_match(value) {
                return Err(format!("{name} is not valid"));
            }
        }
        Ok(())
    }

    fn same(&self, one: &str, other: &str) -> Result<(), String> {
        let is_same = self.fields.contains_key(one) && self.fields.get(one) == self.fields.get(other);
        is_same.then_some(()).ok_or_else(|| format!("{one} and {other} differ"))
    }

    fn file(&self, name: &str, kind: &str, head: &[u8]) -> Result<(), String> {
        let Some((given, content)) = self.files.get(name) else { return Err(format!("{name} is missing")) };
        let head = String::from_utf8_lossy(head).into_owned().into_bytes();
        let is_good = given.starts_with(kind) && content.starts_with(&head) && !content.is_empty();
        is_good.then_some(()).ok_or_else(|| format!("{name} is no {kind}"))
    }
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(from)?;
    rest.split_once(to).map(|(inner, _)| inner)
}
