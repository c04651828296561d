//! The windows of a browser while a flow is played, in the order in which they were opened.

use super::{Frame, Place, Selector, Target, Window, element::Sight};
use crate::browser::{Element, Error, Page};

/// What is known of the browser's windows.
#[derive(Debug, Default)]
pub(super) struct Windows {
    /// All that were ever seen, the closed ones too: numbers stay.
    known: Vec<String>,
    current: String,
}

impl Windows {
    /// Goes to a place; tells whether it is there.
    pub(super) async fn go(&mut self, page: &Page, place: &Place) -> Result<bool, Error> {
        let open = self.look(page).await?;
        let Some(handle) = self.window(page, &place.window, &open).await? else {
            return self.frame_by_address(page, &place.window).await;
        };
        if handle != self.current {
            page.switch_to(&handle).await?;
            self.current = handle;
        }
        leave(page).await?;
        for frame in &place.frames {
            let Some(element) = element(page, frame).await? else { return Ok(false) };
            if let Err(error) = page.enter_frame(&element).await {
                return if error.is_over() { Err(error) } else { Ok(false) };
            }
        }
        Ok(true)
    }

    /// Goes to the first window that is still open.
    pub(super) async fn go_home(&mut self, page: &Page) -> Result<(), Error> {
        let open = self.look(page).await?;
        if let Some(first) = self.known.iter().find(|handle| open.contains(handle)) {
            page.switch_to(first).await?;
            self.current.clone_from(first);
        }
        leave(page).await
    }

    /// The windows that are open now.
    async fn look(&mut self, page: &Page) -> Result<Vec<String>, Error> {
        let open = page.windows().await?;
        if self.known.is_empty() {
            self.current = page.window().await?;
            self.known.push(self.current.clone());
        }
        for handle in &open {
            if !self.known.contains(handle) {
                self.known.push(handle.clone());
            }
        }
        Ok(open)
    }

    async fn window(&self, page: &Page, window: &Window, open: &[String]) -> Result<Option<String>, Error> {
        match window {
            Window::Number(number) => {
                Ok(self.known.get(*number).filter(|handle| open.contains(handle)).cloned())
            }
            Window::Url(expression) => {
                let Ok(expression) = regex::Regex::new(expression) else { return Ok(None) };
                let mut found = None;
                for handle in self.known.iter().filter(|handle| open.contains(handle)) {
                    page.switch_to(handle).await?;
                    if page.url().await.is_ok_and(|url| expression.is_match(url.as_str())) {
                        found = Some(handle.clone());
                        break;
                    }
                }
                if open.contains(&self.current) {
                    page.switch_to(&self.current).await?;
                }
                Ok(found)
            }
        }
    }

    /// A recording calls a frame of another origin by its address, as if it were a window.
    async fn frame_by_address(&self, page: &Page, window: &Window) -> Result<bool, Error> {
        let Window::Url(expression) = window else { return Ok(false) };
        leave(page).await?;
        let frames = page.evaluate(ADDRESSES, &[]).await.unwrap_or_default();
        let expression = regex::Regex::new(expression).ok();
        for frame in frames.as_array().into_iter().flatten() {
            let address = frame["address"].as_str().unwrap_or_default();
            let is_meant = expression.as_ref().is_some_and(|e| e.is_match(address));
            if let Some(element) = Element::from_value(&frame["element"]).filter(|_| is_meant) {
                return Ok(page.enter_frame(&element).await.is_ok());
            }
        }
        Ok(false)
    }
}

async fn leave(page: &Page) -> Result<(), Error> {
    match page.leave_frames().await {
        Err(error) if error.is_over() => Err(error),
        _ => Ok(()),
    }
}

/// The element of a frame: by its selectors, else by its number among the frames of the document.
async fn element(page: &Page, frame: &Frame) -> Result<Option<Element>, Error> {
    if !frame.selectors.is_empty() {
        let sight =
            Sight::of(page, &Target { selectors: frame.selectors.clone(), ..Target::default() }).await?;
        let found = sight.pick(std::time::Duration::MAX);
        if let Some(found) = found.filter(|found| found.tag.ends_with("frame")) {
            return Ok(Some(found.element));
        }
    }
    let Some(index) = frame.index else { return Ok(None) };
    let value = page.evaluate(NUMBERED, &[index.into()]).await;
    Ok(value.ok().as_ref().and_then(Element::from_value))
}

impl Frame {
    /// The frame that a selector finds.
    #[must_use]
    pub fn by(selector: Selector) -> Self {
        Self { selectors: vec![selector], index: None }
    }
}

const ADDRESSES: &str = "return [...document.querySelectorAll('iframe, frame')].map((element) => ({ element, address: element.src }))";
const NUMBERED: &str = "
const [index] = arguments;
const frames = [...document.querySelectorAll('iframe, frame')];
return frames.find((frame) => window[index] && frame.contentWindow === window[index]) || frames[index] || null;";
