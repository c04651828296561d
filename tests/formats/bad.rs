//! What is no session is told as such, and nothing is kept of it.

use std::fs::File;

use handstamp::handover::{Content, Format, Handed, Way, export, import};
use url::Url;

use crate::{
    sample::full,
    support::{Place, show_none_of},
};

#[test]
fn a_text_that_was_cut_is_never_taken_for_another_session() {
    let url = Url::parse("https://shop.example/").unwrap();
    let handed = Handed::new(full(), full().reach(), None).unwrap();
    let marked = |format: &&Format| {
        format.way() == Way::Both && !matches!(format.word(), "netrc" | "headers" | "curl-config")
    };
    for format in Format::ALL.iter().filter(marked) {
        let Content::Text(text) =
            export(&handed, *format, format.is_for_one_url().then_some(&url)).unwrap().content
        else {
            panic!("one text")
        };
        let text = text.expose();
        if text.starts_with(['{', '[']) {
            for end in (1..text.len() - 2).step_by(97).filter(|end| text.is_char_boundary(*end)) {
                for named in [None, Some(*format)] {
                    let error = import(&text.as_bytes()[..end], named, Some(&url)).unwrap_err().to_string();
                    assert!(error.contains("no complete JSON"), "{format}, {end}: {error}");
                    assert!(!error.contains("hard"), "{error}");
                }
            }
        } else {
            // In the middle of a cookie's name.
            let end = text.find("lang").unwrap() + 2;
            let cut = import(&text.as_bytes()[..end], Some(*format), Some(&url));
            assert!(cut.is_err() || *format == Format::Nuclei, "{format}");
        }
    }
}

#[tokio::test]
async fn what_is_no_session_is_refused_and_nothing_is_kept() {
    let place = Place::new();
    let png = place.path("a.png");
    std::fs::write(&png, [0x89, b'P', b'N', b'G', 0, 0xff, 0xfe]).unwrap();
    let huge = place.path("huge");
    File::create(&huge).unwrap().set_len((256 << 20) + 1).unwrap();
    let cookies = r#"[{"name":"planted-name","value":5,"domain":"a.example"}]"#;
    let cases = [
        (place.file("empty", ""), "it is empty"),
        (place.file("blank", " \n\t\n"), "it is empty"),
        (png, "this is no text"),
        (huge, "larger than 256 MiB"),
        (place.file("words", "planted words of no format\n"), "in no format that handstamp knows"),
        (place.file("other.json", r#"{"planted": 1}"#), "in no format that handstamp knows"),
        (place.file("cut.json", r#"{"cookies": [{"planted"#), "no complete JSON, from line 1"),
        (place.file("wrong.json", cookies), "`[0].value` has to be a string"),
        (place.file("no.har", r#"{"log":{"entries":[{"request":{"method":"GET","url":"https://a/","headers":[]},"response":{"status":200}}]}}"#), "with sensitive data"),
        (place.file("headers", "X-Planted: planted\n"), "does not tell which site"),
        (place.file("none.json", r#"{"cookies":[],"origins":[]}"#), "there is no session in it"),
        (place.path("missing"), "cannot read `"),
    ];
    let mut outputs = Vec::new();
    for (file, said) in &cases {
        let ran = place.handstamp(&["import", file, "-s", "kept", "-vvv"]).await.ends_with(2);
        assert!(ran.err.contains(said) && ran.err.contains("hint: "), "{file}: {}", ran.err);
        outputs.push(ran);
    }
    let named = place.handstamp(&["import", &cases[4].0, "--format", "zip"]).await.ends_with(2);
    named.says("there is no format `zip`");
    place.handstamp(&["show", "kept"]).await.ends_with(2).says("there is no session `kept`");
    show_none_of(&outputs, &["planted words".to_owned(), "planted-name".to_owned()]);
}

#[tokio::test]
async fn one_bad_file_of_several_keeps_all_of_them_out() {
    let place = Place::new();
    let good = place.file("good.txt", "a.example\tFALSE\t/\tTRUE\t0\tsid\tvalue\n");
    let bad = place.file("bad.txt", "a.example\tFALSE\t/\tTRUE\t0\n");
    place
        .handstamp(&["import", &good, &bad, "-s", "kept", "--format", "cookies.txt"])
        .await
        .ends_with(2)
        .says("line 1");
    place.handstamp(&["show", "kept"]).await.ends_with(2);
}
