//! What can be wrong with an origin that somebody wrote down.

/// Why a text is not an origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not a URL at all.
    #[error("`{text}` is not a URL\nhint: write it with its scheme, as in `https://shop.example`")]
    NotAUrl {
        /// What was read, without anything that stood before an `@`.
        text: String,
        /// What the URL parser says.
        #[source]
        source: url::ParseError,
    },
    /// The URL has no origin that a browser would send requests to.
    #[error(
        "a URL with the scheme `{scheme}` has no origin that takes requests\nhint: use `https` or `http`"
    )]
    NotHttp {
        /// The scheme that was found.
        scheme: String,
    },
}
