//! The crawl's test-bed: one crawl over many small pages with one control or trap each, and how many of them it finds.
//!
//! `BED=GROUP` or `BED=GROUP/NAME` crawls a part, `BED_BROWSER=firefox` takes the other browser, `BED_LOUD=1` tells each step.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "clippy knows the tests, not what they share")]

#[path = "bed/crawl.rs"]
mod crawl;
#[path = "bed/forms.rs"]
mod forms;
#[path = "bed/mined.rs"]
mod mined;
#[path = "bed/page.rs"]
mod page;
#[path = "bed/score.rs"]
mod score;
#[path = "bed/server.rs"]
mod server;
#[path = "bed/traps.rs"]
mod traps;

use page::Page;
use score::Score;
use server::Server;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "crawls for a minute or two; run by make test-crawl"]
async fn what_the_pages_of_the_bed_hide_is_found() {
    let pages = Page::all();
    assert!(!pages.is_empty(), "no page of that name");
    let server = Server::open(&pages).await;
    let outcome = crawl::crawl(&server).await;
    let score = Score::new(&pages, &server, &outcome);
    println!("{score}");
    assert!(score.is_good(), "{score}");
}

#[test]
fn every_page_says_what_it_hides_in_words_that_are_known() {
    for page in Page::read_all() {
        assert!(page.loads_kit, "{}: it loads /kit.js", page.name);
        assert!(!page.found.is_empty(), "{}: something is to be found", page.name);
    }
}
