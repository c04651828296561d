//! Network events of WebDriver BiDi, put together to exchanges.

use serde_json::{Value, json};

use super::{
    Challenges, Exchange, Traffic,
    challenges::Asked,
    cookie::bidi_text,
    socket::{Event, Sender},
    traffic::is_text,
};

/// Takes one event of the `network` module into the record; bodies are fetched where they are collected.
pub(super) fn on_network(traffic: &Traffic, sender: &Sender, event: &Event<'_>, collects_bodies: bool) {
    let params = event.params;
    let request = params["request"]["request"].as_str().unwrap_or_default();
    // Redirects keep the request id; the counter tells the hops apart.
    let id = format!("{request}#{}", params["redirectCount"]);
    match event.method {
        "network.beforeRequestSent" => traffic.begin(&id, exchange_of(params)),
        "network.fetchError" => {
            traffic.end(&id, |x| x.failure = params["errorText"].as_str().map(str::to_owned));
        }
        "network.responseCompleted" => complete(traffic, sender, &id, request, params, collects_bodies),
        _ => {}
    }
}

/// A server or a proxy asks for credentials.
pub(super) fn on_challenge(challenges: Option<&Challenges>, sender: &Sender, params: &Value) {
    let (request, response) = (&params["request"], &params["response"]);
    let challenge = &response["authChallenges"][0];
    let asked = Asked {
        request: request["request"].as_str().unwrap_or_default(),
        url: request["url"].as_str().unwrap_or_default(),
        is_proxy: response["status"] == 407,
        scheme: challenge["scheme"].as_str().unwrap_or_default(),
        realm: challenge["realm"].as_str().unwrap_or_default(),
    };
    let mut answered = json!({ "request": request["request"], "action": "cancel" });
    if let Some(answer) = challenges.and_then(|challenges| challenges.decide(&asked)) {
        answered["action"] = json!("provideCredentials");
        answered["credentials"] =
            json!({ "type": "password", "username": answer.username, "password": answer.password });
    }
    sender.post("network.continueWithAuth", answered, None);
}

fn complete(
    traffic: &Traffic,
    sender: &Sender,
    id: &str,
    request: &str,
    params: &Value,
    collects_bodies: bool,
) {
    let response = &params["response"];
    let response_headers = headers(&response["headers"]);
    let request_headers = headers(&params["request"]["headers"]);
    traffic.change(id, |x| {
        x.status = response["status"].as_u64().and_then(|s| u16::try_from(s).ok());
        x.response_headers = response_headers;
        x.request_headers = request_headers;
    });
    let content_type = response["mimeType"].as_str().unwrap_or_default();
    let status = response["status"].as_u64().unwrap_or_default();
    if !collects_bodies || !is_text(content_type) || (300..400).contains(&status) {
        traffic.end(id, |_| {});
        return;
    }
    let (traffic, id) = (traffic.clone(), id.to_owned());
    let wanted = json!({ "dataType": "response", "request": request });
    sender.send("network.getData", wanted, None, move |answer| {
        let body = answer.ok().and_then(|a| bidi_text(&a["bytes"]));
        traffic.end(&id, |x| x.response_body = body);
    });
}

fn exchange_of(params: &Value) -> Exchange {
    let request = &params["request"];
    Exchange {
        method: request["method"].as_str().unwrap_or_default().to_owned(),
        url: request["url"].as_str().unwrap_or_default().to_owned(),
        kind: kind_of(request, params),
        request_headers: headers(&request["headers"]),
        ..Exchange::default()
    }
}

/// The kind in CDP's words. Chromium tells CDP's own type; the standard has destination and initiator type.
fn kind_of(request: &Value, params: &Value) -> String {
    if let Some(kind) = request["goog:resourceType"].as_str() {
        return kind.to_owned();
    }
    let is_navigation = params["navigation"].is_string();
    match (
        request["destination"].as_str().unwrap_or_default(),
        request["initiatorType"].as_str().unwrap_or_default(),
    ) {
        ("document" | "iframe" | "frame", _) => "Document",
        (_, "xmlhttprequest") => "XHR",
        (_, "fetch") => "Fetch",
        ("script", _) => "Script",
        ("style", _) => "Stylesheet",
        ("image", _) => "Image",
        ("font", _) => "Font",
        _ if is_navigation => "Document",
        _ => "Other",
    }
    .to_owned()
}

fn headers(value: &Value) -> Vec<(String, String)> {
    let list = value.as_array().into_iter().flatten();
    list.filter_map(|h| Some((h["name"].as_str()?.to_owned(), bidi_text(&h["value"])?))).collect()
}
