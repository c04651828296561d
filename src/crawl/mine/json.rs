//! JSON: the links in it, whatever they are called.

use serde_json::Value;

use super::{
    find::{Find, What, is_method, is_path, is_relative_path, is_script},
    template::template,
};

/// The links in a JSON document: texts that are paths, and those whose names say that they are.
pub(super) fn json(value: &Value) -> Vec<Find> {
    let mut finds = Vec::new();
    walk(value, "", None, &mut finds);
    finds.truncate(MOST);
    finds
}

fn walk(value: &Value, name: &str, method: Option<&str>, finds: &mut Vec<Find>) {
    match value {
        Value::Object(members) => {
            let method = ["method", "verb", "type"].iter().filter_map(|name| members.get(*name)?.as_str());
            let method = method.into_iter().find(|text| is_method(text));
            // In HAL the name of a link stands around it.
            members.iter().for_each(|(name, member)| walk(member, name, method, finds));
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, name, method, finds)),
        Value::String(text) if finds.len() < MOST => finds.extend(link(text, name, method)),
        _ => {}
    }
}

fn link(text: &str, name: &str, method: Option<&str>) -> Option<Find> {
    // The optional part of a URI template: `/items{?page,size}`.
    let text = text.split("{?").next().unwrap_or(text).split("{&").next().unwrap_or(text);
    let name = name.to_ascii_lowercase();
    if name == "route" || name == "routes" {
        let is_route =
            (text.starts_with('/') || text.starts_with("#/")) && !text.contains(char::is_whitespace);
        let (hash, path) = if let Some(path) = text.strip_prefix('#') { ("#", path) } else { ("", text) };
        return is_route.then(|| Find::new(What::Route, format!("{hash}{}", template(path))));
    }
    if text.starts_with("#/") {
        return Some(Find::new(What::Page, text));
    }
    if is_script(text) && names_link(&name) {
        return Some(Find::new(What::Script, text));
    }
    (is_path(text) || (names_link(&name) && is_relative_path(text))).then(|| match method {
        Some(method) => Find::new(What::Call, text).by(method),
        None => Find::new(What::Word, text),
    })
}

fn names_link(name: &str) -> bool {
    [
        "href", "url", "uri", "link", "self", "next", "prev", "path", "endpoint", "action", "location",
        "src", "script",
    ]
    .iter()
    .any(|word| name.contains(word))
}

const MOST: usize = 400;

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        json(&serde_json::from_str(text).unwrap())
            .into_iter()
            .map(|f| format!("{:?} {}{}", f.what, f.method.map(|m| m + " ").unwrap_or_default(), f.target))
            .collect()
    }

    #[test]
    fn links_are_found_by_what_they_are_and_by_their_names() {
        assert_eq!(found(r#"{"_links":{"self":{"href":"/api/a/1"}}}"#), ["Word /api/a/1"]);
        assert_eq!(found(r#"{"actions":[{"method":"post","href":"/api/b"}]}"#), ["Call POST /api/b"]);
        assert_eq!(found(r#"{"next_url":"api/c?page=2","text":"a/b"}"#), ["Word api/c?page=2"]);
        assert_eq!(found(r#"{"href":"/api/d{?page,size}"}"#), ["Word /api/d"]);
        assert_eq!(
            found(r#"[{"route":"/users/:id"},{"route":"\#/x"}]"#.replace("\\#", "#").as_str()),
            ["Route /users/{id}", "Route #/x"]
        );
        assert_eq!(found(r#"{"date":"01/02/2026","type":"text/html","name":"x"}"#), [""; 0]);
    }
}
