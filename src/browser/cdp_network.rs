//! Network events of the Chrome DevTools Protocol, put together to exchanges.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{
    Exchange, Traffic,
    socket::Sender,
    traffic::{MAX_BODY, is_text},
};

/// Takes one event of the `Network` domain into the record.
pub(super) fn on_network(traffic: &Traffic, sender: &Sender, method: &str, params: &Value, session: &str) {
    let request = text(params, "requestId");
    let id = format!("{session}/{request}");
    match method {
        "Network.requestWillBeSent" => {
            if let Some(redirect) = params.get("redirectResponse") {
                traffic.end(&id, |x| take_response(x, redirect));
            }
            traffic.begin(&id, exchange_of(params));
        }
        "Network.requestWillBeSentExtraInfo" => {
            traffic.change(&id, |x| x.request_headers = headers(&params["headers"]));
        }
        "Network.responseReceivedExtraInfo" => traffic.change(&id, |x| {
            x.response_headers = headers(&params["headers"]);
        }),
        "Network.responseReceived" => traffic.change(&id, |x| take_response(x, &params["response"])),
        "Network.loadingFailed" => traffic.end(&id, |x| x.failure = Some(text(params, "errorText"))),
        "Network.loadingFinished" => finish(traffic, sender, &id, &request, params, session),
        "Network.webSocketCreated" => traffic.begin(
            &id,
            Exchange {
                method: "GET".into(),
                url: text(params, "url"),
                kind: "WebSocket".into(),
                ..Exchange::default()
            },
        ),
        "Network.webSocketClosed" => traffic.end(&id, |_| {}),
        _ => {}
    }
}

/// Ends an exchange, with its body where it is worth reading.
fn finish(traffic: &Traffic, sender: &Sender, id: &str, request: &str, params: &Value, session: &str) {
    let Some(exchange) = traffic.peek(id) else { return };
    let size = params["encodedDataLength"].as_f64().unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "a limit need not be exact")]
    let is_small = size <= MAX_BODY as f64;
    if !is_small || !is_text(exchange.response_header("content-type").unwrap_or_default()) {
        traffic.end(id, |_| {});
        return;
    }
    let (traffic, id) = (traffic.clone(), id.to_owned());
    sender.send("Network.getResponseBody", json!({ "requestId": request }), Some(session), move |answer| {
        let body = answer.ok().and_then(|a| {
            let text = a["body"].as_str()?.to_owned();
            if a["base64Encoded"] == true {
                String::from_utf8(STANDARD.decode(text).ok()?).ok()
            } else {
                Some(text)
            }
        });
        traffic.end(&id, |x| x.response_body = body);
    });
}

fn exchange_of(params: &Value) -> Exchange {
    let request = &params["request"];
    let fragment = request["urlFragment"].as_str().unwrap_or_default();
    Exchange {
        method: text(request, "method"),
        url: format!("{}{fragment}", text(request, "url")),
        kind: text(params, "type"),
        request_headers: headers(&request["headers"]),
        request_body: request["postData"].as_str().map(str::to_owned),
        ..Exchange::default()
    }
}

fn take_response(exchange: &mut Exchange, response: &Value) {
    exchange.status = response["status"].as_u64().and_then(|s| u16::try_from(s).ok());
    // The extra information, which has the cookies too, may have come before.
    if exchange.response_headers.is_empty() {
        exchange.response_headers = headers(&response["headers"]);
    }
}

/// CDP joins headers of one name with line breaks.
fn headers(value: &Value) -> Vec<(String, String)> {
    let pairs = value.as_object().into_iter().flatten();
    pairs
        .flat_map(|(name, value)| {
            value.as_str().unwrap_or_default().split('\n').map(move |v| (name.clone(), v.to_owned()))
        })
        .collect()
}

/// The parameters of `Network.enable`: bodies are kept long enough to be read.
pub(super) fn network_enable() -> Value {
    json!({ "maxTotalBufferSize": 64 * MAX_BODY, "maxResourceBufferSize": MAX_BODY, "maxPostDataSize": 65_536 })
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}
