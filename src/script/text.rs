//! Bytes as text and text as bytes, in the character sets that headers and bodies have.

/// Reads bytes in a character set. Without one, or in one that is not known, they are UTF-8; what is no UTF-8
/// becomes one character a byte, so that nothing fails and no length changes.
pub(super) fn decode(bytes: &[u8], charset: &str) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if !is_latin(charset) => text.to_owned(),
        _ => latin(bytes),
    }
}

/// Writes text in a character set; what ISO-8859-1 cannot say is written as a question mark, as Java does.
pub(super) fn encode(text: &str, charset: &str) -> Vec<u8> {
    if !is_latin(charset) {
        return text.as_bytes().to_vec();
    }
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

/// One character a byte, as headers are read: it comes back byte for byte.
pub(super) fn latin(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// The bytes of a header's value: one a character where that is possible, else UTF-8.
pub(super) fn unlatin(text: &str) -> Vec<u8> {
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    bytes.unwrap_or_else(|| text.as_bytes().to_vec())
}

fn is_latin(charset: &str) -> bool {
    ["iso-8859-1", "latin1", "us-ascii", "windows-1252"].iter().any(|name| charset.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_in_its_character_set_and_binary_bytes_one_by_one() {
        assert_eq!(decode("ä日".as_bytes(), ""), "ä日");
        assert_eq!(decode(&[0xe4], "ISO-8859-1"), "ä");
        assert_eq!(decode(&[0xff, 0x00, 0x41], "utf-8"), "\u{ff}\u{0}A");
        assert_eq!(encode("ä日", "iso-8859-1"), [0xe4, b'?']);
        assert_eq!(encode("ä", "UTF-8"), "ä".as_bytes());
    }

    #[test]
    fn header_values_come_back_byte_for_byte() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(unlatin(&latin(&all)), all);
        assert_eq!(unlatin("日"), "日".as_bytes());
    }
}
