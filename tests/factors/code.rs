//! One-time passwords, wherever they are asked for.

use serde_json::json;
use totp_rs::Algorithm;

use super::gate::{Asks, Codes, Gate, PASSWORD, SECRET, USUAL};
use crate::support::{Place, Ran, slot};

async fn login(gate: &Gate, place: &Place, secret: &str, more: &[&str]) -> Ran {
    let url = gate.login();
    let usual = ["login", &url, "-u", "anna", "--password-env", "PW", "--json", "-s", "gate"];
    place.handstamp_with(&[("PW", PASSWORD), ("OTP", secret)], &[&usual[..], more].concat()).await
}

fn uri(codes: Codes) -> String {
    let Codes { algorithm, digits, period } = codes;
    format!(
        "otpauth://totp/Gate:anna?secret={SECRET}&issuer=Gate&algorithm={algorithm}&digits={digits}&period={period}"
    )
}

async fn every_way_to_ask(browser: &str) {
    let ways = [
        (Asks::Page, Codes { digits: 8, ..USUAL }),
        (Asks::Boxes, Codes { algorithm: Algorithm::SHA256, ..USUAL }),
        (Asks::Beside, Codes { algorithm: Algorithm::SHA512, ..USUAL }),
        (Asks::InPlace, USUAL),
    ];
    for (asks, codes) in ways {
        let _slot = slot().await;
        let (gate, place) = (Gate::open(asks, codes).await, Place::new());
        let ran = login(&gate, &place, &uri(codes), &["--totp-env", "OTP", "--browser", browser]).await;
        let told = ran.ends_with(0);
        told.says("typed the one-time password");
        let document = told.json();
        assert_eq!(document["reason"], json!("logged-in"), "{asks:?}: {document}");
        assert!(!told.err.contains(SECRET) && !told.out.contains(SECRET), "{asks:?}");
        let kept = gate.kept.lock().unwrap();
        assert_eq!((kept.codes.len(), kept.passwords), (1, 1), "{asks:?}: {kept:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_typed_wherever_chromium_shows_its_field() {
    every_way_to_ask("chromium").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_typed_wherever_firefox_shows_its_field() {
    every_way_to_ask("firefox").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_code_is_used_twice_by_processes_one_after_the_other_and_the_secret_is_kept_nowhere() {
    let _slot = slot().await;
    let codes = Codes { period: 5, ..USUAL };
    let (gate, place) = (Gate::open(Asks::Page, codes).await, Place::new());
    let secret = place.file("secret", &uri(codes));
    for _ in 0..3 {
        login(&gate, &place, "", &["--totp-file", &secret]).await.ends_with(0);
    }
    let mut codes = gate.kept.lock().unwrap().codes.clone();
    codes.dedup();
    assert_eq!(codes.len(), 3, "{codes:?}");
    let shown = place.handstamp(&["show", "gate", "--json"]).await.ends_with(0);
    assert!(!shown.out.contains(SECRET));
    for file in std::fs::read_dir(place.path("store")).unwrap().flatten() {
        let bytes = std::fs::read(file.path()).unwrap();
        assert!(!bytes.windows(SECRET.len()).any(|part| part == SECRET.as_bytes()), "{:?}", file.path());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_told_from_a_wrong_password_and_from_no_secret() {
    let _slot = slot().await;
    let other = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    for asks in [Asks::Page, Asks::Beside] {
        let (gate, place) = (Gate::open(asks, USUAL).await, Place::new());
        let ran = login(&gate, &place, other, &["--totp-env", "OTP"]).await.ends_with(3);
        let told = ran.json();
        assert_eq!(told["reason"], json!("code-refused"), "{asks:?}: {told}");
        assert!(told["evidence"].as_str().unwrap().contains("Der Code ist falsch"), "{told}");
        assert!(told["hint"].as_str().unwrap().contains("clock"), "{told}");
        assert_eq!(gate.kept.lock().unwrap().codes.len(), 1, "nobody tries twice");
    }
    let (gate, place) = (Gate::open(Asks::Page, USUAL).await, Place::new());
    let told = login(&gate, &place, "", &[]).await.ends_with(3).json();
    assert_eq!(told["reason"], json!("code-needed"), "{told}");
    let ran = login(&gate, &place, "not base32!", &["--totp-env", "OTP"]).await;
    ran.ends_with(2).says("base32");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_of_a_user_of_a_configuration_is_typed_and_remembered_by_reference() {
    let _slot = slot().await;
    let (gate, place) = (Gate::open(Asks::Page, USUAL).await, Place::new());
    let config = format!(
        "contexts:\n- name: gate\n  urls: ['{}']\n  authentication: {{method: browser, parameters: {{loginPageUrl: '{}'}}}}\n  \
         users:\n  - name: anna\n    credentials: {{username: anna, passwordEnv: PW, totp: {{secretEnv: OTP}}}}\n",
        gate.world.url("/"),
        gate.login()
    );
    let config = place.file("handstamp.yaml", &config);
    let ran =
        place.handstamp_with(&[("PW", PASSWORD), ("OTP", SECRET)], &["login", "--config", &config]).await;
    ran.ends_with(0).says("logged in, proven by");
    assert_eq!(gate.kept.lock().unwrap().codes.len(), 1);
}
