//! Headers of answers that name addresses.

use http::{
    HeaderMap,
    header::{
        CONTENT_LOCATION, CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_REPORT_ONLY, LINK, LOCATION,
        REFRESH,
    },
};

use super::find::{Find, What};

/// The addresses in the headers of an answer.
pub(super) fn headers(headers: &HeaderMap) -> Vec<Find> {
    let texts = |name: &str| -> Vec<String> {
        headers.get_all(name).iter().filter_map(|v| v.to_str().ok()).map(str::to_owned).collect()
    };
    let mut finds = Vec::new();
    finds.extend(texts(LINK.as_str()).iter().flat_map(|text| links(text)));
    for name in [LOCATION, CONTENT_LOCATION] {
        finds.extend(texts(name.as_str()).iter().map(|target| Find::new(What::Page, target)));
    }
    for text in texts(REFRESH.as_str()) {
        finds.extend(refresh(&text).map(|target| Find::new(What::Page, target)));
    }
    for name in ["sourcemap", "x-sourcemap"] {
        finds.extend(texts(name).iter().map(|target| Find::new(What::SourceMap, target)));
    }
    for name in [CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_REPORT_ONLY] {
        finds.extend(texts(name.as_str()).iter().flat_map(|text| report_uris(text)));
    }
    finds.extend(texts("reporting-endpoints").iter().flat_map(|text| quoted(text)).map(report));
    finds
}

/// `<address>; rel=…`, parted by commas.
fn links(text: &str) -> Vec<Find> {
    let one = |part: &str| {
        let (target, rest) = part.split_once('>')?;
        let rest = rest.split('<').next().unwrap_or_default().to_ascii_lowercase();
        let what = match () {
            () if rest.contains("preconnect") || rest.contains("dns-prefetch") => return None,
            () if rest.contains("service-desc") => What::Description,
            () if rest.contains("modulepreload") || rest.contains("as=script") => What::Script,
            () if rest.contains("preload") => What::Word,
            () => What::Page,
        };
        Some(Find::new(what, target))
    };
    text.split('<').skip(1).filter_map(one).collect()
}

/// The address in `5; url=/next`.
pub(super) fn refresh(text: &str) -> Option<&str> {
    let at = text.to_ascii_lowercase().find("url=")? + "url=".len();
    text.get(at..).map(|url| url.trim().trim_matches(['"', '\'']))
}

fn report_uris(policy: &str) -> Vec<Find> {
    let directives =
        policy.split(';').map(str::trim).filter_map(|directive| directive.strip_prefix("report-uri"));
    directives.flat_map(str::split_whitespace).map(|uri| report(uri.to_owned())).collect()
}

fn report(target: String) -> Find {
    Find::new(What::Call, target).by("POST")
}

fn quoted(text: &str) -> Vec<String> {
    text.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn all_headers_that_name_addresses_are_read() {
        let mut map = HeaderMap::new();
        for (name, value) in [
            (
                "link",
                "</api/items?page=2>; rel=\"next\", </spec.json>; rel=service-desc, <https://cdn>; rel=preconnect",
            ),
            ("location", "/moved"),
            ("refresh", "0; URL='/soon'"),
            ("sourcemap", "a.js.map"),
            ("content-security-policy", "default-src 'self'; report-uri /csp /csp2"),
            ("reporting-endpoints", "main=\"/reports\""),
        ] {
            map.append(name, HeaderValue::from_static(value));
        }
        let found: Vec<String> =
            headers(&map).into_iter().map(|f| format!("{:?} {}", f.what, f.target)).collect();
        assert_eq!(
            found,
            [
                "Page /api/items?page=2",
                "Description /spec.json",
                "Page /moved",
                "Page /soon",
                "SourceMap a.js.map",
                "Call /csp",
                "Call /csp2",
                "Call /reports"
            ]
        );
    }
}
