//! What the tests share: places to run in, the sample shop, a fake driver, a page that tells what it saw.

#![allow(dead_code, unused_imports, reason = "each test binary uses its own part of this")]
#![allow(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

mod driver;
mod front;
mod leaks;
mod place;
mod run;
mod served;
mod shape;
mod shop;
mod site;
mod slot;
mod truth;
mod world;

pub(crate) use driver::{Call, FakeDriver, Reply};
pub(crate) use front::{Apart, Front};
pub(crate) use leaks::{forms, leaks, show_none_of};
pub(crate) use place::{Place, kill};
pub(crate) use run::{Ran, Running};
pub(crate) use served::{acceptor, is_basic, is_digest, jwt, serve};
pub(crate) use shape::shape;
pub(crate) use shop::Shop;
pub(crate) use site::{LOGOUT, Saw, Site};
pub(crate) use slot::slot;
pub(crate) use truth::{Reached, Truth};
pub(crate) use world::{Got, World, through};
