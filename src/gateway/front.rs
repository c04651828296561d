//! The address under which a client came in.

use http::{HeaderMap, header::HOST};
use percent_encoding::percent_decode_str;

use super::wish::Wish;

/// A path, split into what is the gateway's and what is the driver's.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Front {
    /// What stands before the commands of the standard, for example `/as/shop/anna/wd/hub`; it may be empty.
    pub(super) prefix: String,
    /// What the path says of whose session it is.
    pub(super) wish: Wish,
    /// The rest, query included, from its first stroke on.
    pub(super) path: String,
}

impl Front {
    /// Splits `/as/NAME/…` or `/as/CONTEXT/USER/…`, and `/wd/hub`, which old clients put in front, off a path.
    pub(super) fn of(path: &str) -> Self {
        let mut wish = Wish::default();
        let mut rest = path;
        if let Some(below) = path.strip_prefix("/as/") {
            let names: Vec<_> = below.split('/').take(2).take_while(|name| !is_command(name)).collect();
            let length: usize = names.iter().map(|name| name.len() + 1).sum();
            let name =
                names.iter().map(|name| percent_decode_str(name).decode_utf8_lossy()).collect::<Vec<_>>();
            if !names.is_empty() {
                wish = Wish::named(&name.join("/"));
                rest = &path[(3 + length).min(path.len())..];
            }
        }
        rest = rest.strip_prefix("/wd/hub").unwrap_or(rest);
        let prefix = path[..path.len() - rest.len()].to_owned();
        Self { prefix, wish, path: if rest.is_empty() { "/".into() } else { rest.to_owned() } }
    }

    /// The identifier in `/session/ID…`, and what stands behind it, from its first stroke on.
    pub(super) fn session(&self) -> Option<(&str, &str)> {
        let below = self.path.strip_prefix("/session/")?;
        let end = below.find(['/', '?']).unwrap_or(below.len());
        (end > 0).then(|| below.split_at(end))
    }
}

/// Where sockets of the gateway are for this client, for example `ws://127.0.0.1:4444`.
///
/// It is taken from the client's own request, forwarded ones included: no setting knows better how it came here.
pub(super) fn socket_base(headers: &HeaderMap, prefix: &str) -> Option<String> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let first = |list: &str| list.split(',').next().unwrap_or_default().trim().to_owned();
    let host = text("x-forwarded-host").map(first).or_else(|| text(HOST.as_str()).map(str::to_owned))?;
    let is_secure = text("x-forwarded-proto").is_some_and(|proto| first(proto) == "https");
    Some(format!("{}://{host}{prefix}", if is_secure { "wss" } else { "ws" }))
}

/// Whether a part of a path begins what the standard, or a grid, has under it.
fn is_command(name: &str) -> bool {
    let name = name.split('?').next().unwrap_or_default();
    matches!(name, "" | "session" | "sessions" | "status" | "wd" | "se" | "graphql")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_may_name_a_session_or_a_user_of_a_context() {
        let of = |path| {
            let front = Front::of(path);
            (front.prefix, front.wish.session.unwrap_or_default(), front.path)
        };
        let told =
            |prefix: &str, name: &str, path: &str| (prefix.to_owned(), name.to_owned(), path.to_owned());
        for (path, expected) in [
            ("/session", told("", "", "/session")),
            ("/wd/hub/session/1/url?x=1", told("/wd/hub", "", "/session/1/url?x=1")),
            ("/as/shop/session", told("/as/shop", "shop", "/session")),
            (
                "/as/shop/an%20na/wd/hub/session/1",
                told("/as/shop/an%20na/wd/hub", "shop/an na", "/session/1"),
            ),
            ("/as/shop/status", told("/as/shop", "shop", "/status")),
            ("/as/shop/anna", told("/as/shop/anna", "shop/anna", "/")),
            ("/as/", told("", "", "/as/")),
        ] {
            assert_eq!(of(path), expected, "{path}");
        }
    }

    #[test]
    fn a_session_stands_behind_its_word() {
        assert_eq!(Front::of("/session/1a/url?x").session(), Some(("1a", "/url?x")));
        assert_eq!(Front::of("/session/1a").session(), Some(("1a", "")));
        assert_eq!(Front::of("/session").session(), None);
    }

    #[test]
    fn sockets_are_where_the_client_came_in() {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, "gateway:4444".parse().unwrap());
        assert_eq!(socket_base(&headers, "/wd/hub").unwrap(), "ws://gateway:4444/wd/hub");
        headers.insert("x-forwarded-host", "outer.test, gateway".parse().unwrap());
        headers.insert("x-forwarded-proto", "https".parse().unwrap());
        assert_eq!(socket_base(&headers, "").unwrap(), "wss://outer.test");
    }
}
