//! Source maps: the sources that a bundle was made of, where they are told.

use serde_json::Value;

use super::{find::Find, script::script};

/// What the application's own sources in a source map name, each with the name of its source.
pub(super) fn source_map(text: &str) -> Vec<(String, Find)> {
    // A prefix against being run as a script.
    let text = text.strip_prefix(")]}'").unwrap_or(text);
    let Ok(map) = serde_json::from_str::<Value>(text) else { return Vec::new() };
    let sections = map["sections"].as_array().into_iter().flatten().map(|section| &section["map"]);
    std::iter::once(&map).chain(sections).flat_map(sources).collect()
}

fn sources(map: &Value) -> Vec<(String, Find)> {
    let names = map["sources"].as_array().into_iter().flatten();
    let contents = map["sourcesContent"].as_array().into_iter().flatten();
    let own = names.zip(contents).filter_map(|(name, content)| Some((name.as_str()?, content.as_str()?)));
    own.filter(|(name, _)| !is_library(name))
        .flat_map(|(name, content)| script(content).into_iter().map(|find| (name.to_owned(), find)))
        .collect()
}

fn is_library(name: &str) -> bool {
    ["node_modules", "webpack/runtime", "webpack/bootstrap", "(webpack)", "/vendor/"]
        .iter()
        .any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_sources_are_read_and_libraries_are_left() {
        let map = serde_json::json!({
            "version": 3, "sources": ["src/a.ts", "node_modules/b/c.js"],
            "sourcesContent": ["export const a = () => fetch('/api/a')", "fetch('/api/b')"],
        });
        let found = source_map(&map.to_string());
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].0.as_str(), found[0].1.target.as_str()), ("src/a.ts", "/api/a"));
        assert!(source_map("no json").is_empty());
    }
}
