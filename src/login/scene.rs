//! Where a login is played: the page, its frames and windows, its traffic, what is wanted, and who watches.

use std::{
    collections::VecDeque,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tracing::debug;
use url::Url;

use super::{
    look::{Button, Look},
    run::Settings,
    step::Step,
    witness::Witness,
};
use crate::browser::{Element, Error, Page, Traffic};

/// What every part of a login needs at hand.
pub(super) struct Scene<'a, W> {
    pub(super) page: &'a Page,
    pub(super) traffic: &'a Traffic,
    pub(super) settings: &'a Settings,
    pub(super) witness: &'a W,
    /// Whether the page stands in one of its frames.
    is_inside: AtomicBool,
    /// The windows that are known, the one where the login began first. Empty until something may open another.
    windows: Mutex<Vec<String>>,
}

impl<'a, W: Witness> Scene<'a, W> {
    pub(super) fn new(page: &'a Page, traffic: &'a Traffic, settings: &'a Settings, witness: &'a W) -> Self {
        let (is_inside, windows) = (AtomicBool::new(false), Mutex::default());
        Self { page, traffic, settings, witness, is_inside, windows }
    }

    /// Looks at the page, and into its frames where the top document has no form of its own.
    ///
    /// Afterwards the page stands where the form is. A pop-up that has closed is left for where the login began.
    pub(super) async fn look(&self) -> Result<Look, Error> {
        match self.look_around().await {
            Err(error) if error.is_window_gone() => {
                self.come_home().await?;
                self.look_around().await
            }
            look => look,
        }
    }

    async fn look_around(&self) -> Result<Look, Error> {
        self.step_out().await?;
        let mut top = Look::at(self.page).await?;
        let has_form = top.has_form() || top.is_first_step;
        let is_stuck = top.is_covered && top.dismissals.is_empty();
        if top.frames.is_empty() || (has_form && !is_stuck) {
            return Ok(top);
        }
        let mut paths: VecDeque<_> = top.frames.iter().map(|frame| vec![frame.clone()]).collect();
        for _ in 0..MAX_FRAMES {
            let Some(path) = paths.pop_front() else { break };
            let Some(inner) = self.look_inside(&path).await? else { continue };
            if !has_form && (inner.has_form() || inner.is_first_step) {
                return Ok(inner);
            }
            let there = |button: Button| Button { frames: path.clone(), ..button };
            top.dismissals.extend(inner.dismissals.into_iter().map(there));
            top.openers.extend(inner.openers.into_iter().map(there));
            if path.len() < MAX_DEPTH {
                paths.extend(inner.frames.into_iter().map(|frame| [path.clone(), vec![frame]].concat()));
            }
        }
        self.step_out().await?;
        Ok(top)
    }

    /// What a frame shows; nothing when it has gone.
    async fn look_inside(&self, path: &[Element]) -> Result<Option<Look>, Error> {
        if !self.step_into(path).await? {
            return Ok(None);
        }
        match Look::at(self.page).await {
            Ok(look) => Ok(Some(look)),
            Err(error) if error.is_window_gone() => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn step_into(&self, path: &[Element]) -> Result<bool, Error> {
        self.step_out().await?;
        self.is_inside.store(true, Ordering::Relaxed);
        for frame in path {
            match self.page.enter_frame(frame).await {
                Ok(()) => {}
                Err(error) if error.is_over() => return Err(error),
                Err(_) => return Ok(false),
            }
        }
        Ok(true)
    }

    async fn step_out(&self) -> Result<(), Error> {
        if self.is_inside.swap(false, Ordering::Relaxed) { self.page.leave_frames().await } else { Ok(()) }
    }

    /// Notes which windows there are, before something is clicked that may open another.
    pub(super) async fn note_windows(&self) -> Result<(), Error> {
        let mut now = self.page.windows().await?;
        let known = self.known_windows();
        let home = match known.first() {
            Some(home) => home.clone(),
            None => self.page.window().await?,
        };
        now.retain(|window| *window != home);
        now.insert(0, home);
        *self.windows.lock().unwrap_or_else(PoisonError::into_inner) = now;
        Ok(())
    }

    /// Goes into a window that was opened since they were noted, if there is one.
    pub(super) async fn enter_popup(&self) -> Result<(), Error> {
        let known = self.known_windows();
        if known.is_empty() {
            return Ok(());
        }
        let Some(popup) = self.page.windows().await?.into_iter().find(|w| !known.contains(w)) else {
            return Ok(());
        };
        debug!("the login goes on in a window of its own");
        self.windows.lock().unwrap_or_else(PoisonError::into_inner).push(popup.clone());
        self.is_inside.store(false, Ordering::Relaxed);
        match self.page.switch_to(&popup).await {
            Err(error) if error.is_window_gone() => self.come_home().await,
            done => done,
        }
    }

    /// Goes back to the top document of the window where the login began.
    pub(super) async fn come_home(&self) -> Result<(), Error> {
        self.is_inside.store(false, Ordering::Relaxed);
        let now = self.page.windows().await?;
        let home = self.known_windows().into_iter().next().filter(|home| now.contains(home));
        let Some(window) = home.or_else(|| now.into_iter().next()) else { return Err(Error::Closed) };
        self.page.switch_to(&window).await
    }

    /// Leaves frames and pop-ups, for whoever works with the page after the login.
    pub(super) async fn end(&self) -> Result<(), Error> {
        if self.known_windows().len() > 1 {
            return self.come_home().await;
        }
        match self.step_out().await {
            Err(error) if error.is_window_gone() => self.come_home().await,
            done => done,
        }
    }

    fn known_windows(&self) -> Vec<String> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

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

    /// Clicks as a person would, or by script where something lies over it. What has gone needs no click.
    pub(super) async fn press(&self, button: &Button) -> Result<(), Error> {
        if !button.frames.is_empty() && !self.step_into(&button.frames).await? {
            return Ok(());
        }
        let clicked = match self.page.click(&button.element).await {
            Err(error) if !error.is_lost() => {
                self.page.evaluate("arguments[0].click()", &[button.element.to_value()]).await.map(drop)
            }
            clicked => clicked,
        };
        match clicked {
            Err(error) if error.is_over() => Err(error),
            _ => Ok(()),
        }
    }
}

/// An address without what may be secret in it.
pub(super) fn plain(url: &Url) -> String {
    url[..url::Position::AfterPath].to_owned()
}

/// How many frames are looked into at most.
const MAX_FRAMES: usize = 10;
const MAX_DEPTH: usize = 3;
