//! The name of the session that a request carries, on its way from who puts it on to who writes it down.

/// Stands in the extensions of a request that a session was put onto.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried(pub String);
