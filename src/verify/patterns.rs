//! ZAP's rule of logged-in and logged-out patterns.

use crate::site::Pattern;

/// Whether texts are what a user gets (`Some(true)`) or what a stranger gets (`Some(false)`), by the patterns that were given;
/// nothing where there is no pattern.
///
/// As in ZAP, what the logged-in pattern matches is a user's; else what the logged-out pattern does not match is; where
/// there is no such pattern it is a stranger's.
#[must_use]
pub fn by_patterns(
    logged_in: Option<&Pattern>,
    logged_out: Option<&Pattern>,
    texts: &[&str],
) -> Option<bool> {
    let found = |pattern: &Pattern| texts.iter().any(|text| pattern.finds(text) == Some(true));
    match (logged_in, logged_out) {
        (Some(pattern), _) if found(pattern) => Some(true),
        (_, Some(pattern)) => Some(!found(pattern)),
        (Some(_), None) => Some(false),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logged_in_pattern_wins_and_else_the_logged_out_one_decides() {
        let judge = |logged_in: Option<&str>, logged_out: Option<&str>, text: &str| {
            let parsed = |pattern: Option<&str>| pattern.map(|p| Pattern::parse(p).unwrap());
            let (logged_in, logged_out) = (parsed(logged_in), parsed(logged_out));
            by_patterns(logged_in.as_ref(), logged_out.as_ref(), &["HTTP/1.1 200 OK", text])
        };
        let both = (Some("Log out"), Some("Log in"));
        assert_eq!(judge(both.0, both.1, "Log out, Log in"), Some(true));
        assert_eq!(judge(both.0, both.1, "Log in"), Some(false));
        assert_eq!(judge(both.0, both.1, "neither"), Some(true));
        assert_eq!(judge(both.0, None, "neither"), Some(false));
        assert_eq!(judge(None, both.1, "neither"), Some(true));
        assert_eq!(judge(None, None, "anything"), None);
    }
}
