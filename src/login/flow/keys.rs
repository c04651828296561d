//! Keys by their names, as code points of the WebDriver standard.

/// The key of a name, as `KeyboardEvent.key`, the DevTools Recorder and Selenium (`KEY_ENTER`) write it; see 15.4.2
/// Keyboard Actions of the WebDriver standard. A single character is its own key.
pub(super) fn key(name: &str) -> Option<String> {
    let mut characters = name.chars();
    if let (Some(only), None) = (characters.next(), characters.next()) {
        return Some(match only {
            '\r' | '\n' => '\u{E007}'.to_string(),
            only => only.to_string(),
        });
    }
    let plain: String = name.trim_start_matches("KEY_").chars().filter(char::is_ascii_alphanumeric).collect();
    let found = KEYS.iter().find(|(known, _)| known.eq_ignore_ascii_case(&plain));
    found.map(|(_, code)| code.to_string())
}

/// Whether the key does nothing by itself.
pub(super) fn is_modifier(name: &str) -> bool {
    ["Shift", "Control", "Alt", "Meta", "CapsLock"].iter().any(|known| name.starts_with(known))
}

const KEYS: &[(&str, char)] = &[
    ("ArrowDown", '\u{E015}'),
    ("ArrowLeft", '\u{E012}'),
    ("ArrowRight", '\u{E014}'),
    ("ArrowUp", '\u{E013}'),
    ("Backspace", '\u{E003}'),
    ("BKSP", '\u{E003}'),
    ("DEL", '\u{E017}'),
    ("Delete", '\u{E017}'),
    ("Down", '\u{E015}'),
    ("End", '\u{E010}'),
    ("Enter", '\u{E007}'),
    ("ESC", '\u{E00C}'),
    ("Escape", '\u{E00C}'),
    ("F2", '\u{E032}'),
    ("F4", '\u{E034}'),
    ("Home", '\u{E011}'),
    ("Left", '\u{E012}'),
    ("NumpadEnter", '\u{E007}'),
    ("PageDown", '\u{E00F}'),
    ("PageUp", '\u{E00E}'),
    ("PGDN", '\u{E00F}'),
    ("PGUP", '\u{E00E}'),
    ("Return", '\u{E006}'),
    ("Right", '\u{E014}'),
    ("Space", ' '),
    ("Tab", '\u{E004}'),
    ("Up", '\u{E013}'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_by_the_names_of_every_format() {
        for name in ["Enter", "KEY_ENTER", "\r", "NumpadEnter"] {
            assert_eq!(key(name).as_deref(), Some("\u{E007}"), "{name:?}");
        }
        assert_eq!(key("KEY_PAGE_DOWN").as_deref(), Some("\u{E00F}"));
        assert_eq!((key("a").as_deref(), key("Hyper")), (Some("a"), None));
        assert!(is_modifier("ShiftLeft") && !is_modifier("Enter"));
    }
}
