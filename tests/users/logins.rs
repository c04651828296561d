//! `handstamp login` with a configuration.

use crate::{
    handstamp, handstamp_with,
    plan::Plan,
    support::Place,
    town::{Rules, Town},
};

#[tokio::test(flavor = "multi_thread")]
async fn all_users_are_logged_in_side_by_side_and_their_sessions_named() {
    let (town, place) = (Town::open(Rules::default()).await, Place::new());
    let config = Plan::json(&town).write(&place);
    let ran = handstamp(&place, &["login", "--config", &config]).await.ends_with(0);
    for name in ["app/alice", "app/bob"] {
        ran.says(&format!("{name}: logged in, proven by GET /me"));
    }
    assert_eq!((town.logins("alice"), town.logins("bob")), (1, 1));
    let list = handstamp(&place, &["sessions"]).await.ends_with(0);
    list.says("app/alice  logged in").says("app/bob    logged in");
    handstamp(&place, &["verify", "app/bob"]).await.ends_with(0).says("logged in");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_user_is_logged_in_alone_where_he_is_named() {
    let (town, place) = (Town::open(Rules::default()).await, Place::new());
    let config = Plan::json(&town).write(&place);
    let ran =
        handstamp(&place, &["login", "--config", &config, "--user", "bob", "--json"]).await.ends_with(0);
    assert_eq!(ran.json()["users"][0]["session"], "app/bob");
    assert_eq!((town.logins("alice"), town.logins("bob")), (0, 1));
    handstamp(&place, &["show", "app/alice"]).await.ends_with(2).says("there is no session `app/alice`");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_and_the_others_are_logged_in_all_the_same() {
    let (town, place) = (Town::open(Rules::default()).await, Place::new());
    let config = Plan::json(&town).write(&place);
    let variables = [("BOB_PASSWORD", "wrong")];
    let ran = handstamp_with(&place, &variables, &["login", "--config", &config]).await.ends_with(3);
    ran.says("app/alice: logged in").says("app/bob: not logged in: the application refused the login");
    ran.says("POST /json: 401");
    assert_eq!((town.logins("alice"), town.refused()), (1, 1));
    let list = handstamp(&place, &["sessions"]).await.ends_with(0);
    assert!(!list.out.contains("app/bob"), "{}", list.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_are_told_where_they_are_the_session() {
    for scheme in ["basic", "digest"] {
        let (town, place) = (Town::open(Rules::default()).await, Place::new());
        let config = Plan::http(&town, scheme).write(&place);
        let variables = [("BOB_PASSWORD", "wrong")];
        let ran = handstamp_with(&place, &variables, &["login", "--config", &config]).await.ends_with(3);
        ran.says(&format!("app/alice: logged in, proven by GET /{scheme}")).says("app/bob: not logged in");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_cannot_be_reached_is_told() {
    let place = Place::new();
    let config = {
        let town = Town::open(Rules::default()).await;
        Plan::json(&town).write(&place)
    };
    let ran = handstamp(&place, &["login", "--config", &config]).await.ends_with(1);
    ran.says("app/alice: not logged in").says("cannot be reached");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_is_not_there_is_a_mistake_in_the_call() {
    let (town, place) = (Town::open(Rules::default()).await, Place::new());
    let config = Plan::json(&town).write(&place);
    let ran = place.handstamp(&["login", "--config", &config, "--user", "bob"]).await.ends_with(2);
    ran.says("BOB_PASSWORD").says("hint: ");
    assert_eq!(town.refused(), 0);
}
