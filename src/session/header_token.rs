//! A request header that carries the session.

use super::{Secret, Source};
use crate::site::Origin;

/// A header that the application's own script sends to one origin, and that goes nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderToken {
    /// The only origin that gets it.
    pub origin: Origin,
    /// The header's name, such as `Authorization`.
    pub name: String,
    /// The whole value of the header, with its scheme: `Bearer …`.
    pub value: Secret,
    /// Where the value comes from.
    pub source: Source,
}
