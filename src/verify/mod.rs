//! Proves that a session is logged in, and names the evidence.
