//! Ends a driver with everything that it started.

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

/// Kills a process, its descendants, and every process that names the folder on its command line, and waits until they are gone.
///
/// Browsers start helpers that leave the family (crash handlers, zygotes): the profile folder, which is ours alone, finds these.
pub(super) fn end_tree(root: u32, folder: &Path) {
    let deadline = Instant::now() + LIMIT;
    while Instant::now() < deadline {
        let family = family(root, folder);
        if family.is_empty() {
            return;
        }
        for pid in family {
            if let Ok(pid) = i32::try_from(pid) {
                let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
            }
        }
        thread::sleep(POLL);
    }
}

/// The living processes that belong to a driver.
fn family(root: u32, folder: &Path) -> HashSet<u32> {
    let marker = folder.to_string_lossy().into_owned();
    let processes: HashMap<u32, Process> = all().map(|p| (p.id, p)).collect();
    let belongs = |p: &Process| p.id == root || p.command.contains(&marker) || descends(p, root, &processes);
    processes.values().filter(|p| !p.is_zombie && belongs(p)).map(|p| p.id).collect()
}

fn descends(process: &Process, root: u32, all: &HashMap<u32, Process>) -> bool {
    let mut parent = process.parent;
    for _ in 0..MAX_DEPTH {
        if parent == root {
            return true;
        }
        match all.get(&parent) {
            Some(next) if next.parent != 0 => parent = next.parent,
            _ => return false,
        }
    }
    false
}

struct Process {
    id: u32,
    parent: u32,
    is_zombie: bool,
    command: String,
}

/// All processes, as `/proc` tells; none where there is no such thing.
fn all() -> impl Iterator<Item = Process> {
    fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|entry| {
        let id: u32 = entry.file_name().to_str()?.parse().ok()?;
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        let command = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        // The name in brackets may hold spaces: state and parent stand behind the last bracket.
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
        let is_zombie = matches!(fields.next()?, "Z" | "X");
        let parent = fields.next()?.parse().ok()?;
        Some(Process { id, parent, is_zombie, command: String::from_utf8_lossy(&command).into_owned() })
    })
}

const LIMIT: Duration = Duration::from_secs(3);
const POLL: Duration = Duration::from_millis(5);
const MAX_DEPTH: usize = 32;

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_tree_ends_with_its_grandchildren() {
        let folder = Path::new("/nonexistent/handstamp-test-folder");
        let mut child = Command::new("sh").args(["-c", "sleep 60 & sleep 60"]).spawn().unwrap();
        let root = child.id();
        let deadline = Instant::now() + Duration::from_secs(5);
        while family(root, folder).len() < 2 && Instant::now() < deadline {
            thread::yield_now();
        }
        let members = family(root, folder);
        assert!(members.len() >= 2, "the shell has started its children");
        end_tree(root, folder);
        child.wait().unwrap();
        for pid in members {
            assert!(!all().any(|p| p.id == pid && !p.is_zombie), "process {pid} has ended");
        }
    }
}
