//! Crawls as several users: who reaches what, and what each is given of the others'.

#![allow(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

#[path = "access/house.rs"]
mod house;
#[path = "access/shop.rs"]
mod shop;
mod support;

use serde_json::Value;
use support::{Place, Running};

/// What was found out about one user's requests of a path, sent as another.
fn verdict(access: &Value, owner: &str, other: &str, path: &str) -> String {
    let found = access["findings"].as_array().unwrap().iter().find(|finding| {
        let route = finding["route"].as_str().unwrap();
        finding["owner"] == owner
            && finding["as"] == other
            && route.ends_with(path)
            && finding["method"] == "GET"
    });
    found.map_or_else(|| "missing".to_owned(), |finding| finding["verdict"].as_str().unwrap().to_owned())
}

/// How a user got on with an endpoint, in the matrix.
fn reach(access: &Value, user: &str, path: &str) -> String {
    let rows = access["endpoints"].as_array().unwrap();
    let row = rows.iter().find(|row| row["route"].as_str().unwrap().ends_with(path)).expect(path);
    let cell = row["users"].as_array().unwrap().iter().find(|cell| cell["user"] == user).unwrap();
    cell["reach"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "crawls for a minute or two; run by make test-crawl"]
async fn broken_access_control_is_told_from_what_is_meant() {
    let _slot = support::slot().await;
    let world = house::open().await;
    let place = Place::new();
    std::fs::write(place.path("house.yaml"), house::config(&world)).unwrap();
    let (config, out) = (place.path("house.yaml"), std::path::PathBuf::from(place.path("out")));
    let start = world.url("/");
    let args = [
        "crawl",
        &start,
        "--users",
        "anonymous,alice,bob,root",
        "--config",
        &config,
        "--output",
        out.to_str().unwrap(),
        "--max-duration",
        "110s",
    ];
    let mut running = Running::start(place.command(&args));
    for user in ["anonymous", "alice", "bob"] {
        running.has_said(&format!("{user}: ")).await;
    }
    let ran = running.end().await.ends_with(0);
    let access: Value = serde_json::from_slice(&std::fs::read(out.join("access.json")).unwrap()).unwrap();
    let told = |owner, other, path| verdict(&access, owner, other, path);
    let expected = [
        // Somebody's order is given to everybody who is logged in.
        ("alice", "bob", "/api/orders/{n}", "suspicious"),
        ("bob", "alice", "/api/orders/{n}", "suspicious"),
        ("alice", "anonymous", "/api/orders/{n}", "enforced"),
        // Notes are not.
        ("alice", "bob", "/api/notes/{n}", "enforced"),
        // What is for administrators is given to all users, to none of them, to everybody.
        ("root", "alice", "/api/admin/users", "suspicious"),
        ("root", "anonymous", "/api/admin/users", "enforced"),
        ("root", "alice", "/api/admin/log", "enforced"),
        ("root", "anonymous", "/api/admin/export", "open"),
        ("root", "bob", "/api/admin/export", "open"),
        // Everybody gets the same, all users get the same, each gets one's own.
        ("alice", "anonymous", "/about", "open"),
        ("alice", "bob", "/api/weather", "open"),
        ("alice", "bob", "/news", "shared"),
        ("alice", "bob", "/api/me", "own"),
        ("alice", "anonymous", "/account", "enforced"),
        ("root", "alice", "/admin", "enforced"),
        ("alice", "bob", "/api/dice", "unstable"),
    ];
    let wrong: Vec<String> = expected
        .iter()
        .filter(|(owner, other, path, verdict)| told(owner, other, path) != *verdict)
        .map(|(owner, other, path, verdict)| {
            format!("{owner} as {other} {path}: {} instead of {verdict}", told(owner, other, path))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}\n{}", ran.out);
    // What the other user's crawl did not come to cannot be known to be meant for that user.
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    let is_known = |f: &&Value| {
        let path = text(f, "route").replace(&world.url(""), "");
        LEAKS.contains(&path.as_str()) || reach(&access, &text(f, "as"), &path) == "reached"
    };
    let findings = access["findings"].as_array().unwrap().iter();
    let suspicious = findings.filter(|f| f["verdict"] == "suspicious").filter(is_known);
    let routes: std::collections::BTreeSet<String> =
        suspicious.map(|f| text(f, "route").replace(&world.url(""), "")).collect();
    assert_eq!(routes.into_iter().collect::<Vec<_>>(), LEAKS, "no false alarm\n{}", ran.out);
    assert_eq!(reach(&access, "root", "/api/admin/log"), "reached");
    assert_eq!(reach(&access, "alice", "/api/admin/log"), "-");
    assert_eq!(reach(&access, "anonymous", "/api/weather"), "reached");
    ran.says("reached 200").says("suspicious");
    secrets_do_not_show(&out);
    let writes = world.take().into_iter().filter(|got| got.method != "GET" && got.target != "/login");
    assert_eq!(writes.count(), 0, "replays only read");
}

/// Looks for what stands in the cookies and in the passwords, in all files but pictures.
fn secrets_do_not_show(folder: &std::path::Path) {
    let mut folders = vec![folder.to_owned()];
    let mut count = 0;
    while let Some(next) = folders.pop() {
        for path in std::fs::read_dir(next).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() && !path.ends_with("screenshots") {
                folders.push(path);
            } else if path.is_file() {
                let text = std::fs::read_to_string(&path).unwrap();
                let shown =
                    ["-secret-session", "-long-password"].iter().find(|secret| text.contains(*secret));
                assert_eq!(shown, None, "{}", path.display());
                count += 1;
            }
        }
    }
    assert!(count > 20, "{count} files were looked at");
}

/// What leaks in the house.
const LEAKS: [&str; 2] = ["/api/admin/users", "/api/orders/{n}"];
