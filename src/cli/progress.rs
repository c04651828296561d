//! What is shown while long work runs: a moving line on a terminal, log lines elsewhere.

use std::{fmt::Display, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};
use tracing::{debug, info};

/// A line that tells what is being done.
#[derive(Debug)]
pub struct Progress(Line);

#[derive(Debug)]
enum Line {
    Moving(ProgressBar),
    Logged,
    Silent,
}

impl Progress {
    /// A line for a terminal, or log lines where there is none.
    #[must_use]
    pub fn new(is_terminal: bool, what: impl Display) -> Self {
        if !is_terminal {
            info!(target: TARGET, "{what}");
            return Self(Line::Logged);
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed:.dim}") {
            bar.set_style(style);
        }
        bar.set_message(what.to_string());
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(Line::Moving(bar))
    }

    /// A line that nobody sees, for work in the background.
    #[must_use]
    pub fn silent() -> Self {
        Self(Line::Silent)
    }

    /// Tells a step that stays to be read.
    pub fn step(&self, what: impl Display) {
        match &self.0 {
            Line::Moving(bar) => bar.println(format!("  {what}")),
            Line::Logged => info!(target: TARGET, "{what}"),
            Line::Silent => debug!("{what}"),
        }
    }

    /// Changes the moving line; on no terminal it says nothing.
    pub fn status(&self, what: impl Display) {
        if let Line::Moving(bar) = &self.0 {
            bar.set_message(what.to_string());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Line::Moving(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// The name under which progress is logged.
pub(crate) const TARGET: &str = "handstamp::progress";
