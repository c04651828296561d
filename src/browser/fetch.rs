//! Asks drivers, grids and browsers for JSON documents.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper_util::{client::legacy::Client as HttpClient, rt::TokioExecutor};
use serde_json::Value;
use tokio::time;

use super::error::{Error, Result};

/// A JSON document from a driver's or a browser's own port.
pub(super) async fn fetch(address: &str) -> Result<Value> {
    let lost = |reason: String| Error::DriverLost { url: address.to_owned(), reason };
    let uri = address.parse().map_err(|_| lost("it is no address".into()))?;
    let client = HttpClient::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let answer = async {
        client
            .get(uri)
            .await
            .map_err(|e| lost(e.to_string()))?
            .into_body()
            .collect()
            .await
            .map_err(|e| lost(e.to_string()))
    };
    let body = time::timeout(GRACE, answer).await.map_err(|_| lost("it did not answer in time".into()))??;
    let body = body.to_bytes();
    serde_json::from_slice(&body).map_err(|_| {
        Error::of_way(&String::from_utf8_lossy(&body))
            .unwrap_or_else(|| lost("its answer is not understood".into()))
    })
}

const GRACE: Duration = Duration::from_secs(5);
