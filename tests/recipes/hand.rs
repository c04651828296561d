//! A person at a browser, as far as a driver can be one: trusted clicks and keys.

use std::time::{Duration, Instant};

use handstamp::browser::{Element, Page};
use serde_json::json;
use tokio::time::sleep;

/// The hand on a page.
#[derive(Debug)]
pub(crate) struct Hand<'a>(pub(crate) &'a Page);

impl Hand<'_> {
    /// The element that an expression of JavaScript gives, once it can be seen.
    pub(crate) async fn see(&self, expression: &str) -> Element {
        let script =
            format!("const it = {expression}; return it && it.getBoundingClientRect().width ? it : null");
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let value = self.0.evaluate(&script, &[]).await.unwrap_or_default();
            if let Some(element) = Element::from_value(&value) {
                return element;
            }
            assert!(Instant::now() < deadline, "`{expression}` is not to be seen");
            sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) async fn click(&self, css: &str) {
        let element = self.see(&format!("document.querySelector({})", json!(css))).await;
        self.0.click(&element).await.unwrap();
    }

    pub(crate) async fn double_click(&self, css: &str) {
        let element = self.see(&format!("document.querySelector({})", json!(css))).await;
        let press =
            [json!({ "type": "pointerDown", "button": 0 }), json!({ "type": "pointerUp", "button": 0 })];
        let mut actions =
            vec![json!({ "type": "pointerMove", "origin": element.to_value(), "x": 0, "y": 0 })];
        actions.extend(press.iter().chain(&press).cloned());
        let mouse = json!({ "type": "pointer", "id": "mouse", "actions": actions });
        self.0.perform(&json!([mouse])).await.unwrap();
    }

    pub(crate) async fn types(&self, css: &str, text: &str) {
        self.types_into(&format!("document.querySelector({})", json!(css)), text).await;
    }

    /// Types key by key, with a click before it.
    pub(crate) async fn types_into(&self, expression: &str, text: &str) {
        let element = self.see(expression).await;
        self.0.click(&element).await.unwrap();
        self.0.type_text(&element, text).await.unwrap();
    }

    /// Goes into the first frame of the page.
    pub(crate) async fn enters_frame(&self) {
        let frame = self.see("document.querySelector('iframe')").await;
        self.0.enter_frame(&frame).await.unwrap();
    }

    /// Goes to the window that is not this one.
    pub(crate) async fn turns_to_the_other_window(&self) {
        let own = self.0.window().await.unwrap();
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(other) = self.0.windows().await.unwrap().into_iter().find(|handle| *handle != own) {
                return self.0.switch_to(&other).await.unwrap();
            }
            assert!(Instant::now() < deadline, "there is no other window");
            sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) async fn comes_to(&self, path: &str) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.0.url().await.unwrap().path() != path {
            assert!(Instant::now() < deadline, "it never came to {path}");
            sleep(Duration::from_millis(50)).await;
        }
    }
}
