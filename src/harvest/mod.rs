//! Reads a session out of a browser and its traffic.
