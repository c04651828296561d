//! The proxy between real sockets.

#![expect(
    clippy::unwrap_used,
    reason = "clippy knows the tests, not the servers and clients that they share"
)]

#[path = "proxy/authority.rs"]
mod authority;
#[path = "proxy/endings.rs"]
mod endings;
#[path = "proxy/expectations.rs"]
mod expectations;
#[path = "proxy/extended.rs"]
mod extended;
#[path = "proxy/identities.rs"]
mod identities;
#[path = "proxy/keys.rs"]
mod keys;
#[path = "proxy/origin.rs"]
mod origin;
#[path = "proxy/passing.rs"]
mod passing;
#[path = "proxy/refusing.rs"]
mod refusing;
#[path = "proxy/shapes.rs"]
mod shapes;
#[path = "proxy/sockets.rs"]
mod sockets;
#[path = "proxy/streaming.rs"]
mod streaming;
#[path = "proxy/support.rs"]
mod support;
#[path = "proxy/tunnels.rs"]
mod tunnels;
#[path = "proxy/untouched.rs"]
mod untouched;
#[path = "proxy/upstreams.rs"]
mod upstreams;
