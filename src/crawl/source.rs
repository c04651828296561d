//! The seam through which a crawl gets its browsers.

use std::net::SocketAddr;

use super::error::BoxError;
use crate::browser::Browser;

/// Opens browsers that are logged in.
pub trait Source: Send + Sync {
    /// Opens a browser that sends all of its traffic through this proxy, with the session in place and no page open yet.
    ///
    /// It is called again when a browser is lost or logged out: the session may be renewed in between.
    fn open(
        &self,
        worker: usize,
        proxy: SocketAddr,
    ) -> impl Future<Output = Result<Browser, BoxError>> + Send;
}
