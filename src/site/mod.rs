//! Origins, scopes, and which origin a token belongs to.
