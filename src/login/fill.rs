//! Fills fields as a person would.

use serde_json::{Value, json};

use super::look::Field;
use crate::browser::{Element, Error, Page};

/// Types text into a field, key by key, and sees to it that it is there.
pub(super) async fn fill(page: &Page, field: &Field, text: &str) -> Result<(), Error> {
    fill_text(page, &field.element, field.length > 0, text).await
}

/// As [`fill`], for an element that holds something or nothing.
pub(super) async fn fill_text(
    page: &Page,
    element: &Element,
    is_full: bool,
    text: &str,
) -> Result<(), Error> {
    // A click can fail where a label floats over the field: typing takes the focus by itself.
    let _ = page.click(element).await;
    // What is there is typed over, as people do: frameworks that hold the value do not see it being taken away.
    let keys = if is_full { format!("{SELECT_ALL}{text}") } else { text.to_owned() };
    enter(page, element, &keys).await?;
    if is_full && value_of(page, element).await? != text {
        let _ = page.clear(element).await;
        enter(page, element, text).await?;
    }
    if value_of(page, element).await? == text {
        return Ok(());
    }
    put(page, element, text).await
}

/// Sets a text without going into the field.
pub(super) async fn put(page: &Page, element: &Element, text: &str) -> Result<(), Error> {
    survive(page.evaluate(SET, &[element.to_value(), json!(text)]).await)
}

/// Takes the focus away, as people do when they are done with a field.
pub(super) async fn leave(page: &Page, element: &Element) -> Result<(), Error> {
    survive(page.evaluate("arguments[0].blur()", &[element.to_value()]).await)
}

/// Presses Enter in a field.
pub(super) async fn press_enter(page: &Page, element: &Element) -> Result<(), Error> {
    match page.type_text(element, ENTER).await {
        Err(error) if !error.is_lost() => {
            // Drivers do not find the focus in closed shadow roots, but keys go where it is.
            survive(page.evaluate("arguments[0].focus()", &[element.to_value()]).await)?;
            page.press(ENTER).await
        }
        other => other,
    }
}

async fn enter(page: &Page, element: &Element, keys: &str) -> Result<(), Error> {
    survive(page.type_text(element, keys).await.map(|()| Value::Null))
}

/// What becomes of one field is seen by looking at it again; only a lost browser ends the login.
fn survive(answer: Result<Value, Error>) -> Result<(), Error> {
    match answer {
        Err(error) if error.is_lost() => Err(error),
        _ => Ok(()),
    }
}

async fn value_of(page: &Page, element: &Element) -> Result<String, Error> {
    match page.evaluate("return arguments[0].value", &[element.to_value()]).await {
        Ok(value) => Ok(value.as_str().unwrap_or_default().to_owned()),
        Err(error) if error.is_lost() => Err(error),
        Err(_) => Ok(String::new()),
    }
}

/// U+E007, Enter (see 15.4.2 Keyboard Actions of the WebDriver standard).
const ENTER: &str = "\u{E007}";
/// Control and A, and then no modifier any more.
const SELECT_ALL: &str = "\u{E009}a\u{E000}";

/// Sets a value behind the back of frameworks that watch the property, and tells them by the events that typing makes.
const SET: &str = "
const [field, text] = arguments;
const kind = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
Object.getOwnPropertyDescriptor(kind.prototype, 'value').set.call(field, text);
for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, { bubbles: true, composed: true }));";
