//! Lets a session script put the session onto requests, within the scope and within their origin.

use std::{collections::BTreeMap, sync::Arc};

use http::{
    HeaderMap, HeaderValue, Method,
    header::{
        ACCESS_CONTROL_REQUEST_METHOD, CONNECTION, CONTENT_LENGTH, COOKIE, HOST, HeaderName, TE, TRAILER,
        TRANSFER_ENCODING, UPGRADE,
    },
};

use super::{
    Error, Stamped,
    cookie_header::{name, pairs},
};
use crate::{
    script::{Message, SessionScript, Values},
    site::Scope,
};

/// A session that a script carries: what [`Stamp`](super::Stamp) is for the methods without one.
#[derive(Debug, Clone)]
pub struct Scripted {
    script: Arc<SessionScript>,
    values: Values,
    parameters: BTreeMap<String, String>,
    scope: Scope,
}

impl Scripted {
    /// Shows requests to URLs in `scope` to the script, and no others. The script should be this session's own:
    /// its top-level variables outlive the call.
    #[must_use]
    pub fn new(
        script: Arc<SessionScript>,
        values: Values,
        parameters: BTreeMap<String, String>,
        scope: Scope,
    ) -> Self {
        Self { script, values, parameters, scope }
    }

    /// Lets the script take the session out of the answer to a login; one from out of scope it never sees.
    pub async fn learn(&self, answered: &Message) -> Result<(), Error> {
        if self.scope.contains(&answered.url) {
            self.script.extract(answered, &self.values, &self.parameters).await?;
        }
        Ok(())
    }

    /// Lets the script put the session on a request, which stays as it is when that fails.
    ///
    /// The script may change the method, the path, the query, the headers and the body; the headers that frame
    /// the request or belong to the connection stay. A cookie that it adds takes the place of one of that name.
    pub async fn put_on(&self, request: &mut Message) -> Result<Stamped, Error> {
        if !self.scope.contains(&request.url) {
            return Ok(Stamped::OutOfScope);
        }
        if request.method == Method::OPTIONS && request.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
            return Ok(Stamped::Preflight);
        }
        let mut made = request.clone();
        self.script.process(&mut made, &self.values, &self.parameters).await?;
        self.keep_home(request, &made)?;
        keep_frame(request, &mut made);
        replace_cookies(&request.headers, &mut made.headers);
        hide_new(&request.headers, &mut made.headers);
        let stamped = if made == *request { Stamped::Nothing } else { Stamped::Put };
        *request = made;
        Ok(stamped)
    }

    /// Says no to a request that left its origin or the scope.
    fn keep_home(&self, before: &Message, after: &Message) -> Result<(), Error> {
        let (from, to) = (before.url.origin(), after.url.origin());
        if from == to && self.scope.contains(&after.url) {
            return Ok(());
        }
        Err(Error::Elsewhere { from: from.ascii_serialization(), to: to.ascii_serialization() })
    }
}

/// Puts the headers back that say where a request ends and what its connection is for.
fn keep_frame(before: &Message, after: &mut Message) {
    let new_body = before.body != after.body;
    for name in FRAME {
        if new_body && name == CONTENT_LENGTH {
            continue;
        }
        after.headers.remove(&name);
        // A body that the script set is sent whole.
        if new_body && name == TRANSFER_ENCODING {
            continue;
        }
        for value in before.headers.get_all(&name) {
            after.headers.append(&name, value.clone());
        }
    }
}

/// Leaves a cookie of the request out where the script added another one of its name.
fn replace_cookies(before: &HeaderMap, after: &mut HeaderMap) {
    let old: Vec<&[u8]> = pairs(before).collect();
    let all: Vec<&[u8]> = pairs(after).collect();
    let added: Vec<&[u8]> = all.iter().filter(|pair| !old.contains(pair)).map(|pair| name(pair)).collect();
    let is_replaced = |pair: &&[u8]| old.contains(pair) && added.contains(&name(pair));
    if !all.iter().any(is_replaced) {
        return;
    }
    let left: Vec<&[u8]> = all.into_iter().filter(|pair| !is_replaced(pair)).collect();
    if let Ok(line) = HeaderValue::from_bytes(&left.join(&b"; "[..])) {
        after.insert(COOKIE, line);
    }
}

/// Marks what the script set as a secret, so that no debug output shows it.
fn hide_new(before: &HeaderMap, after: &mut HeaderMap) {
    for (name, value) in after.iter_mut() {
        if !before.get_all(name).iter().any(|old| old == value) {
            value.set_sensitive(true);
        }
    }
}

const FRAME: [HeaderName; 7] = [HOST, CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION, UPGRADE, TE, TRAILER];

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::StatusCode;
    use url::Url;

    use super::*;
    use crate::{
        script::{Globals, Limits},
        site::Origin,
    };

    fn scripted(process: &str) -> Scripted {
        let text = format!(
            "function extractWebSession(sw) {{ sw.getSession().setValue('t', sw.getHttpMessage().getResponseBody().toString()) }}
             function processMessageToMatchSession(sw) {{ const m = sw.getHttpMessage(), h = m.getRequestHeader(); {process} }}"
        );
        let script = SessionScript::from_source("a.js", &text, &Globals::new(), Limits::default()).unwrap();
        let scope = Scope::new([
            Origin::parse("https://a.example").unwrap(),
            Origin::parse("https://b.example").unwrap(),
        ]);
        Scripted::new(Arc::new(script), Values::new(), BTreeMap::new(), scope)
    }

    fn request(url: &str) -> Message {
        Message::request(Method::GET, Url::parse(url).unwrap())
    }

    async fn refused(process: &str) -> String {
        let mut message = request("https://a.example/x");
        let error = scripted(process).put_on(&mut message).await.unwrap_err();
        assert_eq!(message, request("https://a.example/x"));
        error.to_string()
    }

    #[tokio::test]
    async fn the_script_takes_the_token_and_puts_it_on_in_scope() {
        let scripted = scripted("h.setHeader('Authorization', 'Bearer ' + sw.getSession().getValue('t'))");
        let login = request("https://a.example/login").answered(StatusCode::OK, HeaderMap::new(), "hunter2");
        scripted.learn(&login).await.unwrap();
        let mut message = request("https://a.example/x");
        assert_eq!(scripted.put_on(&mut message).await.unwrap(), Stamped::Put);
        assert_eq!(message.headers["authorization"], "Bearer hunter2");
        assert!(!format!("{:?} {scripted:?}", message.headers).contains("hunter2"));
    }

    #[tokio::test]
    async fn what_is_out_of_scope_and_preflights_never_reach_the_script() {
        let scripted = scripted("throw new Error('seen')");
        let mut stranger = request("https://evil.example/");
        assert_eq!(scripted.put_on(&mut stranger).await.unwrap(), Stamped::OutOfScope);
        assert_eq!(stranger, request("https://evil.example/"));
        let mut preflight = request("https://a.example/");
        preflight.method = Method::OPTIONS;
        preflight.headers.insert(ACCESS_CONTROL_REQUEST_METHOD, "POST".parse().unwrap());
        assert_eq!(scripted.put_on(&mut preflight).await.unwrap(), Stamped::Preflight);
        let login = request("https://evil.example/").answered(StatusCode::OK, HeaderMap::new(), "planted");
        scripted.learn(&login).await.unwrap();
        assert_eq!(scripted.values.names().len(), 0);
    }

    #[tokio::test]
    async fn a_script_cannot_send_a_request_to_another_origin_even_in_scope() {
        for target in [
            "https://evil.example/x",
            "http://a.example/x",
            "https://a.example:8443/x",
            "https://b.example/x",
        ] {
            let shown = refused(&format!("h.setURI(new java.net.URI('{target}', true))")).await;
            assert!(
                shown.starts_with("the session script sent a request for `https://a.example` to `"),
                "{shown}"
            );
        }
        let mut message = request("https://a.example/x?a=1");
        let moved = scripted("h.getURI().setEscapedQuery('a=2')").put_on(&mut message).await.unwrap();
        assert_eq!((moved, message.url.as_str()), (Stamped::Put, "https://a.example/x?a=2"));
        assert!(refused("throw 1").await.starts_with("the session script did not put"));
    }

    #[tokio::test]
    async fn a_script_cannot_change_how_a_request_is_framed() {
        let mut message = request("https://a.example/x");
        message.headers.insert(HOST, "a.example".parse().unwrap());
        message.headers.insert(TRANSFER_ENCODING, "chunked".parse().unwrap());
        let before = message.clone();
        let process = "h.setHeader('Host', 'b.example'); h.setHeader('Content-Length', '7'); h.setHeader('Transfer-Encoding', null); h.setHeader('Upgrade', 'h2c')";
        assert_eq!(scripted(process).put_on(&mut message).await.unwrap(), Stamped::Nothing);
        assert_eq!(message, before);
        scripted("m.setRequestBody('abc'); h.setContentLength(99)").put_on(&mut message).await.unwrap();
        assert_eq!(
            (&message.body, &message.headers[CONTENT_LENGTH]),
            (&Bytes::from("abc"), &HeaderValue::from(3))
        );
        assert!(!message.headers.contains_key(TRANSFER_ENCODING));
    }

    #[tokio::test]
    async fn a_cookie_of_the_script_takes_the_place_of_one_of_its_name() {
        let mut message = request("https://a.example/x");
        message.headers.insert(COOKIE, "token=old; theme=dark".parse().unwrap());
        let process = "const c = h.getCookieParams(); c.add(new org.parosproxy.paros.network.HtmlParameter(org.parosproxy.paros.network.HtmlParameter.Type.cookie, 'token', 'new')); h.setCookieParams(c)";
        scripted(process).put_on(&mut message).await.unwrap();
        assert_eq!(message.headers[COOKIE], "theme=dark; token=new");
    }
}
