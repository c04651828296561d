//! What a session is, how it is written to a file, and the store that keeps it.
