//! Lengths of time as people write them.

use std::{str::FromStr, time::Duration};

/// A length of time: `90`, `90s`, `5m`, `1h30m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length(pub Duration);

impl FromStr for Length {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no length of time; write for example `90s`, `5m` or `1h30m`");
        let (mut total, mut digits) = (0_u64, String::new());
        for c in text.trim().chars() {
            let unit = match c {
                '0'..='9' => {
                    digits.push(c);
                    continue;
                }
                's' => 1,
                'm' => 60,
                'h' => 3600,
                _ => return Err(wrong()),
            };
            let number: u64 = std::mem::take(&mut digits).parse().map_err(|_| wrong())?;
            total = number.checked_mul(unit).and_then(|n| n.checked_add(total)).ok_or_else(wrong)?;
        }
        if !digits.is_empty() {
            total = digits.parse::<u64>().ok().and_then(|n| n.checked_add(total)).ok_or_else(wrong)?;
        }
        if total == 0 { Err(wrong()) } else { Ok(Self(Duration::from_secs(total))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_as_people_write_them() {
        for (text, seconds) in [("90", 90), ("90s", 90), ("5m", 300), ("1h30m", 5400)] {
            assert_eq!(text.parse(), Ok(Length(Duration::from_secs(seconds))), "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused_with_an_example() {
        for text in ["", "0", "m", "5x", "-1s", "99999999999999999999h"] {
            assert!(text.parse::<Length>().is_err_and(|e| e.contains("5m")), "{text}");
        }
    }
}
