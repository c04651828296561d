//! Templates of paths: in one spelling, whatever the router or the description writes.

/// The path with its parameters as `{name}`: `:id`, `:id(\d+)?`, `[id]`, `[[...all]]`, `$id` and `<int:id>` alike.
pub(super) fn template(path: &str) -> String {
    let segments = path.split('/').map(segment);
    let path = segments.collect::<Vec<_>>().join("/");
    let path = path.trim_end_matches('/');
    if path.is_empty() || path.starts_with('/') { path.to_owned() } else { format!("/{path}") }
}

fn segment(segment: &str) -> String {
    let inside = segment
        .strip_prefix(':')
        .or_else(|| segment.strip_prefix('$'))
        .or_else(|| segment.strip_prefix('[').map(|s| s.trim_matches(['[', ']', '.'])))
        .or_else(|| {
            segment
                .strip_prefix('<')
                .and_then(|s| s.strip_suffix('>'))
                .map(|s| s.rsplit(':').next().unwrap_or(s))
        });
    match inside {
        None => segment.to_owned(),
        // A group of a file router has no part in the address.
        Some(_) if segment.contains(":pathMatch") => "*".to_owned(),
        Some(name) => {
            let name: String =
                name.chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == '-').collect();
            if name.is_empty() { "*".to_owned() } else { format!("{{{name}}}") }
        }
    }
}

/// A path below another; one that begins with a slash and already holds the other stands as it is.
pub(super) fn join(above: &str, path: &str) -> String {
    if above.is_empty() || path.starts_with(&format!("{above}/")) {
        return path.to_owned();
    }
    let path = format!("{}/{}", above.trim_end_matches('/'), path.trim_start_matches('/'));
    path.trim_end_matches('/').to_owned()
}

/// The gaps of a template, by name, in order.
pub(super) fn gaps(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
}

/// The template with a gap filled.
pub(super) fn fill(template: &str, name: &str, value: &str) -> String {
    template.replacen(&format!("{{{name}}}"), value, 1)
}

/// An address whose parameters are written as a router writes them, with gaps instead.
pub(super) fn with_gaps(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").unwrap_or(("http", address));
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    format!("{scheme}://{host}{}", template(&format!("/{path}")))
}

/// Whether a template names anything beside gaps.
pub(super) fn says_something(template: &str) -> bool {
    let path =
        template.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
    let path = path.split('?').next().unwrap_or_default();
    path.split('/').any(|segment| !segment.starts_with('{') && segment.contains(char::is_alphanumeric))
}

/// A template without the names of its gaps.
pub(super) fn shape(template: &str) -> String {
    gaps(template).fold(template.to_owned(), |shape, name| shape.replacen(&format!("{{{name}}}"), "{}", 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_written_in_one_way() {
        for (written, meant) in [
            ("user/:id", "/user/{id}"),
            ("/a/:b?/c", "/a/{b}/c"),
            ("/a/:b(\\d+)", "/a/{b}"),
            ("/posts/[slug]", "/posts/{slug}"),
            ("/docs/[[...all]]", "/docs/{all}"),
            ("/x/<int:id>/", "/x/{id}"),
            ("/a/{id}", "/a/{id}"),
            ("", ""),
            ("/:pathMatch(.*)*", "/*"),
        ] {
            assert_eq!(template(written), meant);
        }
    }

    #[test]
    fn a_path_is_put_below_another_once() {
        assert_eq!(join("/a", "/b"), "/a/b");
        assert_eq!(join("/a", "/a/b"), "/a/b");
        assert_eq!(join("/a", ""), "/a");
    }
}
