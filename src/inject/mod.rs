//! Puts a session into a browser or onto a request.

mod again;
mod apply;
mod browser;
mod challenge;
mod cookie_header;
mod credentials;
mod digest;
mod document;
mod error;
mod hand;
mod http_auth;
mod initiator;
mod line;
mod mode;
mod prompter;
mod repeated_cookie;
mod request;
mod rides;
mod script;
mod stage;
mod succession;

pub use again::{browser_cookies, has_storage, rewriting};
pub use browser::{Injected, and_leave, into_browser, into_tab};
pub use challenge::{Unanswered, unsupported};
pub use credentials::Credentials;
pub use error::Error;
pub use http_auth::HttpAuth;
pub use mode::{Mode, Stamped};
pub use request::{Stamp, is_denial};
pub use rides::rides_on_requests;
pub use script::Scripted;
pub use stage::{Stage, ensure_near, open};
pub use succession::{Standing, Succession};
