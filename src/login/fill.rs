//! Fills a form as a person would.

use serde_json::{Value, json};

use super::look::Field;
use crate::browser::{Element, Error, Page};

/// Types text into a field, key by key, and sees to it that it is there.
pub(super) async fn fill(page: &Page, field: &Field, text: &str) -> Result<(), Error> {
    // A click can fail where a label floats over the field: typing takes the focus by itself.
    let _ = page.click(&field.element).await;
    if field.length > 0 {
        page.clear(&field.element).await?;
    }
    if let Err(error) = page.type_text(&field.element, text).await
        && error.is_lost()
    {
        return Err(error);
    }
    if value_of(page, &field.element).await? == text {
        return Ok(());
    }
    page.evaluate(SET, &[field.element.to_value(), json!(text)]).await.map(drop)
}

async fn value_of(page: &Page, element: &Element) -> Result<String, Error> {
    let value: Value = page.evaluate("return arguments[0].value", &[element.to_value()]).await?;
    Ok(value.as_str().unwrap_or_default().to_owned())
}

/// Sets a value behind the back of frameworks that watch the property, and tells them by the events that typing makes.
const SET: &str = "
const [field, text] = arguments;
Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, text);
for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, { bubbles: true }));";
