//! Reads and writes a URL as a string, for `#[serde(with)]`.

use serde::{Deserialize, Deserializer, Serializer, de};
use url::Url;

pub(super) fn serialize<S: Serializer>(url: &Url, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(url.as_str())
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
    Url::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
}
