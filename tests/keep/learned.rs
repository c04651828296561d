//! Sessions whose end nobody tells, and that end alike.

use std::{sync::Arc, time::Duration};

use handstamp::keep::Watch;
use tokio::time;

use super::{Anna, Cost, Desk, quick, realm::Realm};
use crate::realm::Rules;

/// A desk whose sessions have ended twice, each after so many requests, with a third one.
async fn desk(cost: Cost) -> Desk {
    let realm = Arc::new(Realm::open(Rules::default()).await);
    let login = Anna { cost, ..Anna::of(&realm) };
    let desk = Desk::with(realm, login, Watch::default(), quick()).await;
    for _ in 0..2 {
        use_it(&desk, GOOD_FOR).await;
        desk.realm.forget_all();
    }
    desk
}

async fn use_it(desk: &Desk, times: usize) {
    for _ in 0..times {
        assert_eq!(desk.get("api/me").await.0, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ended_twice_after_as_many_requests_is_renewed_before_it_does_so_again() {
    let desk = desk(Cost::Little).await;
    use_it(&desk, GOOD_FOR / 2 - 1).await;
    assert_eq!((desk.living.renewed_ahead(), desk.realm.counts().logins), (0, 3));
    use_it(&desk, RENEWED_AT - GOOD_FOR / 2 + 1).await;
    let is_renewed = async {
        while desk.living.renewed_ahead() == 0 {
            time::sleep(Duration::from_millis(5)).await;
        }
    };
    time::timeout(Duration::from_secs(20), is_renewed).await.unwrap();
    let denied = desk.realm.counts().denied;
    use_it(&desk, GOOD_FOR / 2 - RENEWED_AT / 2).await;
    assert_eq!((desk.realm.counts().logins, desk.realm.counts().denied), (4, denied));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guess_is_not_acted_on_where_a_login_costs_much() {
    let desk = desk(Cost::Much).await;
    use_it(&desk, GOOD_FOR).await;
    desk.realm.forget_all();
    use_it(&desk, 1).await;
    assert_eq!((desk.living.renewed_ahead(), desk.realm.counts().logins), (0, 4));
}

/// How many requests each session is good for.
const GOOD_FOR: usize = 20;
/// After so many of them it is renewed at the latest: some are left to what is under way meanwhile.
const RENEWED_AT: usize = 12;
