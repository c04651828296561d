//! Puts a session into a browser or onto a request.
