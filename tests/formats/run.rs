//! `exec`: commands that know nothing of sessions run logged in.

use std::{fs, sync::Arc, time::Duration};

use handstamp::session::State;
use http::{Request, Response};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use nix::sys::signal::Signal;
use tokio::{net::TcpListener, task::JoinSet};

use crate::{
    sample::for_server,
    support::{Got, Place, World, acceptor},
};

/// Checks that a request was that of the session's user.
#[track_caller]
pub(crate) fn is_logged_in(got: &Got, state: &State) {
    for cookie in &state.cookies {
        let pair = format!("{}={}", cookie.name, cookie.value.expose());
        assert!(
            got.header("cookie").split("; ").any(|own| own == pair),
            "{} is missing: {}",
            cookie.name,
            got.text()
        );
    }
    for token in &state.headers {
        assert_eq!(got.header(&token.name), token.value.expose(), "{}", got.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_logged_in_and_a_stranger_gets_nothing() {
    let (place, world, stranger) = (Place::new(), World::kind().await, World::kind().await);
    let state = for_server(&world.url("/"));
    let file = place.session("s.json", &state);
    let ran = place
        .handstamp(&["exec", "-s", &file, "--", "curl", "-sS", &world.url("/me"), &stranger.url("/me")])
        .await;
    assert_eq!(ran.ends_with(0).out, "yesyes");
    is_logged_in(&world.one(), &state);
    let other = stranger.one();
    assert_eq!((other.header("cookie"), other.header("x-token")), ("", ""), "{}", other.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn encrypted_requests_are_logged_in_too_and_the_certificates_are_trusted() {
    let place = Place::new();
    let (address, pem, _server) = encrypted().await;
    let state = for_server(&format!("https://{address}/"));
    let (file, ca) = (place.session("s.json", &state), place.file("ca.pem", &pem));
    let url = format!("https://{address}/");
    let ran =
        place.handstamp(&["exec", "-s", &file, "--ca", &ca, "--", "curl", "-sS", &url]).await.ends_with(0);
    assert!(ran.out.contains("planted-cookie"), "{}", ran.out);
    let bundle = "stat -c %a \"$SSL_CERT_FILE\"; grep -c BEGIN \"$SSL_CERT_FILE\"; grep -c BEGIN \"$NODE_EXTRA_CA_CERTS\"";
    let ran = place.handstamp(&["exec", "-s", &file, "--", "sh", "-c", bundle]).await.ends_with(0);
    let lines: Vec<_> = ran.out.lines().collect();
    assert_eq!((lines[0], lines[2]), ("600", "1"));
    assert!(lines[1].parse::<usize>().unwrap() > 1, "the system's certificates are there: {}", ran.out);
    assert_eq!(fs::read_dir(place.path("tmp")).unwrap().count(), 0, "nothing is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn variables_hold_the_headers_and_no_proxy_is_there_when_none_is_wanted() {
    let place = Place::new();
    let state = for_server("http://127.0.0.1:1/");
    let file = place.session("s.json", &state);
    let script = r#"printf '%s\n' "$HANDSTAMP_COOKIE|$ZAP_AUTH_HEADER|$ZAP_AUTH_HEADER_SITE|$HANDSTAMP_URL|$HANDSTAMP_SESSION|${HTTP_PROXY-none}|${https_proxy-none}|${SSL_CERT_FILE-none}"; printf '%s\n' "$HANDSTAMP_HEADERS""#;
    let ran = place.handstamp(&["exec", "-s", &file, "--no-proxy", "sh", "-c", script]).await.ends_with(0);
    let first = ran.out.lines().next().unwrap();
    let cookies = "sid=planted-cookie-0123456789; seen=own-cookie";
    assert_eq!(first, format!("{cookies}|X-Token|127.0.0.1|http://127.0.0.1:1/|{file}|none|none|none"));
    assert!(ran.out.contains(&format!("X-Token: {}\n", state.headers[0].value.expose())), "{}", ran.out);
    let ran = place.handstamp(&["exec", "-s", &file, "sh", "-c", script]).await.ends_with(0);
    assert!(ran.out.contains("|http://127.0.0.1:"), "{}", ran.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exit_code_the_streams_and_the_signals_are_the_commands_own() {
    let place = Place::new();
    let file = place.session("s.json", &for_server("http://127.0.0.1:1/"));
    let exec = |rest: &[&str]| {
        [&["exec", "-s", &file][..], rest].concat().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    for (script, code) in [("exit 7", 7), ("kill -9 $$", 137), ("exit 0", 0)] {
        let args = exec(&["sh", "-c", script]);
        place.handstamp(&args.iter().map(String::as_str).collect::<Vec<_>>()).await.ends_with(code);
    }
    let args = exec(&["no-such-command-here"]);
    let ran = place.handstamp(&args.iter().map(String::as_str).collect::<Vec<_>>()).await.ends_with(127);
    ran.says("cannot start `no-such-command-here`");
    let args = exec(&["--no-proxy", "cat", "-n"]);
    let ran = place
        .handstamp_reading("a\nb", &args.iter().map(String::as_str).collect::<Vec<_>>())
        .await
        .ends_with(0);
    assert_eq!(ran.out, "     1\ta\n     2\tb");
    let waiting = r"trap 'echo got; exit 3' TERM; echo ready; while :; do sleep 0.05; done";
    let args = exec(&["sh", "-c", waiting]);
    let mut running = place.start(&args.iter().map(String::as_str).collect::<Vec<_>>());
    running.has_said("ready").await;
    running.signal(Signal::SIGTERM);
    assert_eq!(running.end().await.ends_with(3).out, "ready\ngot\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_command_renewed_is_kept() {
    let place = Place::new();
    let world = World::open(|_| {
        let mut answer = Response::new("yes".to_owned());
        answer
            .headers_mut()
            .insert("set-cookie", "sid=renewed-0123456789; Path=/; HttpOnly".parse().unwrap());
        answer
    })
    .await;
    let file = place.session("s.json", &for_server(&world.url("/")));
    place.handstamp(&["exec", "-s", &file, "curl", "-s", &world.url("/")]).await.ends_with(0);
    assert!(fs::read_to_string(&file).unwrap().contains("renewed-0123456789"));
}

#[tokio::test]
async fn a_session_that_is_not_there_runs_nothing() {
    let place = Place::new();
    let ran = place.handstamp(&["exec", "-s", "nobody", "--", "sh", "-c", "echo ran"]).await.ends_with(2);
    assert_eq!(ran.out, "");
}

/// A server that tells what it got, over TLS; its certificate too.
pub(crate) async fn encrypted() -> (String, String, JoinSet<()>) {
    let (acceptor, pem) = acceptor();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (mut server, acceptor) = (JoinSet::new(), Arc::new(acceptor));
    server.spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = Arc::clone(&acceptor);
            connections.spawn(async move {
                let accepted = tokio::time::timeout(Duration::from_secs(10), acceptor.accept(stream)).await;
                let Ok(Ok(stream)) = accepted else { return };
                let echo = |request: Request<Incoming>| async move {
                    let cookie = request.headers().get("cookie").map(|c| c.to_str().unwrap().to_owned());
                    Ok::<_, std::convert::Infallible>(Response::new(cookie.unwrap_or_default()))
                };
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(echo)).await;
            });
        }
    });
    (address, pem, server)
}
