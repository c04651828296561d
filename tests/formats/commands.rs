//! `export` and `import` on the command line.

use std::{fs, os::unix::fs::PermissionsExt as _};

use handstamp::session::{Reference, State, Store};

use crate::{
    sample::{for_server, full},
    support::{Place, leaks},
};

#[tokio::test]
async fn what_is_exported_goes_to_stdout_and_what_is_left_out_to_stderr() {
    let place = Place::new();
    let file = place.session("s.json", &full());
    let ran = place.handstamp(&["export", "-s", &file, "--format", "cookies.txt", "-vvv"]).await.ends_with(0);
    assert!(
        ran.out.starts_with("# Netscape HTTP Cookie File\n#HttpOnly_shop.example\tFALSE\t/\tTRUE\t0\tsid\t")
    );
    let left = "left out: 2 localStorage entries, 2 sessionStorage entries, 1 IndexedDB database, 3 headers, 1 User-Agent";
    assert!(ran.err.contains(left), "{}", ran.err);
    let secrets: Vec<_> =
        full().secrets().iter().map(|s| s.expose().to_owned()).filter(|s| s.len() > 3).collect();
    let found = leaks(&[ran], &secrets);
    assert!(found.iter().all(|leak| leak.contains("stdout")), "{found:?}");
}

#[tokio::test]
async fn a_file_is_for_its_owner_alone_and_appears_whole_or_not_at_all() {
    let place = Place::new();
    let (file, target) = (place.session("s.json", &full()), place.file("cookies.txt", "old"));
    let args = ["export", "-s", &file, "--format", "cookies.txt", "-o", &target];
    let ran = place.handstamp(&args).await.ends_with(0);
    assert!(!ran.out.contains("sid"), "{}", ran.out);
    assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
    let refused = ["export", "-s", &file, "--format", "netrc", "-o", &target];
    place.handstamp(&refused).await.ends_with(2).says("nothing that netrc can carry");
    assert!(fs::read_to_string(&target).unwrap().contains("sid"), "the old file stays");
    let nowhere = place.path("no/such/dir/x");
    let args = ["export", "-s", &file, "--format", "cookies.txt", "-o", &nowhere];
    place.handstamp(&args).await.ends_with(1).says("cannot write");
}

#[tokio::test]
async fn several_files_become_one_session_and_stdin_is_one_of_them() {
    let place = Place::new();
    let cookies = "127.0.0.1\tFALSE\t/\tFALSE\t0\tsid\tvalue-1\n";
    let state = place.file("state.json", r#"{"cookies":[],"origins":[{"origin":"http://127.0.0.1:3000","localStorage":[{"name":"t","value":"v"}]}]}"#);
    let args = ["import", "-", &state, "-s", "both", "--url", "http://127.0.0.1:3000/"];
    let ran = place.handstamp_reading(cookies, &args).await.ends_with(0);
    ran.says("read standard input as cookies.txt: 1 cookie\n  cookies.txt has no place for localStorage, sessionStorage, IndexedDB, headers");
    ran.says("as playwright: 1 localStorage entry").says("kept as `both`; it goes to http://127.0.0.1:3000");
    let both = kept(&place, "both");
    assert_eq!((both.cookies.len(), both.origins.len()), (1, 1));
    let more = place.file("more.txt", "127.0.0.1\tFALSE\t/\tFALSE\t0\tother\tvalue-2\n");
    place.handstamp(&["import", &more, "-s", "both", "--merge"]).await.ends_with(0);
    assert_eq!(kept(&place, "both").cookies.len(), 2);
    place.handstamp(&["import", &more, "-s", "both"]).await.ends_with(0);
    assert_eq!((kept(&place, "both").cookies.len(), kept(&place, "both").origins.len()), (1, 0));
}

#[tokio::test]
async fn the_help_tells_what_each_format_can_carry() {
    let place = Place::new();
    for command in ["export", "import"] {
        let help = place.handstamp(&[command, "--help"]).await.ends_with(0);
        help.says("  cookies.txt            C-----")
            .says("  postman                CLS-HP 1")
            .says("  netrc                  -----P");
    }
}

#[tokio::test]
async fn machines_are_told_where_the_file_is_and_what_was_left_out() {
    let place = Place::new();
    let (file, target) = (place.session("s.json", &for_server("http://127.0.0.1:1/")), place.path("x"));
    let args = ["export", "-s", &file, "-f", "selenium", "-o", &target, "--json"];
    let document = place.handstamp(&args).await.ends_with(0).json();
    assert_eq!(
        (&document["format"], &document["left_out"]),
        (&"selenium".into(), &"1 header, 1 User-Agent".into())
    );
    let document = place.handstamp(&["import", &target, "-s", "x", "--json"]).await.ends_with(0).json();
    assert_eq!(document["parts"], "2 cookies");
}

fn kept(place: &Place, name: &str) -> State {
    let store = Store::open(place.path("store").as_ref()).unwrap();
    store.load(&name.parse::<Reference>().unwrap()).unwrap()
}
