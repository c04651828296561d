//! `handstamp push zap` against a real ZAP: what it sends on behalf of others arrives logged in.

#![allow(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

#[path = "zap/daemon.rs"]
mod daemon;
mod support;

use daemon::Zap;
use handstamp::{
    session::{Check, Cookie, HeaderToken, Indicator, Reference, Source, State, Store},
    site::Origin,
};
use nix::sys::signal::Signal;
use support::{Place, Ran, Running};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// A server that tells what each request carries.
struct Application {
    origin: Origin,
    _tasks: JoinSet<()>,
}

impl Application {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = Origin::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((mut tcp, _)) = listener.accept().await {
                connections.spawn(async move {
                    let head = daemon::head(&mut tcp).await;
                    let carries = |line: &&str| {
                        let name = line.split(':').next().unwrap_or_default().to_lowercase();
                        name == "cookie" || name == "authorization"
                    };
                    let body = head.lines().filter(carries).collect::<Vec<_>>().join(" | ");
                    let status = if body.contains("planted") { "200 OK" } else { "401 Unauthorized" };
                    let answer = format!(
                        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                        body.len()
                    );
                    let _ = tcp.write_all(answer.as_bytes()).await;
                });
            }
        });
        Self { origin, _tasks: tasks }
    }

    fn session(&self) -> State {
        State {
            scope: vec![self.origin.clone()],
            check: Some(Check {
                method: "GET".into(),
                url: self.origin.url().join("/me").unwrap(),
                headers: vec![],
                body: None,
                indicator: Indicator::Status { logged_in: 200, logged_out: 401 },
                evidence: String::new(),
            }),
            created: 1_800_000_000,
            ..State::default()
        }
    }

    fn with_cookie(&self, value: &str) -> State {
        let cookie = Cookie {
            name: "Sid".into(),
            value: value.into(),
            domain: self.origin.host().into(),
            path: "/".into(),
            host_only: true,
            http_only: true,
            ..Cookie::default()
        };
        State { cookies: vec![cookie], ..self.session() }
    }

    fn with_header(&self, value: &str) -> State {
        let token = HeaderToken {
            origin: self.origin.clone(),
            name: "Authorization".into(),
            value: value.into(),
            source: Source::Memory,
        };
        State { headers: vec![token], ..self.session() }
    }
}

/// The application, a place with sessions in its store, and ZAP.
struct Scene {
    place: Place,
    zap: Zap,
    application: Application,
}

impl Scene {
    fn save(&self, name: &str, state: &State) {
        let store = Store::open(self.place.path("store").as_ref()).unwrap();
        store.save(&Reference::Name(name.into()), state).unwrap();
    }

    fn args<'a>(&'a self, user: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        let fixed = ["push", "zap", "--url", self.zap.url(), "--api-key-env", "KEY", "--context", "shop"];
        [&fixed[..], &["--user", user], more].concat()
    }

    async fn push(&self, user: &str, more: &[&str]) -> Ran {
        let ran = self.place.handstamp_with(&[("KEY", daemon::KEY)], &self.args(user, more)).await;
        assert!(!format!("{}{}", ran.out, ran.err).contains("planted"), "{}\n{}", ran.out, ran.err);
        ran.ends_with(0)
    }

    /// What arrives of a request that a tool sends through ZAP's proxy.
    async fn arrives(&self, host: &str, lines: &str) -> String {
        let mut tcp = TcpStream::connect(self.zap.address()).await.unwrap();
        let port = self.application.origin.port();
        let request = format!(
            "GET http://{host}:{port}/page HTTP/1.1\r\nHost: {host}:{port}\r\n{lines}Connection: close\r\n\r\n"
        );
        tcp.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        tcp.read_to_string(&mut answer).await.unwrap();
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a ZAP from Maven Central; run by make test-zap"]
async fn a_real_zap_sends_requests_logged_in_follows_renewals_and_forgets_again() {
    let scene =
        Scene { place: Place::new(), zap: Zap::start().await, application: Application::open().await };
    let application = &scene.application;
    assert_eq!(scene.arrives("127.0.0.1", "").await, "", "a stranger carries nothing");

    // Cookies: on requests without any, and in the place of others' values.
    scene.save("shop/anna", &application.with_cookie("planted-1=="));
    scene.push("anna", &[]).await.says("1 cookie; sites: 127.0.0.1:");
    assert_eq!(scene.arrives("127.0.0.1", "").await.to_lowercase(), "cookie: sid=planted-1==");
    let mixed = scene.arrives("127.0.0.1", "Cookie: other=1; Sid=old\r\n").await.to_lowercase();
    assert!(
        mixed.contains("other=1") && mixed.contains("sid=planted-1==") && !mixed.contains("old"),
        "{mixed}"
    );
    assert_eq!(scene.arrives("localhost", "").await, "", "the session stays with its host");

    // ZAP itself finds the user logged in, by the learnt check.
    let id = [("contextName", "shop")];
    let context =
        scene.zap.call("context/view/context", &id).await["context"]["id"].as_str().unwrap().to_owned();
    let users = scene.zap.call("users/view/usersList", &[("contextId", &context)]).await;
    let user = users["usersList"][0]["id"].as_str().unwrap().to_owned();
    let polled =
        scene.zap.call("users/action/pollAsUser", &[("contextId", &context), ("userId", &user)]).await;
    assert_eq!(polled["pollSuccessful"], "true", "{polled}");

    // A second time is like the first.
    let before = scene.zap.views(&context).await;
    scene.push("anna", &[]).await;
    assert_eq!(scene.zap.views(&context).await, before);

    // Renewals go on.
    let mut command = scene.place.command(&scene.args("anna", &["--follow", "--json"]));
    command.env("KEY", daemon::KEY);
    let mut following = Running::start(command);
    following.has_said("\"event\":\"pushed\"").await;
    scene.save("shop/anna", &application.with_cookie("planted-2"));
    let began = std::time::Instant::now();
    following.has_said("\"event\":\"renewed\"").await;
    println!("a renewal is there after {:?}", began.elapsed());
    assert_eq!(scene.arrives("127.0.0.1", "").await.to_lowercase(), "cookie: sid=planted-2");
    following.signal(Signal::SIGTERM);
    following.end().await.ends_with(0);
    scene.push("anna", &["--remove"]).await;
    assert_eq!(scene.arrives("127.0.0.1", "").await, "", "it is gone");
    assert_eq!(
        scene.zap.call("context/view/contextList", &[]).await["contextList"].as_array().unwrap().len(),
        0
    );

    // One header, by ZAP's variables.
    scene.save("shop/ben", &application.with_header("Bearer planted-3"));
    scene.push("ben", &[]).await.says("1 header variable");
    assert_eq!(scene.arrives("127.0.0.1", "").await.to_lowercase(), "authorization: bearer planted-3");
    assert_eq!(scene.arrives("localhost", "").await, "", "nor does a header go to other hosts");
    scene.save("shop/ben", &application.with_header("Bearer planted-4"));
    scene.push("ben", &[]).await;
    assert_eq!(scene.arrives("127.0.0.1", "").await.to_lowercase(), "authorization: bearer planted-4");
    scene.push("ben", &["--remove"]).await;
    assert_eq!(scene.arrives("127.0.0.1", "").await, "");

    // The trap that the order of a push avoids: a session that is older than its site's names puts nothing on, ever.
    let site = [("site", &application.origin.to_string()["http://".len()..])];
    scene
        .zap
        .call("httpSessions/action/createEmptySession", &[&site[..], &[("session", "early")]].concat())
        .await;
    let value = [("session", "early"), ("sessionToken", "Sid"), ("tokenValue", "planted-5")];
    scene.zap.call("httpSessions/action/setSessionTokenValue", &[&site[..], &value].concat()).await;
    scene
        .zap
        .call("httpSessions/action/setActiveSession", &[&site[..], &[("session", "early")]].concat())
        .await;
    assert_eq!(scene.arrives("127.0.0.1", "").await, "", "dead, though it has a value and is active");

    // A wrong key is closed upon without a word.
    let wrong = scene.place.handstamp_with(&[("KEY", "wrong")], &scene.args("ben", &[])).await;
    wrong.ends_with(1).says("refuses the key");
}
