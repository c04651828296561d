//! Makes whole addresses of what was written, gaps included.

use url::Url;

/// The whole address of a target as a template; nothing where it makes none.
///
/// What stands in front of the first slash and is unknown is taken to be the place of the application itself.
pub(super) fn resolve(base: &Url, target: &str) -> Option<String> {
    let target = target.trim();
    let target = match target.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
        Some((_, rest)) if rest.starts_with('/') => rest,
        _ => target,
    };
    let target = unknown_host(target).unwrap_or(target);
    let url = base.join(&veil(target)).ok()?;
    matches!(url.scheme(), "http" | "https" | "ws" | "wss").then(|| unveil(url.as_str()))
}

/// A template as an address, with the gaps as words.
pub(super) fn veiled(template: &str) -> Option<Url> {
    Url::parse(&veil(template)).ok()
}

/// The path of an address whose host is unknown: `https://{host}/x` is `/x`.
fn unknown_host(target: &str) -> Option<&str> {
    let (_, rest) = target.split_once("://")?;
    let end = rest.find('/').unwrap_or(rest.len());
    rest[..end].contains('{').then(|| &rest[end..])
}

fn veil(target: &str) -> String {
    target.replace('{', BEGIN).replace('}', END)
}

fn unveil(url: &str) -> String {
    url.replace(BEGIN, "{").replace(END, "}")
}

const BEGIN: &str = "~-gap.";
const END: &str = ".gap-~";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_made_whole_and_keep_their_gaps() {
        let base = Url::parse("http://a.example/app/index.html?x=1#/y").unwrap();
        for (target, whole) in [
            ("./rest/user/{id}", Some("http://a.example/app/rest/user/{id}")),
            ("{host}/rest/x?q={q}", Some("http://a.example/rest/x?q={q}")),
            ("https://{host}:{port}/api/x", Some("http://a.example/api/x")),
            ("wss://b.example/live", Some("wss://b.example/live")),
            ("#/z", Some("http://a.example/app/index.html?x=1#/z")),
            ("mailto:x@y", None),
        ] {
            assert_eq!(resolve(&base, target).as_deref(), whole, "{target}");
        }
    }
}
