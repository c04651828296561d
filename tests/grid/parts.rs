//! A Selenium Grid of its own on loopback: a hub, and nodes that can be killed with all that they started.

use std::{
    fs,
    net::TcpListener,
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use handstamp::proxy::{Client, Trust, empty, read};
use http::Request;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;
use tokio::time;

/// A hub with nodes; all of them end when dropped.
pub(crate) struct Grid {
    pub(crate) url: String,
    hub: Part,
    nodes: Vec<Part>,
}

/// A process of the grid, and the folder that its browsers name on their command lines.
struct Part {
    child: Child,
    folder: String,
}

impl Grid {
    /// Starts a hub and as many nodes, each with two places, and waits until they know each other.
    pub(crate) async fn start(nodes: usize, folder: &str) -> Self {
        let [http, publish, subscribe] = ports();
        let bus = [("GRID_PORT", http), ("GRID_PUBLISH", publish), ("GRID_SUBSCRIBE", subscribe)];
        let hub = Part::start("hub", &bus, &format!("{folder}/hub"));
        let url = format!("http://127.0.0.1:{http}");
        let mut grid = Self { url, hub, nodes: Vec::new() };
        for number in 0..nodes {
            let [port] = ports();
            let folder = format!("{folder}/node{number}");
            grid.nodes.push(Part::start("node", &[&bus[..], &[("NODE_PORT", port)]].concat(), &folder));
        }
        grid.waits_until(|status| places(status, |_| true) == 2 * nodes).await;
        grid
    }

    /// Kills a node as a machine dies: nothing of it says goodbye.
    pub(crate) fn kill_node(&mut self, number: usize) {
        self.nodes[number].kill();
    }

    /// How many places are taken.
    pub(crate) async fn taken(&self) -> usize {
        places(&self.status().await, |slot| !slot["session"].is_null())
    }

    pub(crate) async fn waits_until(&self, done: impl Fn(&Value) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let status = self.status().await;
            if done(&status) {
                return;
            }
            assert!(Instant::now() < deadline, "the grid is not as it should be: {status}");
            time::sleep(Duration::from_millis(200)).await;
        }
    }

    async fn status(&self) -> Value {
        fetch(&format!("{}/status", self.url)).await.unwrap_or_default()
    }
}

impl Drop for Grid {
    fn drop(&mut self) {
        for part in self.nodes.iter_mut().chain([&mut self.hub]) {
            part.kill();
        }
    }
}

impl Part {
    fn start(part: &str, variables: &[(&str, u16)], folder: &str) -> Self {
        fs::create_dir_all(folder).unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/grid/grid.sh");
        let log = fs::File::create(format!("{folder}/log")).unwrap();
        let mut command = Command::new(script);
        command.arg(part).env("TMPDIR", folder).env("HOME", folder).process_group(0);
        command.envs(variables.iter().map(|(name, value)| (name, value.to_string())));
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        Self { child: command.spawn().unwrap(), folder: folder.to_owned() }
    }

    /// Kills it with its family, and with the helpers that have left the family and name its folder.
    fn kill(&mut self) {
        let mut family = vec![self.child.id()];
        let mut next = 0;
        while let Some(parent) = family.get(next).copied() {
            family.extend(children(parent));
            next += 1;
        }
        family.extend(naming(&self.folder));
        for id in family {
            let _ = kill(Pid::from_raw(id.try_into().unwrap()), Signal::SIGKILL);
        }
        let _ = self.child.wait();
    }
}

fn children(parent: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{parent}/task")).into_iter().flatten().flatten();
    let lists = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists
        .flat_map(|list| list.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<_>>())
        .collect()
}

fn naming(folder: &str) -> Vec<u32> {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    all.filter_map(|entry| {
        let id: u32 = entry.file_name().to_str()?.parse().ok()?;
        let line = fs::read(entry.path().join("cmdline")).ok()?;
        String::from_utf8_lossy(&line).contains(folder).then_some(id)
    })
    .filter(|id| *id != std::process::id())
    .collect()
}

fn places(status: &Value, counts: impl Fn(&Value) -> bool) -> usize {
    let nodes = status["value"]["nodes"].as_array().into_iter().flatten();
    nodes.flat_map(|node| node["slots"].as_array().into_iter().flatten()).filter(|slot| counts(slot)).count()
}

fn ports<const N: usize>() -> [u16; N] {
    let held: [TcpListener; N] = std::array::from_fn(|_| TcpListener::bind("127.0.0.1:0").unwrap());
    held.map(|listener| listener.local_addr().unwrap().port())
}

/// What an address answers, as JSON.
pub(crate) async fn fetch(url: &str) -> Option<Value> {
    let request = Request::get(url).body(empty()).unwrap();
    let answer = Client::new(&Trust::System).unwrap().send(request).await.ok()?;
    serde_json::from_slice(&read(answer.into_body(), 4_000_000).await.ok()?).ok()
}
