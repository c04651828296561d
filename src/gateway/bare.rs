//! Opens browsers for clients that speak BiDi alone, over a socket that belongs to no session yet.

use std::sync::Arc;

use futures_util::{SinkExt as _, StreamExt as _};
use http::{
    Request, Response, StatusCode,
    header::{CONNECTION, CONTENT_TYPE, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE},
};
use hyper::{
    body::Incoming,
    upgrade::{OnUpgrade, Upgraded},
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{net::TcpStream, sync::oneshot};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async_with_config,
    tungstenite::{
        self, Message,
        handshake::derive_accept_key,
        protocol::{Role, WebSocketConfig},
    },
};
use tracing::debug;

use super::{
    answer::{INVALID_SESSION, failure},
    error::Error,
    event::Reason,
    house::{House, delete},
    opening::Opening,
    order::Order,
    seat::Seat,
    users::Users,
    wish::Wish,
};
use crate::proxy::{Body, empty, read};

type ClientSocket = WebSocketStream<TokioIo<Upgraded>>;
type DriverSocket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Lets a client have a socket. The browser that it opens over that is logged in, and ends with it.
pub(super) fn run<U: Users>(
    house: &Arc<House<U>>,
    wish: Wish,
    mut request: Request<Incoming>,
) -> Response<Body> {
    let key = request.headers().get(SEC_WEBSOCKET_KEY).map(|key| derive_accept_key(key.as_bytes()));
    let Some(accept) = key.and_then(|key| HeaderValue::try_from(key).ok()) else {
        return failure(400, "invalid argument", "this is no way to open a WebSocket");
    };
    let client = hyper::upgrade::on(&mut request);
    let (house, stop, tasks) = (Arc::clone(house), house.stop.clone(), house.tasks.clone());
    tasks.spawn(async move {
        if let Some(Err(error)) = stop.run_until_cancelled(talk(house, wish, client)).await {
            debug!(%error, "a socket broke off");
        }
    });
    let mut response = Response::new(empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    response
}

async fn talk<U: Users>(house: Arc<House<U>>, wish: Wish, client: OnUpgrade) -> Result<(), Broken> {
    let io = TokioIo::new(client.await?);
    let socket = WebSocketStream::from_raw_socket(io, Role::Server, Some(unlimited())).await;
    Talk { house, wish, socket }.go_on().await
}

/// A client before it has a browser.
struct Talk<U> {
    house: Arc<House<U>>,
    wish: Wish,
    socket: ClientSocket,
}

impl<U: Users> Talk<U> {
    /// Answers commands that need no browser, until there is one. See 7.1 of the WebDriver BiDi standard.
    async fn go_on(mut self) -> Result<(), Broken> {
        while let Some(message) = self.socket.next().await {
            let Message::Text(text) = message? else { continue };
            let command: Value = serde_json::from_str(&text).unwrap_or_default();
            let id = &command["id"];
            let answer = match command["method"].as_str() {
                Some("session.status") => {
                    let is_ready = self.house.turns.available_permits() > 0;
                    success(
                        id,
                        &json!({ "ready": is_ready, "message": "no browser is open over this socket" }),
                    )
                }
                Some("session.new") => match opened(&self.house, &self.wish, &command["params"]).await {
                    Ok(granted) => return self.with_browser(id, granted).await,
                    Err((code, message)) => error(id, &code, &message),
                },
                Some(_) => error(id, INVALID_SESSION, "open a browser with `session.new` first"),
                None => error(id, "invalid argument", "this is no command"),
            };
            self.socket.send(answer).await?;
        }
        Ok(())
    }

    /// Tells the client of its browser, and relays what the two say to each other, until one of them goes.
    async fn with_browser(mut self, id: &Value, granted: Value) -> Result<(), Broken> {
        let session = granted["sessionId"].as_str().unwrap_or_default().to_owned();
        let Some(seat) = self.house.seat(&session) else { return Ok(()) };
        let outcome = self.relayed(id, &granted, &seat).await;
        let reason = match &outcome {
            Ok(Reason::Deleted) => {
                delete(&self.house.client, &seat.base, &seat.id).await;
                Reason::Deleted
            }
            Ok(reason) => *reason,
            Err(_) => Reason::Vanished,
        };
        self.house.end(&session, reason).await;
        let _ = self.socket.close(None).await;
        outcome.map(drop)
    }

    async fn relayed(&mut self, id: &Value, granted: &Value, seat: &Seat) -> Result<Reason, Broken> {
        let _busy = seat.activity.begin();
        let address = seat.sockets.behind("").map(|url| url.as_str().replacen("http", "ws", 1));
        let Some(address) = address else {
            let told = "the driver offers no BiDi\nhint: it may be too old, or this browser has none";
            self.socket.send(error(id, "session not created", told)).await?;
            return Ok(Reason::Deleted);
        };
        let (mut driver, _) = connect_async_with_config(&address, Some(unlimited()), true).await?;
        self.socket.send(success(id, granted)).await?;
        tokio::select! {
            () = seat.over.cancelled() => Ok(Reason::Stopped),
            outcome = pass(&mut self.socket, &mut driver) => outcome,
        }
    }
}

/// Opens a browser as the classic command does; gives what was granted, or the error's code and message.
async fn opened<U: Users>(
    house: &Arc<House<U>>,
    wish: &Wish,
    params: &Value,
) -> Result<Value, (String, String)> {
    let (sender, receiver) = oneshot::channel();
    let body = with_socket(params).to_string();
    let refused = |error: &Error| (error.code().1.to_owned(), error.to_string());
    let order = Order::read(body.as_bytes(), wish, &house.settings.behind);
    let order = order.map_err(|error| refused(&error))?;
    let request = Request::post("/session").header(CONTENT_TYPE, "application/json").body(());
    let (head, ()) = request.expect("all of it is valid").into_parts();
    let opening = Opening { head, order, sockets: None };
    house.tasks.spawn(opening.run(Arc::clone(house), sender));
    let response = receiver.await.map_err(|_| refused(&Error::Stopping))?;
    let is_open = response.status().is_success();
    let bytes = read(response.into_body(), ANSWER_LIMIT).await.map_err(|_| refused(&Error::Protocol))?;
    let mut answer: Value = serde_json::from_slice(&bytes).map_err(|_| refused(&Error::Protocol))?;
    let value = answer["value"].take();
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    if is_open { Ok(value) } else { Err((text("error"), text("message"))) }
}

/// Passes messages on until the client ends its session, or one of the two goes.
async fn pass(client: &mut ClientSocket, driver: &mut DriverSocket) -> Result<Reason, Broken> {
    loop {
        tokio::select! {
            said = client.next() => match said.transpose()? {
                Some(Message::Text(text)) => {
                    if let Some(id) = ends(&text) {
                        client.send(success(&id, &json!({}))).await?;
                        return Ok(Reason::Deleted);
                    }
                    driver.send(Message::Text(text)).await?;
                }
                Some(Message::Close(_)) | None => return Ok(Reason::Vanished),
                Some(_) => {}
            },
            told = driver.next() => match told.transpose()? {
                Some(message @ Message::Text(_)) => client.send(message).await?,
                Some(Message::Close(_)) | None => return Ok(Reason::Died),
                Some(_) => {}
            },
        }
    }
}

/// The number of a command that ends the session. The driver refuses it, since its session is a classic one as well.
fn ends(text: &str) -> Option<Value> {
    let command: Value = text.contains("session.end").then(|| serde_json::from_str(text).ok())??;
    (command["method"] == "session.end").then(|| command["id"].clone())
}

/// The body of the classic command that asks for the same, and for the socket of BiDi.
fn with_socket(params: &Value) -> Value {
    let mut asked = json!({ "capabilities": params["capabilities"] });
    if asked["capabilities"].is_null() {
        asked["capabilities"] = json!({});
    }
    let capabilities = &mut asked["capabilities"];
    if capabilities.is_object()
        && (capabilities["alwaysMatch"].is_null() || capabilities["alwaysMatch"].is_object())
    {
        capabilities["alwaysMatch"]["webSocketUrl"] = json!(true);
    }
    asked
}

fn success(id: &Value, result: &Value) -> Message {
    Message::text(json!({ "type": "success", "id": id, "result": result }).to_string())
}

fn error(id: &Value, code: &str, message: &str) -> Message {
    Message::text(json!({ "type": "error", "id": id, "error": code, "message": message }).to_string())
}

/// Pictures and documents come as one message.
fn unlimited() -> WebSocketConfig {
    WebSocketConfig::default().max_message_size(None).max_frame_size(None)
}

/// Why a socket is of no use any more.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error(transparent)]
    Upgrade(#[from] hyper::Error),
    #[error(transparent)]
    Socket(#[from] tungstenite::Error),
}

/// What is granted may hold whole extensions.
const ANSWER_LIMIT: usize = 64 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_over_a_socket_is_asked_for_in_the_classic_way_with_the_socket() {
        for (params, expected) in [
            (json!({}), json!({ "alwaysMatch": { "webSocketUrl": true } })),
            (
                json!({ "capabilities": { "alwaysMatch": { "a": 1 } } }),
                json!({ "alwaysMatch": { "a": 1, "webSocketUrl": true } }),
            ),
            (json!({ "capabilities": 7 }), json!(7)),
            (json!({ "capabilities": { "alwaysMatch": 7 } }), json!({ "alwaysMatch": 7 })),
        ] {
            assert_eq!(with_socket(&params)["capabilities"], expected, "{params}");
        }
    }

    #[test]
    fn only_the_command_that_ends_a_session_does() {
        assert_eq!(ends(r#"{"id":7,"method":"session.end","params":{}}"#), Some(json!(7)));
        for text in [
            r#"{"id":7,"method":"script.evaluate","params":{"expression":"session.end"}}"#,
            "session.end",
            "{}",
        ] {
            assert_eq!(ends(text), None, "{text}");
        }
    }
}
