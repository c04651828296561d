//! The head that every page of handstamp begins with.

use maud::{Markup, PreEscaped, html};

/// The head of a page with a style of its own; `policy` says what the page may load, where it holds scripts.
pub(super) fn head(title: &Markup, style: &str, policy: Option<&str>) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            @if let Some(policy) = policy { meta http-equiv="Content-Security-Policy" content=(policy); }
            title { (title) }
            style { (PreEscaped(style)) }
        }
    }
}
