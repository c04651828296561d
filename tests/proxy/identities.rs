//! Servers that want to see a client certificate.

use std::fs;

use handstamp::proxy::{Client, ClientSettings, HostPattern, Identity, Trust};
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair};

use crate::origin::Origin;
use crate::support::{Proxy, text};

/// A client certificate and its key, in PEM.
fn anna() -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["anna.test".to_owned()]).unwrap();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

async fn proxy(hosts: &str, pair: &(String, String)) -> Proxy {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), format!("{}{}", pair.0, pair.1)).unwrap();
    let hosts: HostPattern = hosts.parse().unwrap();
    let identity = Identity::read(hosts, file.path(), None).unwrap();
    let settings =
        ClientSettings { trust: Trust::Anything, identities: vec![identity], ..ClientSettings::default() };
    Proxy::with(true, None, Client::with(settings).unwrap()).await
}

#[tokio::test]
async fn a_server_is_shown_the_certificate_that_is_meant_for_it() {
    let anna = anna();
    let origin = Origin::tls_for(&anna.0).await;
    for hosts in ["*", "127.0.0.1"] {
        let response = proxy(hosts, &anna).await.get(&origin.url("/hello")).await;
        assert_eq!(text(response).await, "hello", "{hosts}");
    }
}

#[tokio::test]
async fn without_a_certificate_that_the_server_accepts_the_page_says_so() {
    let anna = anna();
    let origin = Origin::tls_for(&anna.0).await;
    for proxy in [Proxy::start().await, proxy("*.shop.example", &anna).await, proxy("*", &self::anna()).await]
    {
        let response = proxy.get(&origin.url("/hello")).await;
        assert_eq!(response.status(), 502);
        let word = response.headers()["x-handstamp-error"].clone();
        let page = text(response).await;
        assert_eq!(word, "client-certificate-wanted", "{page}");
        assert!(page.contains("--client-cert FILE"), "{page}");
    }
    assert_eq!(origin.hits(), 0);
}
