//! The variables of a command that is run logged in.

use std::{
    ffi::OsString,
    net::SocketAddr,
    path::{Path, absolute},
};

use anyhow::Result;

use super::wire::Wire;
use crate::{handover::HeaderLines, session::Reference, site::Origin};
use url::Url;

/// Names and values, in the order in which they were set.
pub(super) type Variables = Vec<(&'static str, OsString)>;

/// What leads a command's requests through the proxy, and lets it trust the certificates there.
///
/// `bundle` holds the system's certificates and the proxy's own, `authority` the proxy's alone, and `wgetrc` names the
/// bundle to wget.
pub(super) fn proxied(address: SocketAddr, bundle: &Path, authority: &Path, wgetrc: &Path) -> Variables {
    let url = format!("http://{address}");
    let ways = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];
    let files = [
        "SSL_CERT_FILE",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "GIT_SSL_CAINFO",
        "AWS_CA_BUNDLE",
        "PIP_CERT",
        "HTTPLIB2_CA_CERTS",
        "CARGO_HTTP_CAINFO",
        "DENO_CERT",
        "PERL_LWP_SSL_CA_FILE",
    ];
    let mut all: Variables = ways.map(|name| (name, url.clone().into())).into();
    all.extend(files.map(|name| (name, bundle.into())));
    // Node adds to what it trusts, and heeds the proxy when it is told.
    all.push(("NODE_EXTRA_CA_CERTS", authority.into()));
    all.push(("NODE_USE_ENV_PROXY", "1".into()));
    all.push(("WGETRC", wgetrc.into()));
    // What is under test is often on loopback, which many leave out.
    all.extend(["NO_PROXY", "no_proxy"].map(|name| (name, OsString::new())));
    all.push(("HANDSTAMP_PROXY", url.into()));
    all
}

/// The headers of a request to `url`, for what sets them itself.
pub(super) fn headers(url: &Url, lines: &HeaderLines) -> Variables {
    let mut all: Variables = vec![("HANDSTAMP_URL", url.as_str().into())];
    let text: Vec<_> = lines.iter().map(|(name, value)| format!("{name}: {}", value.expose())).collect();
    all.push(("HANDSTAMP_HEADERS", text.join("\n").into()));
    for (variable, name) in [
        ("HANDSTAMP_COOKIE", "Cookie"),
        ("HANDSTAMP_AUTHORIZATION", "Authorization"),
        ("HANDSTAMP_USER_AGENT", "User-Agent"),
    ] {
        all.extend(lines.get(name).map(|value| (variable, value.expose().into())));
    }
    // ZAP takes one header: the one that carries most.
    let others = || lines.iter().find(|(name, _)| !["Cookie", "User-Agent"].contains(name));
    let named = |wanted: &str| lines.iter().find(|(name, _)| *name == wanted);
    if let Some((name, value)) = named("Authorization").or_else(others).or_else(|| named("Cookie")) {
        all.push(("ZAP_AUTH_HEADER", name.into()));
        all.push(("ZAP_AUTH_HEADER_VALUE", value.expose().into()));
        all.extend(Origin::of(url).map(|origin| ("ZAP_AUTH_HEADER_SITE", origin.host().into())));
    }
    all
}

/// What lets handstamp itself, and what stands in for drivers, find the session.
pub(super) fn own(wire: &Wire, session: &Reference) -> Result<Variables> {
    let name = match session {
        Reference::Name(name) => name.into(),
        Reference::File(file) => absolute(file)?.into_os_string(),
    };
    let home = absolute(&wire.environment.home)?;
    let mut all: Variables = vec![("HANDSTAMP_SESSION", name), ("HANDSTAMP_HOME", home.into())];
    if let Some(config) = wire.config_file() {
        all.push(("HANDSTAMP_CONFIG", absolute(config)?.into()));
    }
    Ok(all)
}
