//! What the pages of the group `mined` need beside themselves: scripts, maps, lists and answers.

/// The answer to a path: status, content type and body.
pub(crate) fn answer(path: &str) -> Option<(u16, &'static str, String)> {
    let found = ANSWERS.iter().find(|(own, ..)| *own == path)?;
    Some((200, found.1, found.2.to_owned()))
}

const SCRIPT: &str = "text/javascript";
const JSON: &str = "application/json";
const XML: &str = "application/xml";
const PAGE: &str = "<!doctype html><title>A view</title><p>It was loaded by its address.</p>";

const ANSWERS: &[(&str, &str, &str)] = &[
    ("/mined/lazy-chunk-1f.js", SCRIPT, "export const later = () => fetch('/found/mined/lazy-chunk/it');"),
    ("/mined/webpack-a1.js", SCRIPT, "later = () => fetch('/found/mined/webpack-chunk/it');"),
    ("/mined/source-map.js", SCRIPT, "var a=1;\n//# sourceMappingURL=source-map.js.map"),
    (
        "/mined/source-map.js.map",
        JSON,
        r#"{"version":3,"sources":["src/a.ts"],"mappings":"","sourcesContent":["export const a = () => fetch('/found/mined/source-map/it');"]}"#,
    ),
    ("/robots.txt", "text/plain", "User-agent: *\nDisallow: /found/mined/robots/it\nSitemap: /sitemap.xml\n"),
    (
        "/sitemap.xml",
        XML,
        "<sitemapindex><sitemap><loc>/mined/sitemap-part.xml</loc></sitemap></sitemapindex>",
    ),
    ("/mined/sitemap-part.xml", XML, "<urlset><url><loc>/found/mined/sitemap/it</loc></url></urlset>"),
    ("/mined/json-link.json", JSON, r#"{"_links":{"self":{"href":"/found/mined/json-link/it"}}}"#),
    ("/mined/json-id/items", JSON, r#"[{"id":41,"name":"kettle"}]"#),
    ("/mined/json-id/items/41/detail", JSON, r#"{"next":"/found/mined/json-id/it"}"#),
    ("/mined/openapi.json", JSON, r#"{"openapi":"3.0.0","paths":{"/found/mined/openapi/it":{"get":{}}}}"#),
    (
        "/mined/openapi.yaml",
        "application/yaml",
        "swagger: '2.0'\nbasePath: /found\npaths:\n  /mined/openapi-yaml/it:\n    get: {}\n",
    ),
    (
        "/_next/static/b1/_buildManifest.js",
        SCRIPT,
        r#"self.__BUILD_MANIFEST={"/found/mined/next-manifest/it":["static/chunks/a.js"],sortedPages:["/_app"]}"#,
    ),
    ("/mined/vue-router.html/secret", "text/html", PAGE),
    ("/mined/react-router/secret", "text/html", PAGE),
];
