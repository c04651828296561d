//! Users of a configuration: logged in side by side, named at the proxy, carried by every method, logged out again.

#![expect(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

#[path = "users/gate.rs"]
mod gate;
#[path = "users/killed.rs"]
mod killed;
#[path = "users/leaving.rs"]
mod leaving;
#[path = "users/logins.rs"]
mod logins;
#[path = "users/marks.rs"]
mod marks;
#[path = "users/methods.rs"]
mod methods;
#[path = "users/naming.rs"]
mod naming;
#[path = "users/plan.rs"]
mod plan;
#[path = "users/secrets.rs"]
mod secrets;
mod support;
#[path = "users/town.rs"]
mod town;
#[path = "users/vault.rs"]
mod vault;
#[path = "users/wrong.rs"]
mod wrong;

use support::{Place, Ran, Running};
use town::USERS;

/// The variables that hold the users' passwords.
fn passwords() -> [(&'static str, &'static str); 2] {
    [("ALICE_PASSWORD", USERS[0].1), ("BOB_PASSWORD", USERS[1].1)]
}

/// Runs a command with the users' passwords in its environment.
async fn handstamp(place: &Place, args: &[&str]) -> Ran {
    handstamp_with(place, &[], args).await
}

/// As [`handstamp`], with more in its environment.
async fn handstamp_with(place: &Place, variables: &[(&str, &str)], args: &[&str]) -> Ran {
    let mut command = place.command(args);
    command.envs(passwords()).envs(variables.iter().copied());
    Running::start(command).end().await
}
