//! Words of a shell's command line: quoted and taken apart.

/// A word that a shell reads as it stands.
pub(super) fn quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// The words of a command line as browsers copy them: quotes of all kinds, `$'…'` too, and lines that go on.
///
/// `None` where a quote does not end. Nothing is expanded.
pub(super) fn words(text: &str) -> Option<Vec<String>> {
    let mut all = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                None | Some('\n') => {}
                Some('\r') => {
                    chars.next_if_eq(&'\n');
                }
                Some(c) => word.get_or_insert_default().push(c),
            },
            '\'' => single(&mut chars, word.get_or_insert_default())?,
            '"' => double(&mut chars, word.get_or_insert_default())?,
            '$' if chars.next_if_eq(&'\'').is_some() => escaped(&mut chars, word.get_or_insert_default())?,
            // Here the command ends.
            ';' | '|' | '&' | '\n' if word.is_none() && !all.is_empty() => break,
            c if c.is_whitespace() => all.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    all.extend(word);
    Some(all)
}

fn single(chars: &mut impl Iterator<Item = char>, word: &mut String) -> Option<()> {
    loop {
        match chars.next()? {
            '\'' => return Some(()),
            c => word.push(c),
        }
    }
}

fn double(chars: &mut impl Iterator<Item = char>, word: &mut String) -> Option<()> {
    loop {
        match chars.next()? {
            '"' => return Some(()),
            '\\' => match chars.next()? {
                '\n' => {}
                c @ ('"' | '\\' | '$' | '`') => word.push(c),
                c => word.extend(['\\', c]),
            },
            c => word.push(c),
        }
    }
}

/// `$'…'` as browsers write it: the escapes of C.
fn escaped(chars: &mut impl Iterator<Item = char>, word: &mut String) -> Option<()> {
    loop {
        match chars.next()? {
            '\'' => return Some(()),
            '\\' => match chars.next()? {
                'n' => word.push('\n'),
                'r' => word.push('\r'),
                't' => word.push('\t'),
                'u' => word.push(code(chars, 4)?),
                'x' => word.push(code(chars, 2)?),
                c => word.push(c),
            },
            c => word.push(c),
        }
    }
}

fn code(chars: &mut impl Iterator<Item = char>, digits: usize) -> Option<char> {
    let text: String = chars.take(digits).collect();
    char::from_u32(u32::from_str_radix(&text, 16).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back_as_they_were_quoted() {
        for word in ["plain", "it's", "a \"b\" $c `d` \\e", "ü\t!", ""] {
            assert_eq!(words(&quote(word)).unwrap(), [word]);
        }
    }

    #[test]
    fn what_browsers_copy_is_taken_apart() {
        let text = "curl 'http://a/?x=1&y' \\\n  -H $'X-A: it\\'s \\u0021' \\\r\n -b \"a=\\\"b\\\"\" --compressed ;\nrm x";
        assert_eq!(
            words(text).unwrap(),
            ["curl", "http://a/?x=1&y", "-H", "X-A: it's !", "-b", "a=\"b\"", "--compressed"]
        );
        assert_eq!(words("curl 'http://a"), None);
    }
}
