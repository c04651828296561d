//! A place of its own for one test: home, store and temporary files, with nothing left behind.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use handstamp::session::{State, file};
use nix::{
    sys::signal::{self, Signal},
    unistd::Pid,
};
use tempfile::TempDir;
use tokio::process::Command;

use super::{Ran, Running};

/// Folders for one test. When dropped it checks that no process and no browser folder of the test is left.
#[derive(Debug)]
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("handstamp-test-").tempdir().unwrap();
        for name in ["home", "tmp"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self { folder }
    }

    /// A path in the place, as text for arguments.
    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Writes a session file and gives its path.
    pub(crate) fn session(&self, name: &str, state: &State) -> String {
        let path = self.path(name);
        file::write(Path::new(&path), state).unwrap();
        path
    }

    /// Writes a text file and gives its path.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// Runs the command to its end.
    pub(crate) async fn handstamp(&self, args: &[&str]) -> Ran {
        self.start(args).end().await
    }

    /// Runs the command with variables of its own.
    pub(crate) async fn handstamp_with(&self, variables: &[(&str, &str)], args: &[&str]) -> Ran {
        let mut command = self.command(args);
        command.envs(variables.iter().copied());
        Running::start(command).end().await
    }

    /// Runs the command with a text on its standard input.
    pub(crate) async fn handstamp_reading(&self, text: &str, args: &[&str]) -> Ran {
        let mut command = self.command(args);
        command.stdin(Stdio::piped());
        let mut running = Running::start(command);
        running.feed(text).await;
        running.end().await
    }

    /// Starts the command.
    pub(crate) fn start(&self, args: &[&str]) -> Running {
        Running::start(self.command(args))
    }

    /// The command with nothing in its environment but the place.
    pub(crate) fn command(&self, args: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_handstamp"));
        command.args(args).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.path("home")).env("TMPDIR", self.path("tmp"));
        command.env("HANDSTAMP_HOME", self.path("store"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    /// What the test's commands have left: processes and browser folders.
    pub(crate) fn leftovers(&self) -> Vec<String> {
        let tmp = self.folder.path().join("tmp");
        let folders = fs::read_dir(&tmp).into_iter().flatten().flatten().map(|e| e.path());
        let folders = folders.filter(|p| is_browser_folder(p)).map(|p| p.display().to_string());
        processes_of(&tmp.to_string_lossy()).into_iter().chain(folders).collect()
    }

    /// Checks that nothing is left, which may take the system a moment.
    #[track_caller]
    pub(crate) fn is_clean(&self) {
        let deadline = Instant::now() + Duration::from_secs(3);
        while !self.leftovers().is_empty() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(50));
        }
        assert_eq!(self.leftovers(), [""; 0], "something was left behind");
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.is_clean();
        }
    }
}

/// The living processes that name a text on their command line or in their environment.
pub(crate) fn processes_of(marker: &str) -> Vec<String> {
    let ids = fs::read_dir("/proc").into_iter().flatten().flatten().map(|e| e.path());
    ids.filter_map(|process| describe(&process, marker)).collect()
}

/// Kills every process that names a text on its command line; tells how many there were.
pub(crate) fn kill(marker: &str) -> usize {
    let ids = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = ids.filter_map(|e| e.file_name().to_str()?.parse::<i32>().ok());
    let ours = ids.filter(|id| {
        let command = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&command).contains(marker)
    });
    ours.filter(|id| signal::kill(Pid::from_raw(*id), Signal::SIGKILL).is_ok()).count()
}

fn describe(process: &Path, marker: &str) -> Option<String> {
    let stat = fs::read_to_string(process.join("stat")).ok()?;
    let is_zombie = stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with(['Z', 'X']));
    let read = |name: &str| {
        String::from_utf8_lossy(&fs::read(process.join(name)).unwrap_or_default()).replace('\0', " ")
    };
    let (command, environment) = (read("cmdline"), read("environ"));
    let is_ours = command.contains(marker) || environment.contains(marker);
    (is_ours && !is_zombie)
        .then(|| format!("{}: {}", process.display(), command.chars().take(120).collect::<String>()))
}

fn is_browser_folder(path: &Path) -> bool {
    path.file_name().and_then(OsStr::to_str).is_some_and(|name| name.starts_with("handstamp-browser-"))
}
