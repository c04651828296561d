//! Origins, scopes, and which origin a token belongs to.

mod domain;
mod error;
mod origin;
mod pattern;
mod scope;

pub(crate) use domain::is_ip_address;
pub use domain::{is_public_suffix, registrable_domain};
pub use error::Error;
pub use origin::Origin;
pub use pattern::{BadPattern, Pattern};
pub use scope::Scope;
