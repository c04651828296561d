//! Points in time as people say them.

/// How long something will last: `in 59 min`, `expired 3 h ago`.
#[must_use]
pub fn until(then: i64, now: i64) -> String {
    if then > now { format!("in {}", length(then - now)) } else { format!("expired {}", ago(then, now)) }
}

/// How long ago something was: `3 h ago`, `just now`.
#[must_use]
pub fn ago(then: i64, now: i64) -> String {
    if now - then < 5 { "just now".to_owned() } else { format!("{} ago", length(now - then)) }
}

fn length(seconds: i64) -> String {
    match seconds {
        ..100 => format!("{seconds} s"),
        100..6000 => format!("{} min", seconds / 60),
        6000..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_the_unit_that_fits() {
        assert_eq!(until(1000 + 3540, 1000), "in 59 min");
        assert_eq!(until(1000, 1000 + 7200), "expired 2 h ago");
        assert_eq!(ago(1000, 1001), "just now");
        assert_eq!(until(1000 + 864_000, 1000), "in 10 days");
    }
}
