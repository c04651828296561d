//! A run of the command: its streams, its end, and signals on the way.

use std::{process::ExitStatus, time::Duration};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    process::{Child, Command},
    sync::watch,
    task::JoinSet,
    time,
};

/// No run of the command takes longer, however busy the machine is.
const LIMIT: Duration = Duration::from_secs(120);

/// A run that has ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Checks the exit code, and shows everything when it is another.
    #[track_caller]
    pub(crate) fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "\n--- stdout\n{}\n--- stderr\n{}", self.out, self.err);
        self
    }

    /// The one document on stdout.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let lines: Vec<_> = self.out.lines().collect();
        assert_eq!(lines.len(), 1, "one document on stdout:\n{}\n--- stderr\n{}", self.out, self.err);
        serde_json::from_str(lines[0]).unwrap()
    }

    /// Checks that a text stands on one of the streams.
    #[track_caller]
    pub(crate) fn says(&self, text: &str) -> &Self {
        let said = self.out.contains(text) || self.err.contains(text);
        assert!(said, "`{text}` is missing\n--- stdout\n{}\n--- stderr\n{}", self.out, self.err);
        self
    }
}

/// A run that goes on. It is told to stop when dropped, so that it can end its browsers.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    out: watch::Receiver<String>,
    err: watch::Receiver<String>,
    readers: JoinSet<()>,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut readers = JoinSet::new();
        let out = collect(&mut readers, child.stdout.take().unwrap());
        let err = collect(&mut readers, child.stderr.take().unwrap());
        Self { child, out, err, readers }
    }

    /// Waits until a text stands on stdout, and gives all that stands there.
    pub(crate) async fn has_said(&mut self, text: &str) -> String {
        let said = time::timeout(LIMIT, self.out.wait_for(|out| out.contains(text))).await;
        let said = said.map(|s| s.map(|out| out.clone()));
        match said {
            Ok(Ok(out)) => out,
            _ => panic!(
                "`{text}` was not said\n--- stdout\n{}\n--- stderr\n{}",
                *self.out.borrow(),
                *self.err.borrow()
            ),
        }
    }

    /// Writes a text to its standard input and closes that.
    pub(crate) async fn feed(&mut self, text: &str) {
        let mut input = self.child.stdin.take().unwrap();
        input.write_all(text.as_bytes()).await.unwrap();
    }

    /// Writes a line to its standard input, which stays open.
    pub(crate) async fn feed_line(&mut self, line: &str) {
        let input = self.child.stdin.as_mut().unwrap();
        input.write_all(format!("{line}\n").as_bytes()).await.unwrap();
    }

    pub(crate) fn signal(&self, signal: Signal) {
        if let Some(id) = self.child.id() {
            kill(Pid::from_raw(id.try_into().unwrap()), signal).unwrap();
        }
    }

    /// Waits for the end.
    pub(crate) async fn end(mut self) -> Ran {
        let status: Option<ExitStatus> = match time::timeout(LIMIT, self.child.wait()).await {
            Ok(status) => Some(status.unwrap()),
            Err(_) => None,
        };
        if status.is_none() {
            self.signal(Signal::SIGTERM);
            let _ = time::timeout(Duration::from_secs(5), self.child.wait()).await;
        }
        let _ = time::timeout(Duration::from_secs(5), async {
            while self.readers.join_next().await.is_some() {}
        })
        .await;
        let (out, err) = (self.out.borrow().clone(), self.err.borrow().clone());
        assert!(status.is_some(), "it did not end\n--- stdout\n{out}\n--- stderr\n{err}");
        Ran { code: status.and_then(|s| s.code()), out, err }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let deadline = std::time::Instant::now() + Duration::from_secs(5);
        self.signal(Signal::SIGTERM);
        while matches!(self.child.try_wait(), Ok(None)) && std::time::Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn collect(
    readers: &mut JoinSet<()>,
    mut stream: impl AsyncRead + Unpin + Send + 'static,
) -> watch::Receiver<String> {
    let (text, receiver) = watch::channel(String::new());
    readers.spawn(async move {
        let (mut all, mut some) = (Vec::new(), [0; 4096]);
        while let Ok(count @ 1..) = stream.read(&mut some).await {
            all.extend_from_slice(&some[..count]);
            text.send_replace(String::from_utf8_lossy(&all).into_owned());
        }
    });
    receiver
}
