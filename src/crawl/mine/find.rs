//! What mining finds: an address as it was written somewhere, and what it seems to be.

/// An address that was read somewhere; nobody has asked for it yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Find {
    /// As it was written, possibly relative; what is not known of it stands as `{name}`.
    pub(super) target: String,
    pub(super) what: What,
    /// The method, where it is to be seen.
    pub(super) method: Option<String>,
    /// The names of what is sent in the body, as far as they can be seen.
    pub(super) fields: Vec<String>,
    /// The line that it stands on, counted from 1; 0 where there are no lines.
    pub(super) line: usize,
}

/// What an address seems to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum What {
    /// A text that looks like a path: it may be anything.
    #[default]
    Word,
    /// Something that a browser shows.
    Page,
    /// A view that the application's own router shows.
    Route,
    /// Something that a script asks for.
    Call,
    /// A WebSocket.
    Socket,
    /// A script that is loaded when it is needed.
    Script,
    /// A source map.
    SourceMap,
    /// A list of addresses: a sitemap.
    Sitemap,
    /// A description of an interface.
    Description,
}

impl Find {
    pub(super) fn new(what: What, target: impl Into<String>) -> Self {
        Self { target: target.into(), what, ..Self::default() }
    }

    pub(super) fn at(mut self, line: usize) -> Self {
        self.line = line;
        self
    }

    pub(super) fn by(mut self, method: &str) -> Self {
        self.method = Some(method.to_ascii_uppercase());
        self
    }
}

/// Whether a text names a method of HTTP, in whatever case.
pub(super) fn is_method(text: &str) -> bool {
    METHODS.iter().any(|method| method.eq_ignore_ascii_case(text))
}

/// Whether a text reads like the path of an address of the application's: `/rest/user/{id}`, `https://host/x`.
pub(super) fn is_path(text: &str) -> bool {
    let rest = match text.split_once("://") {
        Some(("http" | "https" | "ws" | "wss", rest)) => rest,
        Some(_) => return false,
        None => text.strip_prefix('.').unwrap_or(text),
    };
    // What begins with something unknown may still tell its path: `{host}/rest/user`.
    let rest = if rest.starts_with('{') { rest.split_once('}').map_or(rest, |(_, tail)| tail) } else { rest };
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    (text.contains("://") || (rest.starts_with('/') && !rest.starts_with("//")))
        && text.len() <= LONGEST
        && path.contains(|c: char| c.is_alphanumeric())
        && !rest.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\"'\\^|`()[]*;".contains(c))
        && !is_asset(path)
}

/// Whether a path that is named without a slash at its beginning is one all the same: `api/users`.
pub(super) fn is_relative_path(text: &str) -> bool {
    let path = text.split(['?', '#']).next().unwrap_or_default();
    !path.starts_with(['/', '.', '{', '-'])
        && !text.contains("://")
        && path.contains('/')
        && !path.contains("//")
        && path.starts_with(|c: char| c.is_ascii_alphabetic())
        && !MEDIA.iter().any(|kind| path.starts_with(kind))
        && is_path(&format!("/{text}"))
}

/// Whether a path ends in what pictures, styles, scripts and fonts end in.
pub(super) fn is_asset(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.')
        .is_some_and(|(_, extension)| ASSETS.contains(&extension.to_ascii_lowercase().as_str()))
}

/// Whether a path is that of a script.
pub(super) fn is_script(path: &str) -> bool {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.len() <= LONGEST
        && path.rsplit_once('.').is_some_and(|(_, extension)| matches!(extension, "js" | "mjs"))
        && !path.contains(|c: char| c.is_whitespace() || "<>*()\\^|".contains(c))
        && path.rsplit('/').next().is_some_and(|name| name.len() > ".js".len())
}

const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
const MEDIA: &[&str] = &[
    "text/",
    "application/",
    "image/",
    "audio/",
    "video/",
    "font/",
    "multipart/",
    "model/",
    "node_modules/",
];
const ASSETS: &[&str] = &[
    "js", "mjs", "cjs", "ts", "tsx", "jsx", "vue", "svelte", "css", "scss", "less", "map", "png", "svg",
    "jpg", "jpeg", "gif", "ico", "webp", "avif", "woff", "woff2", "ttf", "otf", "eot", "mp3", "mp4", "webm",
    "wasm",
];
/// Longer texts are no paths.
const LONGEST: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_from_other_texts_with_slashes() {
        for path in
            ["/rest/user/{id}", "https://a.example/x", "./rest/x", "{host}/api/x?q={q}", "ws://a/live", "/a"]
        {
            assert!(is_path(path), "{path}");
        }
        for other in [
            "/",
            "//",
            "/>",
            "a/b",
            "text/html",
            "/x y",
            "/^a/",
            "/logo.png",
            "ftp://a/b",
            "MM/dd",
            "</a>",
            "/*",
        ] {
            assert!(!is_path(other), "{other}");
        }
        assert!(is_relative_path("api/users/{id}"));
        for other in ["text/html", "api", "./x/y", "a//b", "M/d/yy h:mm", "application/json"] {
            assert!(!is_relative_path(other), "{other}");
        }
    }
}
