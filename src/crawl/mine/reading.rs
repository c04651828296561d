//! Reads a text by its kind: what it names, and the values in it.

use serde::Deserialize;
use serde_json::Value;

use super::{
    description::description,
    find::{Find, What},
    html::html,
    json::json,
    lists::{robots, sitemap},
    pit::{Text, TextKind},
    script::script,
    source_map::source_map,
    template::template,
};

/// What one text gave.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) finds: Vec<Find>,
    /// For sources within a source map, their names; else empty, or one for all.
    pub(super) sources: Vec<String>,
    /// What relative addresses start from, where the text says so.
    pub(super) base: Option<String>,
    /// The JSON in it, or all of it where it is JSON.
    pub(super) values: Vec<Value>,
    /// How the page's router writes addresses.
    pub(super) mode: Option<Mode>,
}

/// How a router writes addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Mode {
    /// `/#/path`.
    Hash,
    /// `/#!/path`.
    Bang,
    /// `/path`.
    History,
    /// Nobody told.
    #[default]
    #[serde(other)]
    Unknown,
}

/// What the script in the page tells of its router.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Told {
    routes: Vec<String>,
    scripts: Vec<String>,
    mode: Mode,
    base: String,
}

/// Reads a text; this may take its time.
pub(super) fn reading(text: &Text) -> Reading {
    let body = String::from_utf8_lossy(&text.body);
    let plain = |finds| Reading { finds, ..Reading::default() };
    let mut reading = match text.kind {
        TextKind::Script => plain(script(&body)),
        TextKind::Html => {
            let found = html(&body);
            Reading { finds: found.finds, base: found.base, values: found.values, ..Reading::default() }
        }
        TextKind::Json | TextKind::Description => interface(&body),
        TextKind::Router => router(&body),
        TextKind::SourceMap => {
            let (sources, finds) = source_map(&body).into_iter().unzip();
            Reading { finds, sources, ..Reading::default() }
        }
        TextKind::Robots => plain(robots(&body)),
        TextKind::Sitemap => plain(sitemap(&body)),
        TextKind::Other => Reading::default(),
    };
    reading.finds.extend(text.finds.iter().cloned());
    reading
}

/// A JSON document: a description of an interface, or one with links and values.
fn interface(body: &str) -> Reading {
    let described =
        (body.contains("openapi") || body.contains("swagger")).then(|| description(body)).flatten();
    if let Some(finds) = described {
        return Reading { finds, ..Reading::default() };
    }
    let value: Option<Value> = serde_json::from_str(body).ok();
    let finds = value.as_ref().map(json).unwrap_or_default();
    Reading { finds, values: value.into_iter().collect(), ..Reading::default() }
}

fn router(body: &str) -> Reading {
    let told: Told = serde_json::from_str(body).unwrap_or_default();
    let base = told.base.trim_end_matches(['/', '#']).to_owned();
    let routes = told.routes.iter().map(|route| template(route)).filter(|route| !route.contains('*'));
    let below = |route: String| if told.mode == Mode::History { format!("{base}{route}") } else { route };
    let routes = routes.map(|route| Find::new(What::Route, below(route)));
    let scripts = told.scripts.iter().map(|script| Find::new(What::Script, script));
    Reading { finds: routes.chain(scripts).collect(), mode: Some(told.mode), ..Reading::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_router_tells_is_put_below_its_base() {
        let found =
            router(r#"{"routes":["/a/:id","/*","b"],"scripts":["/x.js"],"mode":"history","base":"/app/"}"#);
        let targets: Vec<&str> = found.finds.iter().map(|f| f.target.as_str()).collect();
        assert_eq!(targets, ["/app/a/{id}", "/app/b", "/x.js"]);
        assert_eq!(found.mode, Some(Mode::History));
        assert_eq!(router(r#"{"mode":""}"#).mode, Some(Mode::Unknown));
    }
}
