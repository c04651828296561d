//! The authority's files: made once, read again, never replaced in silence.

use std::fs;
use std::path::Path;

use handstamp::proxy::{Authority, Error};
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use time::{Duration, OffsetDateTime};

fn damage(dir: &Path) -> String {
    let error = Authority::load_or_create(dir).unwrap_err();
    assert!(matches!(error, Error::AuthorityDamaged { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("\nhint: "), "{text}");
    assert!(!text.contains("PRIVATE"), "{text}");
    text
}

#[test]
fn an_authority_is_made_once_and_read_again() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("not/yet");
    let made = Authority::load_or_create(&home).unwrap();
    let again = Authority::load_or_create(&home).unwrap();
    assert_eq!(made.pem(), again.pem());
    assert_eq!(made.pem(), fs::read_to_string(home.join("ca.pem")).unwrap());
    assert_eq!(made.spki_sha256_base64(), again.spki_sha256_base64());
    assert_eq!(made.spki_sha256_base64().len(), 44);
    assert_ne!(made.pem(), Authority::ephemeral().unwrap().pem());
}

#[cfg(unix)]
#[test]
fn the_key_is_for_its_owner_alone_and_the_certificate_for_everybody() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    Authority::load_or_create(dir.path()).unwrap();
    let mode = |name| fs::metadata(dir.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("ca.key"), mode("ca.pem")), (0o600, 0o644));
}

#[test]
fn a_damaged_a_missing_and_a_foreign_key_are_told_with_a_hint_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let made = Authority::load_or_create(dir.path()).unwrap();
    let key = dir.path().join("ca.key");
    let whole = fs::read_to_string(&key).unwrap();
    fs::write(&key, &whole[..whole.len() / 2]).unwrap();
    assert!(damage(dir.path()).contains("ca.key"));
    fs::write(&key, [0xff, 0xfe]).unwrap();
    assert!(damage(dir.path()).contains("it is not text"));
    fs::remove_file(&key).unwrap();
    assert!(damage(dir.path()).contains("it is missing"));
    let other = tempfile::tempdir().unwrap();
    Authority::load_or_create(other.path()).unwrap();
    fs::copy(other.path().join("ca.key"), &key).unwrap();
    assert!(damage(dir.path()).contains("it is not the key of `ca.pem`"));
    assert_eq!(fs::read_to_string(dir.path().join("ca.pem")).unwrap(), made.pem());
}

/// Writes an authority that is valid for this many days from and up to now.
fn write(dir: &Path, days: std::ops::Range<i64>) -> String {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.not_before = OffsetDateTime::now_utc() + Duration::days(days.start);
    params.not_after = OffsetDateTime::now_utc() + Duration::days(days.end);
    let pem = params.self_signed(&key).unwrap().pem();
    fs::write(dir.join("ca.pem"), &pem).unwrap();
    fs::write(dir.join("ca.key"), key.serialize_pem()).unwrap();
    pem
}

#[test]
fn an_authority_that_has_expired_is_replaced_once_and_one_that_has_not_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let valid = write(dir.path(), -2..1);
    assert_eq!(Authority::load_or_create(dir.path()).unwrap().pem(), valid);
    let expired = write(dir.path(), -2..-1);
    let renewed = Authority::load_or_create(dir.path()).unwrap();
    assert_ne!(renewed.pem(), expired);
    assert_eq!(Authority::load_or_create(dir.path()).unwrap().pem(), renewed.pem());
}

#[test]
fn an_authority_of_the_future_points_at_the_clock_and_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let early = write(dir.path(), 1..2);
    let error = Authority::load_or_create(dir.path()).unwrap_err();
    assert!(error.to_string().contains("hint: check the clock"), "{error}");
    assert_eq!(fs::read_to_string(dir.path().join("ca.pem")).unwrap(), early);
}

#[test]
fn many_who_make_the_authority_at_once_get_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let pems: Vec<String> = std::thread::scope(|scope| {
        let load = || Authority::load_or_create(dir.path()).unwrap().pem().to_owned();
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(load)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert!(pems.iter().all(|pem| *pem == pems[0]));
}
