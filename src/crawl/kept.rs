//! How parts of a crawl are written down that have no form of their own.

/// Headers as a list of names and values.
pub(super) mod headers {
    use http::{HeaderMap, HeaderName, HeaderValue};
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    pub(in crate::crawl) fn serialize<S: Serializer>(
        headers: &HeaderMap,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let list: Vec<(&str, String)> =
            headers.iter().map(|(name, value)| (name.as_str(), text(value))).collect();
        list.serialize(serializer)
    }

    pub(in crate::crawl) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<HeaderMap, D::Error> {
        let list = Vec::<(String, String)>::deserialize(deserializer)?;
        let pairs = list.into_iter().filter_map(|(name, value)| {
            Some((name.parse::<HeaderName>().ok()?, HeaderValue::from_str(&value).ok()?))
        });
        Ok(pairs.collect())
    }
}

/// A body as text, so that secrets in it can be masked; what is no text loses what is not.
pub(super) mod body {
    use bytes::Bytes;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(in crate::crawl) fn serialize<S: Serializer>(body: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&String::from_utf8_lossy(body))
    }

    pub(in crate::crawl) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Bytes, D::Error> {
        String::deserialize(deserializer).map(Bytes::from)
    }
}

/// A map as a list: its keys may be texts of pages, which names of members must not be.
pub(super) mod pairs {
    use std::{collections::HashMap, hash::Hash};

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(in crate::crawl) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &HashMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub(in crate::crawl) fn deserialize<'de, K, V, D>(deserializer: D) -> Result<HashMap<K, V>, D::Error>
    where
        K: Deserialize<'de> + Eq + Hash,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        Vec::<(K, V)>::deserialize(deserializer).map(|list| list.into_iter().collect())
    }
}
