//! What a script in the pages of a browser reports, in the order in which it happens.

use tokio::sync::mpsc;

/// Something that a script in a page told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The tab, for a frame the one that it lies in; the same tab has the same text.
    pub tab: String,
    /// What was told.
    pub text: String,
}

/// The reports of a browser, until it ends.
#[derive(Debug)]
pub struct Reports(mpsc::UnboundedReceiver<Report>);

/// Where the reports come in.
///
/// Unbounded, because the reader of the socket may not wait; people act slowly.
pub(super) type Reporter = mpsc::UnboundedSender<Report>;

impl Reports {
    pub(super) fn new() -> (Reporter, Self) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (sender, Self(receiver))
    }

    /// Reports of no browser.
    #[cfg(test)]
    pub(crate) fn none() -> Self {
        Self::new().1
    }

    /// The next report; nothing when the browser has ended.
    pub async fn next(&mut self) -> Option<Report> {
        self.0.recv().await
    }

    /// The next report, if there is one already.
    pub fn take(&mut self) -> Option<Report> {
        self.0.try_recv().ok()
    }
}
