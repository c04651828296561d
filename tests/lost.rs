//! Crawls of an application that loses the session in many ways: how soon that is noticed, and what it costs.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "clippy knows the tests, not what they share")]

#[path = "lost/app.rs"]
mod app;
#[path = "lost/guise.rs"]
mod guise;
mod support;
#[path = "lost/trial.rs"]
mod trial;

use futures_util::{StreamExt as _, stream};
use guise::{ENDINGS, Guise, LOGOUTS};
use handstamp::crawl::End;
use trial::{Score, crawl, ratio};

/// Crawls in each guise, or in the one that `LOST` names, and prints the scores as a table.
async fn scores(guises: &[Guise]) -> Vec<Score> {
    let wanted = std::env::var("LOST").ok();
    let guises = guises.iter().filter(|guise| wanted.as_deref().is_none_or(|name| name == guise.name));
    let scores: Vec<Score> = stream::iter(guises).map(crawl).buffered(2).collect().await;
    println!("{}", Score::HEAD);
    for score in &scores {
        println!("{score}");
    }
    let (living, all) = scores.iter().fold((0, 0), |(l, a), s| (l + s.counts.living, a + s.counts.requests));
    println!("all together: {:.2} % of {all} requests carried a living session", 100.0 * ratio(living, all));
    let (good, all) = scores.iter().fold((0, 0), |(g, a), s| (g + s.page.1, a + s.page.0));
    println!("to the pages: {:.2} % of {all} answers were a user's", 100.0 * ratio(good, all));
    scores
}

#[track_caller]
fn is_well(score: &Score) {
    assert_eq!(score.end, End::Complete, "\n{score}");
    assert_eq!(score.counts.logouts, 0, "who says that he logs out is left alone\n{score}");
    assert_eq!(score.counts.forbidden, 0, "what was excluded is left alone\n{score}");
    assert_eq!(score.counts.unsigned, 0, "each request tells who asks\n{score}");
    assert_eq!(score.needless_logins, 0, "\n{score}");
    // One that has to leave for another is not mended any more.
    let left = if score.fell_to_one { score.noticed - score.recovered.min(score.noticed) } else { 0 };
    assert!(left <= 1, "\n{score}");
    assert_eq!(score.recovered + left, score.noticed, "each loss is made good in the same browser\n{score}");
    // Where no answer shows it, the budget for asking decides. What other browsers had done by then is told meanwhile.
    let most = if score.guise == "as-stranger" { 2 } else { score.browsers };
    assert!(score.delay <= most, "a loss is noticed at once\n{score}");
    assert!(score.actions >= 8, "all else is reached all the same\n{score}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "crawls for a minute or two; run by make test-crawl"]
async fn a_logout_in_whatever_guise_is_noticed_at_once_made_good_and_left_alone() {
    for score in scores(LOGOUTS).await {
        is_well(&score);
        let is_held = score.guise == "fetch-delete";
        assert_eq!(score.counts.losses.is_empty(), is_held, "\n{score}");
        assert_eq!(score.quarantined, usize::from(!is_held), "\n{score}");
        assert_eq!(score.held > 0, is_held, "\n{score}");
        let most = if score.guise == "socket" { BURST * score.counts.losses.len() } else { 0 };
        assert!(score.counts.requests - score.counts.living <= most, "\n{score}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "crawls for a minute or two; run by make test-crawl"]
async fn a_session_that_ends_by_itself_is_made_anew_and_what_ran_without_it_is_done_again() {
    for score in scores(ENDINGS).await {
        is_well(&score);
        let dead = score.counts.requests - score.counts.living;
        let most = BURST * (score.counts.losses.len() + score.counts.renewals);
        assert!(score.guise == "one-browser" || dead <= most, "a loss costs what was under way\n{score}");
        match score.guise {
            "email" => assert_eq!(score.quarantined, 1, "\n{score}"),
            "told-life" => {
                assert!(score.counts.timely > 0, "it is renewed before its end\n{score}");
                assert_eq!(dead, 0, "and nothing is refused\n{score}");
            }
            "idle" => assert!(score.counts.losses.is_empty(), "the page is kept awake\n{score}"),
            "one-browser" => assert!(score.fell_to_one || score.bridged == 0, "\n{score}"),
            "rotating" => assert_eq!(score.counts.logins, 1, "the application renews it by itself\n{score}"),
            _ => assert!(score.noticed > 0, "\n{score}"),
        }
    }
}

/// How many requests an action of the application makes at once.
const BURST: usize = 6;
