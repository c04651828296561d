//! Tools that are built from their sources take what was written for them: `make test-built`.

use std::{fs, path::PathBuf};

use handstamp::handover::{Format, import};

use crate::{
    run::is_logged_in,
    support::World,
    tools::{Bench, found, tool},
};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs xh; run by make test-built"]
async fn xh_is_logged_in_by_its_session_file() {
    let bench = Bench::new().await;
    let (xh, url) = (program("xh"), bench.world.url("/me"));
    let session = format!("--session={}", bench.exported("xh").await);
    for _ in 0..2 {
        // The second time by what xh itself wrote back.
        bench.run(&xh, &["--ignore-stdin", &session, &url], None).await;
        bench.got_all();
    }
    let again = fs::read(bench.place.path("xh.out")).unwrap();
    let again = import(&again, None, Some(&url.parse().unwrap())).unwrap();
    assert_eq!((again.format, again.state.cookies.len(), again.state.headers.len()), (Format::Xh, 2, 1));
    let stranger = World::kind().await;
    bench
        .run(&xh, &["--ignore-stdin", &session, &stranger.url("/me").replace("127.0.0.1", "localhost")], None)
        .await;
    assert_eq!(stranger.one().header("cookie"), "", "another host gets no cookies");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs nuclei; run by make test-built"]
async fn nuclei_sends_the_secrets_to_their_host_and_to_no_other() {
    let (bench, stranger) = (Bench::new().await, World::kind().await);
    // The ending of its name says what the file is.
    let file = bench.place.path("secrets.yaml");
    bench.place.handstamp(&["export", "-s", &bench.session, "-f", "nuclei", "-o", &file]).await.ends_with(0);
    let template = bench.place.file("me.yaml", TEMPLATE);
    let urls = [bench.world.url("/me"), stranger.url("/me")];
    let args = ["-u", &urls[0], "-u", &urls[1], "-t", &template, "-sf", &file, "-jsonl"];
    let found = bench.run(program("nuclei"), &[&args[..], &QUIETLY].concat(), None).await;
    assert_eq!(found.lines().filter(|line| line.contains("\"template-id\":\"me\"")).count(), 2, "{found}");
    let (own, other) = (bench.world.take(), stranger.take());
    assert!(!own.is_empty() && !other.is_empty());
    for got in &own {
        is_logged_in(got, &bench.state);
    }
    for got in other {
        assert_eq!((got.header("cookie"), got.header("x-token")), ("", ""), "{}", got.text());
    }
}

/// A tool that was installed by the setup, or that is on the path.
fn program(name: &str) -> PathBuf {
    let own = tool("bin").join(name);
    if own.exists() { own } else { found(&[name]) }
}

/// It asks for the address and takes a kind answer.
const TEMPLATE: &str = "id: me
info: {name: who I am, author: tests, severity: info}
http:
  - method: GET
    path: [\"{{BaseURL}}\"]
    matchers: [{type: word, words: [\"yes\"]}]
";

/// Nothing is fetched, nobody is called.
const QUIETLY: [&str; 5] = ["-silent", "-no-color", "-disable-update-check", "-no-interactsh", "-no-httpx"];
