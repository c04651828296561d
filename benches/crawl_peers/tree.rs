//! How much memory a process and all that it started hold.

use std::{
    collections::{HashMap, HashSet},
    fs,
    time::Duration,
};

use tokio::time;

/// The most that the tree under a process holds at once, in bytes; asks until it is dropped.
pub(crate) async fn watch(root: u32, peak: &std::sync::atomic::AtomicU64) {
    loop {
        peak.fetch_max(resident(root), std::sync::atomic::Ordering::Relaxed);
        time::sleep(PAUSE).await;
    }
}

/// All processes under a root, itself included.
pub(crate) fn under(root: u32) -> HashSet<u32> {
    let mut children = HashMap::<u32, Vec<u32>>::new();
    for (id, parent) in processes() {
        children.entry(parent).or_default().push(id);
    }
    let (mut all, mut open) = (HashSet::from([root]), vec![root]);
    while let Some(id) = open.pop() {
        for child in children.get(&id).into_iter().flatten() {
            if all.insert(*child) {
                open.push(*child);
            }
        }
    }
    all
}

/// All processes that have a variable in their environment: those too whose parents have gone.
pub(crate) fn marked(name: &str, value: &str) -> Vec<u32> {
    let mark = format!("{name}={value}\0");
    let is_marked = |id: &u32| {
        let environment = fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        environment.windows(mark.len()).any(|part| part == mark.as_bytes())
    };
    processes().into_iter().map(|(id, _)| id).filter(is_marked).collect()
}

fn resident(root: u32) -> u64 {
    under(root).into_iter().map(|id| pages(id) * PAGE).sum()
}

/// What a process holds, less what it shares with others: a browser's processes share most of their code.
fn pages(id: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{id}/statm")).unwrap_or_default();
    let mut numbers = text.split(' ').skip(1).map_while(|number| number.parse::<u64>().ok());
    let (resident, shared) = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    resident.saturating_sub(shared)
}

fn processes() -> Vec<(u32, u32)> {
    let folders = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = folders.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    ids.filter_map(|id| Some((id, parent(id)?))).collect()
}

/// The fourth field; the second is a name in brackets that may hold blanks.
fn parent(id: u32) -> Option<u32> {
    let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    text.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

const PAUSE: Duration = Duration::from_millis(250);
const PAGE: u64 = 4096;
