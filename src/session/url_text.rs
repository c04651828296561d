//! Reads and writes a URL as a string, for `#[serde(with)]`.

use serde::{Deserialize, Deserializer, Serializer, de};
use url::Url;

pub(super) fn serialize<S: Serializer>(url: &Url, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(url.as_str())
}

/// The same for a URL that may be missing.
pub(super) mod optional {
    use serde::{Deserialize, Deserializer, Serializer, de};
    use url::Url;

    #[expect(clippy::ref_option, reason = "serde hands over a reference to the field")]
    pub(in crate::session) fn serialize<S: Serializer>(
        url: &Option<Url>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_some(&url.as_ref().map(Url::as_str))
    }

    pub(in crate::session) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Url>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| Url::parse(&text).map_err(de::Error::custom)).transpose()
    }
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
    Url::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
}
