//! What the traps of the test-bed lead to: pages without end, and answers that come again and again.

use std::{
    fmt::Write as _,
    sync::atomic::{AtomicUsize, Ordering},
};

/// Answers what the pages of the group ask for: status, media type, content; a redirect's content is where it leads.
pub(crate) fn answer(path: &str, query: &str) -> Option<(u16, &'static str, String)> {
    let path = path.strip_prefix("/traps/")?;
    let (head, rest) = path.split_once('/').unwrap_or((path, ""));
    let html = match head {
        "calendar-links" => month(rest),
        "identifiers" => {
            plain("visit", &links(&[(format!("/traps/identifiers/{}", unique()), "Again".into())]))
        }
        "slugs" => slug(),
        "facets" => facets(query),
        "deep" => plain("deep", "<a href=\"x/\">deeper</a><a href=\"x/index\">index</a>"),
        "redirects" => {
            return Some((
                302,
                "text/html",
                format!("/traps/redirects/{}", rest.parse::<usize>().unwrap_or(0) + 1),
            ));
        }
        "alike" if rest == "left" || rest == "right" => {
            let script = format!("<button onclick=\"found('{rest}')\">Go</button>");
            titled("Alike", "", &script)
        }
        "sessions" => session(rest),
        "pager" => pager(query),
        "sorting" => table(query),
        "feed.json" => return Some((200, "application/json", feed(query))),
        "poll.json" => return Some((200, "application/json", "{}".into())),
        "day" | "month" | "count" | "word" | "row" | "setting" | "node" | "press" => {
            return Some((200, "application/json", format!("{{\"ok\": {rest:?}}}")));
        }
        _ => return None,
    };
    Some((200, "text/html", html))
}

/// A page that says by itself that it was found.
fn plain(found: &str, body: &str) -> String {
    titled(found, found, body)
}

fn titled(title: &str, found: &str, body: &str) -> String {
    let found = if found.is_empty() { String::new() } else { format!("<script>found('{found}')</script>") };
    format!(
        "<!doctype html><html lang=\"en\"><head><title>{title}</title><script src=\"/kit.js\" data-page=\"traps/{}\"></script></head>\
         <body><h1>{title}</h1>{body}{found}</body></html>",
        owner(title)
    )
}

/// The page of the bed that a generated page belongs to.
fn owner(title: &str) -> &'static str {
    match title {
        "month" => "calendar-links",
        "visit" => "identifiers",
        "slug" => "slugs",
        "facet" => "facets",
        "deep" => "deep",
        "Alike" => "alike",
        "inside" => "sessions",
        "item" => "pager",
        _ => "sorting",
    }
}

fn links(links: &[(String, String)]) -> String {
    links.iter().fold(String::new(), |mut text, (href, name)| {
        let _ = write!(text, "<p><a href=\"{href}\">{name}</a></p>");
        text
    })
}

fn month(rest: &str) -> String {
    let (year, month) = rest.split_once('/').unwrap_or(("2026", "1"));
    let at = year.parse().unwrap_or(2026) * 12 + month.parse().unwrap_or(1) - 1;
    let link = |at: i32| format!("/traps/calendar-links/{}/{}", at / 12, at % 12 + 1);
    let days = (1..=28).map(|day| (format!("{}/{day}", link(at)), day.to_string()));
    let ways = [(link(at - 1), "Previous".to_owned()), (link(at + 1), "Next".to_owned())];
    plain("month", &links(&ways.into_iter().chain(days).collect::<Vec<_>>()))
}

fn slug() -> String {
    let names: Vec<(String, String)> =
        (0..5).map(|_| words()).map(|name| (format!("/traps/slugs/{name}"), name)).collect();
    plain("slug", &links(&names))
}

fn facets(query: &str) -> String {
    let mut all = Vec::new();
    for (name, values) in [
        ("colour", ["red", "blue", "green"]),
        ("size", ["small", "medium", "large"]),
        ("make", ["oak", "ash", "elm"]),
    ] {
        let rest: Vec<&str> =
            query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with(name)).collect();
        for value in values {
            let pair = format!("{name}={value}");
            let pairs: Vec<&str> = rest.iter().copied().chain([pair.as_str()]).collect();
            all.push((format!("/traps/facets?{}", pairs.join("&amp;")), value.to_owned()));
        }
    }
    plain("facet", &links(&all))
}

fn session(rest: &str) -> String {
    let page = rest.rsplit('/').next().unwrap_or_default().to_owned();
    let next = if page == "home" { "orders" } else { "home" };
    plain("inside", &links(&[(format!("/traps/sessions/{}/{next}", unique()), next.to_owned())]))
}

fn pager(query: &str) -> String {
    let page: usize = query.strip_prefix("page=").and_then(|p| p.parse().ok()).unwrap_or(1);
    let items =
        (0..10).map(|i| (format!("/traps/pager/{}", page * 10 + i), format!("Item {}", page * 10 + i)));
    let ways = [(format!("/traps/pager?page={}", page + 1), "Next".to_owned())];
    plain("item", &links(&ways.into_iter().chain(items).collect::<Vec<_>>()))
}

fn table(query: &str) -> String {
    let dir = if query.contains("dir=asc") { "desc" } else { "asc" };
    let columns =
        ["name", "price", "date"].map(|c| (format!("/traps/sorting?sort={c}&amp;dir={dir}"), c.to_owned()));
    plain("sorted", &links(&columns))
}

fn feed(query: &str) -> String {
    let page = query.strip_prefix("page=").unwrap_or("1");
    serde_json::to_string(&(0..10).map(|i| format!("Entry {page}.{i}")).collect::<Vec<_>>())
        .unwrap_or_default()
}

/// Something that was never there before: counts up, and does not look like it.
fn unique() -> String {
    let number = COUNT.fetch_add(1, Ordering::Relaxed) as u64;
    format!("{:016x}a", number.wrapping_add(7).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

fn words() -> String {
    const WORDS: &[&str] = &[
        "amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heath", "inlet", "jetty", "knoll",
        "larch",
    ];
    let number = COUNT.fetch_add(1, Ordering::Relaxed).wrapping_mul(7919);
    [number, number / 12, number / 144, number / 1728].map(|n| WORDS[n % WORDS.len()]).join("-")
}

static COUNT: AtomicUsize = AtomicUsize::new(1);
