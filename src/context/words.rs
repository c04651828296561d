//! Names in messages: the nearest one that is known, or all of them.

/// The hint for a name that nobody knows.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<_> = known.collect();
    match near(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "there are none".to_owned(),
        None => format!("there are {}", list(known.into_iter())),
    }
}

/// The known name that this one is most likely meant to be.
pub(super) fn near<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |other: &str| strsim::jaro_winkler(&name.to_lowercase(), &other.to_lowercase());
    let best = known.map(|other| (likeness(other), other)).max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= ALIKE).then_some(best.1)
}

/// Names in backticks, one after the other.
pub(super) fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// From this likeness on, a name is taken for a slip of the pen.
const ALIKE: f64 = 0.8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_leads_to_the_name_and_nonsense_to_all_of_them() {
        let known = || ["includePaths", "excludePaths", "users"].into_iter();
        assert_eq!(nearest("includePath", known()), "did you mean `includePaths`?");
        assert_eq!(nearest("Users", known()), "did you mean `users`?");
        assert_eq!(nearest("zebra", known()), "there are `includePaths`, `excludePaths`, `users`");
        assert_eq!(nearest("x", [].into_iter()), "there are none");
    }
}
