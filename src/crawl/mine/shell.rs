//! Tells answers that mean something from those that are given to whatever is asked.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use http::header::LOCATION;

use super::answer::Answer;

/// What can be compared of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    status: u16,
    kind: String,
    location: String,
    body: u64,
    length: usize,
    title: String,
}

impl Shape {
    pub(super) fn of(answer: &Answer) -> Self {
        let text = String::from_utf8_lossy(&answer.body);
        let own = answer.url.path();
        let name = own.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let location = answer.headers.get(LOCATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let masked = mask(&text, own, name);
        let mut hasher = DefaultHasher::new();
        masked.hash(&mut hasher);
        let kind = answer.content_type().to_owned();
        let title = text.split("<title").nth(1).and_then(|rest| rest.split("</title").next());
        Self {
            status: answer.status,
            kind,
            location: mask(location, own, name),
            body: hasher.finish(),
            length: masked.len(),
            title: mask(title.unwrap_or_default(), own, name),
        }
    }

    /// Whether an answer is the same as this one but for the address that was asked for.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let is_near = self.kind.contains("html")
            && self.title == other.title
            && self.length.abs_diff(other.length) * 50 <= self.length.max(other.length);
        self.status == other.status
            && self.kind == other.kind
            && self.location == other.location
            && (self.body == other.body || is_near)
    }
}

/// A text without the address that was asked for, and without what the address is called in it.
fn mask(text: &str, path: &str, name: &str) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
    let text = text.replace(&encoded, "…").replace(path, "…");
    if name.len() < 3 { text } else { text.replace(name, "…") }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header::CONTENT_TYPE};

    use super::*;

    fn shape(path: &str, status: u16, kind: &'static str, body: String) -> Shape {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        let url = url::Url::parse("http://a").unwrap().join(path).unwrap();
        Shape::of(&Answer { url, status, headers, body: body.into(), truncated: false })
    }

    #[test]
    fn an_answer_that_only_repeats_the_address_is_like_any_other() {
        let page =
            |path: &str| shape(path, 200, "text/html", format!("<title>Shop</title><p>No {path} here"));
        assert!(page("/a/b").is_like(&page("/a/x9f")));
        let json = |path: &str| shape(path, 200, "application/json", format!("{{\"asked\":\"{path}\"}}"));
        assert!(json("/a/b").is_like(&json("/a/x9f")));
    }

    #[test]
    fn another_status_kind_or_content_is_an_answer_of_its_own() {
        let any = shape("/a/x9f", 200, "text/html", "<title>Shop</title>".into());
        assert!(!shape("/a/b", 401, "text/html", "<title>Shop</title>".into()).is_like(&any));
        assert!(!shape("/a/b", 200, "text/html", "<title>Admin</title>".into()).is_like(&any));
        assert!(!shape("/a/b", 200, "application/json", "[]".into()).is_like(&any));
    }
}
