//! What small applications of the tests share: connections, tokens that tell their end, TLS, and who may come in.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use bytes::Bytes;
use digest_auth::{AuthContext, AuthorizationHeader, HttpMethod};
use http_body_util::Full;
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use rcgen::{CertificateParams, KeyPair};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_rustls::TlsAcceptor;

use super::world::Got;

/// Answers what comes in over all connections, until it is dropped.
pub(crate) async fn serve<F, E>(
    listener: TcpListener,
    answer: impl Fn(Request<Incoming>) -> F + Clone + Send + 'static,
) where
    F: Future<Output = Result<Response<Full<Bytes>>, E>> + Send + 'static,
    E: std::error::Error + Send + Sync + 'static,
{
    let mut tasks = JoinSet::new();
    loop {
        let Ok((tcp, _)) = listener.accept().await else { continue };
        let service = service_fn(answer.clone());
        tasks.spawn(async move {
            let _ = http1::Builder::new().serve_connection(TokioIo::new(tcp), service).await;
        });
    }
}

/// Whether a request comes from `anna`, with this password, by HTTP's Basic scheme.
pub(crate) fn is_basic(got: &Got, password: &str) -> bool {
    got.header("authorization") == format!("Basic {}", STANDARD.encode(format!("anna:{password}")))
}

/// The same by the Digest scheme.
pub(crate) fn is_digest(got: &Got, password: &str) -> bool {
    let Ok(sent) = AuthorizationHeader::parse(got.header("authorization")) else { return false };
    let method = HttpMethod::from(got.method.clone());
    let mut context = AuthContext::new_with_method("anna", password, sent.uri.clone(), None::<&[u8]>, method);
    context.set_custom_cnonce(sent.cnonce.clone().unwrap());
    let mut expected = sent.clone();
    expected.digest(&context);
    sent.response == expected.response
}

/// An unsigned token that tells its end.
pub(crate) fn jwt(user: &str, number: u32, life: Duration) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({"sub": user, "jti": number, "iat": now, "exp": now + life.as_secs()});
    format!("{}.{}.{}", part(json!({"alg": "none", "typ": "JWT"})), part(claims), "c2lnbmF0dXJl")
}

/// TLS for servers on loopback, with a certificate of their own, in PEM.
pub(crate) fn acceptor() -> (TlsAcceptor, String) {
    let key = KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let certificate = CertificateParams::new(names).unwrap().self_signed(&key).unwrap();
    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), certificate.pem())
}
