//! Sizes in bytes as people write them.

use std::str::FromStr;

/// A number of bytes: `500K`, `64M`, `1G`, or plain bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(pub u64);

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no size; write for example `500K`, `64M` or `1G`");
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit: u64 = match text[digits.len()..].to_ascii_lowercase().as_str() {
            "" | "b" => 1,
            "k" | "kb" | "kib" => 1 << 10,
            "m" | "mb" | "mib" => 1 << 20,
            "g" | "gb" | "gib" => 1 << 30,
            _ => return Err(wrong()),
        };
        let number: u64 = digits.parse().map_err(|_| wrong())?;
        number.checked_mul(unit).filter(|size| *size > 0).map(Self).ok_or_else(wrong)
    }
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            size if size.is_multiple_of(1 << 20) => write!(f, "{}M", size >> 20),
            size => size.fmt(f),
        }
    }
}

/// A number of bytes for people: `512 B`, `3.1 KiB`.
#[must_use]
pub fn bytes(count: u64) -> String {
    if count < 1024 {
        return format!("{count} B");
    }
    #[expect(clippy::cast_precision_loss, reason = "one digit behind the point is shown")]
    let (mut size, mut units) = (count as f64 / 1024.0, ["KiB", "MiB", "GiB"].into_iter());
    let mut unit = units.next().unwrap_or_default();
    while size >= 1024.0
        && let Some(next) = units.next()
    {
        (size, unit) = (size / 1024.0, next);
    }
    format!("{size:.1} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_told_as_people_write_them() {
        for (text, size) in [("7", 7), ("500K", 512_000), ("64m", 64 << 20), ("1GiB", 1 << 30)] {
            assert_eq!(text.parse(), Ok(Size(size)), "{text}");
        }
        assert_eq!([bytes(12), bytes(3200), bytes(5 << 20)], ["12 B", "3.1 KiB", "5.0 MiB"]);
    }

    #[test]
    fn nonsense_is_refused_with_an_example() {
        for text in ["", "0", "M", "5x", "-1", "1.5M", "99999999999G"] {
            assert!(text.parse::<Size>().is_err_and(|e| e.contains("64M")), "{text}");
        }
    }
}
