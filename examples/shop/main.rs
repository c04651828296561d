//! The sample shop: a single-page application to log into, crawl and break, served on loopback.

mod account;
mod admin;
mod args;
mod assets;
mod basket;
mod catalog;
mod journal;
mod reply;
mod route;
mod seed;
mod server;
mod shelf;
mod shop;
mod table;
mod token;
mod truth;
mod user;
mod views;

use std::io::Read;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use crate::args::Options;
use crate::server::Server;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("shop: {message}");
            return ExitCode::from(2);
        }
    };
    match run(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("shop: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Opens the shop, says where it is, and serves until it is told to stop.
async fn run(options: Options) -> std::io::Result<()> {
    let listener = TcpListener::bind(options.listen).await?;
    let address = listener.local_addr()?;
    let stop = stop_signal(options.exit_with_stdin)?;
    let server = Arc::new(Server::new(&options)?);
    let ready = json!({
        "url": format!("http://{address}/"),
        "truth": format!("http://{address}/truth.json"),
        "users": user::seeded().map(|user| json!({
            "username": user.email, "password": user.password, "role": user.role.name(),
        })).collect::<Vec<_>>(),
        "token_lifetime": options.token_lifetime,
        "refresh": options.refresh,
        "pid": std::process::id(),
    });
    announce(&ready);
    server::run(listener, server, stop).await;
    Ok(())
}

/// Tells the one who started the shop that it is open.
#[expect(clippy::print_stdout, reason = "the line on stdout is this program's result")]
fn announce(ready: &serde_json::Value) {
    println!("{ready}");
}

/// Resolves on ctrl-c, on SIGTERM and, where asked for, when stdin closes.
fn stop_signal(exit_with_stdin: bool) -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (closed, stdin_closed) = oneshot::channel::<()>();
    let kept_open = if exit_with_stdin {
        // A thread of its own: a blocked read must not hold up the end of the process.
        std::thread::spawn(move || {
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            let _ = closed.send(());
        });
        None
    } else {
        Some(closed)
    };
    Ok(async move {
        let _kept_open = kept_open;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = stdin_closed => {}
        }
    })
}
