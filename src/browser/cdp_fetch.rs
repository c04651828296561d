//! Requests and challenges that the Chrome DevTools Protocol stops at, and what they are answered with.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{
    Challenges,
    challenges::Asked,
    prime::EMPTY_PAGE,
    socket::{Event, Sender},
};

/// The parameters of `Fetch.enable` for challenges: only requests that are stopped have theirs told, so all are.
pub(super) fn fetch_enable() -> Value {
    json!({ "handleAuthRequests": true, "patterns": [{ "urlPattern": "*" }] })
}

/// A request was stopped: it gets an empty page where its tab is primed, and else goes on.
pub(super) fn on_paused(sender: &Sender, event: &Event<'_>, is_primed: bool) {
    let request = &event.params["requestId"];
    if !is_primed {
        sender.post("Fetch.continueRequest", json!({ "requestId": request }), event.session);
        return;
    }
    let params = json!({
        "requestId": request, "responseCode": 200, "body": STANDARD.encode(EMPTY_PAGE),
        "responseHeaders": [{ "name": "Content-Type", "value": "text/html" }],
    });
    sender.post("Fetch.fulfillRequest", params, event.session);
}

/// A server or a proxy asks for credentials.
pub(super) fn on_challenge(challenges: Option<&Challenges>, sender: &Sender, event: &Event<'_>) {
    let (params, challenge) = (event.params, &event.params["authChallenge"]);
    let asked = Asked {
        request: params["requestId"].as_str().unwrap_or_default(),
        url: params["request"]["url"].as_str().unwrap_or_default(),
        is_proxy: challenge["source"] == "Proxy",
        scheme: challenge["scheme"].as_str().unwrap_or_default(),
        realm: challenge["realm"].as_str().unwrap_or_default(),
    };
    let response = match challenges.and_then(|challenges| challenges.decide(&asked)) {
        Some(answer) => {
            json!({ "response": "ProvideCredentials", "username": answer.username, "password": answer.password })
        }
        None => json!({ "response": "CancelAuth" }),
    };
    let params = json!({ "requestId": params["requestId"], "authChallengeResponse": response });
    sender.post("Fetch.continueWithAuth", params, event.session);
}
