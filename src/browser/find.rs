//! Finds browsers and drivers on this machine.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::Kind;

/// What was found of one browser.
#[derive(Clone, Debug)]
pub struct Found {
    /// Which browser.
    pub kind: Kind,
    /// The browser's program.
    pub browser: Option<PathBuf>,
    /// The driver's program.
    pub driver: Option<PathBuf>,
}

/// Looks for a browser and its driver in `PATH`, and for drivers where cargo installs them.
#[must_use]
pub fn find(kind: Kind) -> Found {
    let data = kind.data();
    let first = |names: &[String]| names.iter().find_map(|name| on_path(name));
    // A stand-in of ours may lie on the path under the driver's own name.
    Found { kind, browser: first(&data.binaries), driver: real_driver(kind) }
}

impl Found {
    /// The version that a program tells of itself, first line, or nothing when it cannot be run.
    #[must_use]
    pub fn version(program: &Path) -> Option<String> {
        let output = Command::new(program).arg("--version").output().ok()?;
        if !output.status.success() {
            return None;
        }
        let text = String::from_utf8_lossy(&output.stdout);
        text.lines().next().map(|line| line.split(" (").next().unwrap_or(line).trim().to_owned())
    }
}

/// The driver of a browser that is not this program itself under the driver's name.
#[must_use]
pub fn real_driver(kind: Kind) -> Option<PathBuf> {
    kind.data()
        .driver
        .binaries
        .iter()
        .find_map(|name| folders().map(|f| f.join(name)).find(|file| is_another(file)))
}

/// Whether a file is there and is not this program.
fn is_another(file: &Path) -> bool {
    let own = env::current_exe().and_then(|own| own.canonicalize());
    match (file.canonicalize(), own) {
        (Ok(real), Ok(own)) => real.is_file() && real != own,
        (Ok(real), Err(_)) => real.is_file(),
        (Err(_), _) => false,
    }
}

fn on_path(name: &str) -> Option<PathBuf> {
    if let Some((above, below)) = name.split_once('*') {
        return below_any(Path::new(above), below.trim_start_matches('/'));
    }
    folders().map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// The folders of `PATH`, and the one of cargo.
fn folders() -> impl Iterator<Item = PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let cargo = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| {
        let home = env::var_os("HOME")?;
        Some(PathBuf::from(home).join(".cargo"))
    });
    let all: Vec<_> = env::split_paths(&path).chain(cargo.map(|c| c.join("bin"))).collect();
    all.into_iter()
}

/// A file below one of the folders of another: distributions keep programs below the name of the machine's architecture.
fn below_any(above: &Path, below: &str) -> Option<PathBuf> {
    let folders = fs::read_dir(above).ok()?.flatten();
    folders.map(|folder| folder.path().join(below)).find(|file| file.is_file())
}
