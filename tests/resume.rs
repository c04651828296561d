//! A crawl that was cut off goes on where it was, by the command, against the bundled shop.

#![allow(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

mod support;

use std::{collections::BTreeSet, fs, path::Path};

use handstamp::session::file;
use nix::{
    sys::signal::{self, Signal},
    unistd::Pid,
};
use serde_json::Value;
use support::{Place, Ran, Shop, slot};

/// Logs in, and gives the session's file.
async fn session(shop: &Shop, place: &Place) -> String {
    let ((name, password), file) = (shop.anna(), place.path("anna.json"));
    let login = ["login", &shop.login_page(), "-u", name, "--password-env", "SHOP_PASSWORD", "-s", &file];
    place.handstamp_with(&[("SHOP_PASSWORD", password)], &login).await.ends_with(0);
    file
}

/// Takes away what a command that was killed could not.
fn sweep(place: &Place) {
    while let Some(left) = place.leftovers().pop() {
        let process = left.strip_prefix("/proc/").and_then(|rest| rest.split(':').next()?.parse().ok());
        match process {
            Some(id) => drop(signal::kill(Pid::from_raw(id), Signal::SIGKILL)),
            None => drop(fs::remove_dir_all(left)),
        }
    }
}

fn lines(folder: &str, name: &str) -> Vec<Value> {
    let text = fs::read_to_string(Path::new(folder).join(name)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn fired(ran: &Ran) -> Vec<String> {
    let events = ran.out.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let fired = events.filter(|event| event["event"] == "fired");
    fired.map(|event| event["action"].as_str().unwrap().to_owned()).collect()
}

fn statuses(folder: &str) -> Vec<(String, String)> {
    let graph = &lines(folder, "graph.json")[0];
    let actions = graph["actions"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    actions.map(|action| (text(&action["id"]) + &text(&action["name"]), text(&action["status"]))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crawl_that_was_cut_off_goes_on_and_does_nothing_twice() {
    let _slot = slot().await;
    let (shop, place) = (Shop::open(), Place::new());
    let (session, folder) = (session(&shop, &place).await, place.path("crawl"));
    let crawl = ["crawl", shop.url.as_str(), "-s", &session, "--json", "--browsers", "1", "--no-mine"];
    let begin = [&crawl[..], &["-o", &folder, "--max-states", "6"]].concat();
    let first = place.handstamp(&begin).await.ends_with(0);
    let (before, asked) = (statuses(&folder), lines(&folder, "requests.jsonl"));
    assert!(Path::new(&folder).join("resume.json").exists());

    let other = ["crawl", "http://127.0.0.1:9/", "-s", &session, "--resume", &folder];
    place.handstamp(&other).await.ends_with(2).says("began at another address");

    let go_on = [&crawl[..], &["--resume", &folder, "--max-states", "14"]].concat();
    let second = place.handstamp(&go_on).await.ends_with(0);
    let (after, all) = (statuses(&folder), lines(&folder, "requests.jsonl"));
    assert!(after.len() > before.len(), "it found more: {} of {}", after.len(), before.len());
    let names =
        |statuses: &[(String, String)]| statuses.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>();
    assert_eq!(names(&after)[..before.len()], names(&before), "what was found keeps its place");
    assert_eq!(all[..asked.len()], asked, "what was asked for is told again");
    let done: BTreeSet<String> = fired(&first).into_iter().collect();
    let again: Vec<String> = fired(&second).into_iter().filter(|what| done.contains(what)).collect();
    assert!(!done.is_empty() && !fired(&second).is_empty());
    assert!(again.len() <= 1, "only what was under way is done again: {again:?}");
    shows_no_token(&folder, &session);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "waits for a checkpoint; run by make test-crawl"]
async fn a_crawl_that_was_killed_goes_on_from_its_last_checkpoint() {
    let _slot = slot().await;
    let (shop, place) = (Shop::open(), Place::new());
    let (session, folder) = (session(&shop, &place).await, place.path("crawl"));
    let crawl = ["crawl", shop.url.as_str(), "-s", &session, "--json", "--browsers", "1", "--no-mine"];
    let mut running = place.start(&[&crawl[..], &["-o", &folder]].concat());
    running.has_said("\"checkpoint\"").await;
    running.signal(Signal::SIGKILL);
    let killed = running.end().await;
    sweep(&place);
    // What stands after the checkpoint is torn off, as by a machine that lost its power.
    let requests = Path::new(&folder).join("resume-requests.jsonl");
    let kept = fs::read_to_string(&requests).unwrap();
    fs::write(&requests, format!("{kept}{{\"worker\":")).unwrap();

    let more = (fired(&killed).len() + 40).to_string();
    let go_on = [&crawl[..], &["--resume", &folder, "--max-states", &more]].concat();
    let second = place.handstamp(&go_on).await.ends_with(0);
    assert!(lines(&folder, "requests.jsonl").len() > kept.lines().count());
    let done: BTreeSet<String> = fired(&killed).into_iter().collect();
    let again = fired(&second).into_iter().filter(|what| done.contains(what)).count();
    assert!(again * 3 < done.len(), "{again} of {} were done again", done.len());
    shows_no_token(&folder, &session);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_crawl_was_cut_off_none_goes_on() {
    let (shop, place) = (Shop::open(), Place::new());
    let session = place.session("a.json", &handstamp::session::State::default());
    let nowhere = place.path("nowhere");
    let ran = place.handstamp(&["crawl", shop.url.as_str(), "-s", &session, "--resume", &nowhere]).await;
    ran.ends_with(2).says("no crawl was cut off in").says("hint:");
    let broken = place.path("broken");
    fs::create_dir(&broken).unwrap();
    fs::write(Path::new(&broken).join("resume.json"), "{\"requests\":1").unwrap();
    let ran = place.handstamp(&["crawl", shop.url.as_str(), "-s", &session, "--resume", &broken]).await;
    ran.ends_with(2).says("cannot read where the crawl").says("hint:");
    assert!(Path::new(&broken).join("resume.json").exists(), "nothing is lost");
}

#[track_caller]
fn shows_no_token(folder: &str, session: &str) {
    let state = file::read(Path::new(session)).unwrap();
    let tokens: Vec<String> =
        state.tokens().iter().map(|t| t.value.expose().to_owned()).filter(|t| t.len() > 12).collect();
    assert!(!tokens.is_empty());
    for name in ["resume.json", "resume-requests.jsonl"] {
        let text = fs::read_to_string(Path::new(folder).join(name)).unwrap();
        assert!(tokens.iter().all(|token| !text.contains(token.trim_start_matches("Bearer "))), "{name}");
    }
}
