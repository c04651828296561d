//! Tables of routes that stand in scripts: objects with a path and what a router needs beside it, one in another.

use super::{
    code::Code,
    find::{Find, What},
    template::{join, template},
    tokens::Kind,
};

/// The views that the tables of a script name.
pub(super) fn tables(code: &Code<'_, '_>) -> Vec<Find> {
    let mut finds = Vec::new();
    // The routes around: where each ends, and its path.
    let mut around: Vec<(usize, String)> = Vec::new();
    for at in 0..code.tokens.len() {
        around.retain(|(end, _)| at < *end);
        let found = match code.kind(at) {
            Some(Kind::Sign("{")) => route(code, at),
            Some(Kind::Word("path")) if code.is(at + 1, "=") => element(code, at),
            Some(Kind::Sign("(")) => file_route(code, at),
            _ => None,
        };
        let Some(path) = found else { continue };
        let full = join(around.last().map_or("", |(_, path)| path), &path);
        if code.is(at, "{") {
            around.push((code.pair(at), full.clone()));
        }
        if !full.contains('*') {
            let line = code.tokens.get(at).map_or(0, |token| token.line);
            finds.push(Find::new(What::Route, full).at(line));
        }
    }
    finds
}

/// The path of an object that describes a view.
fn route(code: &Code<'_, '_>, open: usize) -> Option<String> {
    let members = code.members(open);
    let path = members.iter().find(|(name, _)| *name == "path").and_then(|(_, at)| code.text(*at))?;
    let is_view = members.iter().any(|(name, _)| BESIDE.contains(name));
    (is_view && is_route_path(path)).then(|| template(path))
}

/// `<Route path="/x" …>` in sources.
fn element(code: &Code<'_, '_>, at: usize) -> Option<String> {
    let before = at.saturating_sub(NEAR)..at;
    let is_route = before
        .rev()
        .any(|i| code.word(i).is_some_and(|w| w.ends_with("Route")) && i > 0 && code.is(i - 1, "<"));
    let text = code.text(at + 2).or_else(|| code.text(at + 3)).filter(|_| is_route)?;
    is_route_path(text).then(|| template(text))
}

/// `createFileRoute("/posts/$id")`.
fn file_route(code: &Code<'_, '_>, open: usize) -> Option<String> {
    let name = open.checked_sub(1).and_then(|at| code.word(at))?;
    let text = code.text(open + 1).filter(|_| matches!(name, "createFileRoute" | "createLazyFileRoute"))?;
    is_route_path(text).then(|| template(text))
}

fn is_route_path(path: &str) -> bool {
    path.len() < 160
        && !path.contains("://")
        && !path.contains(|c: char| c.is_whitespace() || "<>\"'^|`;,=".contains(c))
        && !path.starts_with('.')
}

const BESIDE: &[&str] = &[
    "component",
    "components",
    "Component",
    "element",
    "children",
    "redirectTo",
    "redirect",
    "loadChildren",
    "loadComponent",
    "canActivate",
    "canMatch",
    "pathMatch",
    "lazy",
    "loader",
    "render",
    "routes",
    "errorElement",
    "ErrorBoundary",
    "matcher",
    "templateUrl",
    "controller",
    "beforeEnter",
    "getComponent",
    "layout",
    "view",
    "screen",
    "page",
    "exact",
];
const NEAR: usize = 16;

#[cfg(test)]
mod tests {
    use super::{super::tokens::tokens, *};

    fn routes(source: &str) -> Vec<String> {
        let tokens = tokens(source);
        tables(&Code::new(&tokens)).into_iter().map(|find| find.target).collect()
    }

    #[test]
    fn views_are_found_below_the_views_around_them() {
        let source = r#"[{path:"administration",component:a,canActivate:[b]},{path:"user/:id",component:c,
            children:[{path:"",component:d},{path:"orders/:order(\\d+)?",component:e}]},{path:"**",component:f}]"#;
        assert_eq!(
            routes(source),
            ["/administration", "/user/{id}", "/user/{id}", "/user/{id}/orders/{order}"]
        );
    }

    #[test]
    fn elements_and_files_are_views_too() {
        assert_eq!(routes(r#"<Route exact path="/users/:id" element={<A/>} />"#), ["/users/{id}"]);
        assert_eq!(routes(r#"jsx(B,{path:"/x/*",element:c})"#), [""; 0]);
        assert_eq!(routes(r#"createFileRoute("/posts/$id")({})"#), ["/posts/{id}"]);
    }

    #[test]
    fn a_path_of_something_else_is_no_view() {
        assert_eq!(routes(r#"({path:"/tmp/x",mode:"r"});({path:"M0 0L1 1",component:a})"#), [""; 0]);
    }
}
