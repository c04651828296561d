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
    Found { kind, browser: first(&data.binaries), driver: first(&data.driver.binaries) }
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

fn on_path(name: &str) -> Option<PathBuf> {
    if let Some((above, below)) = name.split_once('*') {
        return below_any(Path::new(above), below.trim_start_matches('/'));
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let cargo = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| {
        let home = env::var_os("HOME")?;
        Some(PathBuf::from(home).join(".cargo"))
    });
    env::split_paths(&path)
        .chain(cargo.map(|c| c.join("bin")))
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// A file below one of the folders of another: distributions keep programs below the name of the machine's architecture.
fn below_any(above: &Path, below: &str) -> Option<PathBuf> {
    let folders = fs::read_dir(above).ok()?.flatten();
    folders.map(|folder| folder.path().join(below)).find(|file| file.is_file())
}
