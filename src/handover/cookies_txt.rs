//! Netscape's `cookies.txt`: seven columns with tabs between them.

use url::Url;

use super::{
    Error, Format, Handed, Kind, Parts,
    browser_cookies::chosen,
    export::{Written, blurred},
};
use crate::session::Cookie;

/// The file; a session cookie ends at 0, and cookies that are hidden from scripts begin with a mark.
pub(super) fn write(handed: &Handed, format: Format, url: Option<&Url>) -> Result<Written, Error> {
    let cookies = chosen(handed, url)?;
    let mark = if format == Format::Wget { "" } else { MARK };
    let lines = cookies.iter().map(|cookie| line(cookie, mark));
    let text = format!("{HEAD}\n{}", lines.collect::<String>());
    let count = |has: fn(&Cookie) -> bool| cookies.iter().filter(|cookie| has(cookie)).count();
    let unmarked = if mark.is_empty() { count(|cookie| cookie.http_only) } else { 0 };
    let lost = [
        blurred("HttpOnly", unmarked),
        blurred("SameSite", count(|cookie| cookie.same_site.is_some())),
        blurred("the partition", count(|cookie| cookie.partition_key.is_some())),
    ];
    let carried = Parts::default().with(Kind::Cookie, cookies.len());
    Ok(Written { text, carried, blurred: lost.into_iter().flatten().collect() })
}

fn line(cookie: &Cookie, mark: &str) -> String {
    let flag = |is_set: bool| if is_set { "TRUE" } else { "FALSE" };
    let mark = if cookie.http_only { mark } else { "" };
    let dot = if cookie.host_only { "" } else { "." };
    format!(
        "{mark}{dot}{}\t{}\t{}\t{}\t{}\t{}\t{}\n",
        cookie.domain,
        flag(!cookie.host_only),
        cookie.path,
        flag(cookie.secure),
        cookie.expires.unwrap_or_default(),
        cookie.name,
        cookie.value.expose()
    )
}

/// Whether a text begins as such a file does.
pub(super) fn is_one(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| is_data(line));
    text.starts_with("# Netscape HTTP Cookie File")
        || text.starts_with("# HTTP Cookie File")
        || lines.next().is_some_and(|line| columns(line).len() == 7)
}

/// Reads a file. A line that lacks columns is an error, for it may have been cut.
pub(super) fn read(text: &str) -> Result<Vec<Cookie>, Error> {
    let lines = text.lines().enumerate().filter(|(_, line)| is_data(line));
    let cookies = lines.map(|(number, line)| cookie(line, number + 1)).collect();
    // Only a line that has an end can be known to have lost no more than an empty value.
    let last = text.lines().last().filter(|line| is_data(line) && !text.ends_with('\n'));
    if last.is_some_and(|line| line.split('\t').count() < 7) {
        return Err(Error::damaged(Format::CookiesTxt, "its last line was cut"));
    }
    cookies
}

fn cookie(line: &str, number: usize) -> Result<Cookie, Error> {
    let wrong = |what: &str| Error::damaged(Format::CookiesTxt, format!("line {number} {what}"));
    let (http_only, line) = match line.strip_prefix(MARK) {
        Some(rest) => (true, rest),
        None => (false, line),
    };
    let [domain, below, path, secure, end, name, value] = columns(line)[..] else {
        return Err(wrong("has to have seven columns with tabs between them"));
    };
    let flag = |text: &str| match text {
        "TRUE" => Ok(true),
        "FALSE" => Ok(false),
        _ => Err(wrong("has to say TRUE or FALSE in its second and fourth column")),
    };
    let end: f64 = end.parse().map_err(|_| wrong("has to have a number in its fifth column"))?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a cast from f64 saturates, and only whole seconds count"
    )]
    Ok(Cookie {
        name: name.to_owned(),
        value: value.into(),
        domain: domain.trim_start_matches('.').to_ascii_lowercase(),
        host_only: !flag(below)?,
        path: path.to_owned(),
        expires: Some(end as i64).filter(|end| *end > 0),
        secure: flag(secure)?,
        http_only,
        ..Cookie::default()
    })
}

/// The columns; an empty value may have lost the tab before it.
fn columns(line: &str) -> Vec<&str> {
    let mut columns: Vec<&str> = line.split('\t').collect();
    if columns.len() == 6 {
        columns.push("");
    }
    columns
}

fn is_data(line: &str) -> bool {
    !line.trim().is_empty() && (!line.starts_with('#') || line.starts_with(MARK))
}

const HEAD: &str = "# Netscape HTTP Cookie File";
const MARK: &str = "#HttpOnly_";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_other_tools_are_read() {
        let text = "# Netscape HTTP Cookie File\n# a remark\n\n.shop.example\tTRUE\t/\tTRUE\t1900000000.5\tsid\ta b\r\n#HttpOnly_127.0.0.1\tFALSE\t/app\tFALSE\t0\tempty\t\nlocalhost\tFALSE\t/\tFALSE\t0\tcut\n";
        let cookies = read(text).unwrap();
        assert_eq!(cookies.len(), 3);
        assert_eq!(
            (&*cookies[0].domain, cookies[0].host_only, cookies[0].secure),
            ("shop.example", false, true)
        );
        assert_eq!((cookies[0].expires, cookies[0].value.expose()), (Some(1_900_000_000), "a b"));
        assert_eq!((cookies[1].http_only, cookies[1].expires, &*cookies[1].path), (true, None, "/app"));
        assert!(cookies[2].value.is_empty() && cookies[2].host_only);
    }

    #[test]
    fn a_broken_line_is_named_and_its_value_is_not() {
        for line in ["a.example\tTRUE\t/\tFALSE\t0", "a.example\tYES\t/\tFALSE\t0\tn\tplanted", "planted"] {
            let error = read(&format!("# x\n{line}\n")).unwrap_err().to_string();
            assert!(error.contains("line 2") && !error.contains("planted"), "{error}");
        }
    }
}
