//! Drives a real browser over WebDriver, and over BiDi or CDP for what classic WebDriver lacks.

mod bidi;
mod bidi_network;
mod capabilities;
mod cdp;
mod cdp_network;
mod control;
mod cookie;
mod driver;
mod driver_cdp;
mod element;
mod error;
mod find;
mod handle;
mod kind;
mod launch;
mod page;
mod prime;
mod process;
mod profile;
mod script;
mod socket;
mod tabs;
mod traffic;
mod wire;

pub use control::Control;
pub use cookie::Cookie;
pub use element::Element;
pub use error::Error;
pub use find::{Found, find};
pub use handle::Browser;
pub use kind::{Kind, is_own_call};
pub use launch::{DEFAULT_DEADLINE, Launch, Protocol};
pub use page::Page;
pub use prime::Prime;
pub use script::script;
pub use traffic::{Exchange, Traffic, header_texts};
