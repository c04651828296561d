//! An intercepting proxy for HTTP, HTTPS and WebSockets that knows nothing of sessions.
