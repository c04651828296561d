//! Where a login is played: the page, its traffic, what is wanted, and who watches.

use tracing::debug;
use url::Url;

use super::{error::Error, look::Button, run::Settings, step::Step, witness::Witness};
use crate::browser::{Page, Traffic};

/// What every part of a login needs at hand.
pub(super) struct Scene<'a, W> {
    pub(super) page: &'a Page,
    pub(super) traffic: &'a Traffic,
    pub(super) settings: &'a Settings,
    pub(super) witness: &'a W,
}

impl<W: Witness> Scene<'_, W> {
    /// Tells a step, with a picture where one is wanted; a page that gives none is no failure of the login.
    pub(super) async fn tell(&self, step: Step) {
        self.witness.step(&step);
        if self.witness.wants_pictures() {
            match self.page.screenshot().await {
                Ok(png) => self.witness.picture(png),
                Err(error) => debug!(%error, "no picture of the page"),
            }
        }
    }

    /// Clicks as a person would, or by script where something lies over it.
    pub(super) async fn press(&self, button: &Button) -> Result<(), Error> {
        match self.page.click(&button.element).await {
            Ok(()) => Ok(()),
            Err(error) if error.is_lost() => Err(error.into()),
            Err(_) => {
                let clicked = self.page.evaluate("arguments[0].click()", &[button.element.to_value()]).await;
                if let Err(error) = clicked
                    && error.is_lost()
                {
                    return Err(error.into());
                }
                Ok(())
            }
        }
    }
}

/// An address without what may be secret in it.
pub(super) fn plain(url: &Url) -> String {
    url[..url::Position::AfterPath].to_owned()
}
