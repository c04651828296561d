//! Runs the command that was asked for.

use anyhow::Result;
use tokio_util::sync::CancellationToken;

use super::{
    ca, check, crawl, doctor, drivers, exec, explain, export, gateway, harvest_running, history, import,
    inject, login, logout, open, passage, proxy, push, record, sessions, show, verify, wire::Wire,
};
use crate::cli::{Args, Command, Environment, Exit};

/// Runs the command until it is done or `stop` is told; what it started has ended when this returns.
///
/// # Errors
/// Whatever the command could not do; see [`super::report`].
pub async fn run(args: Args, environment: &Environment, stop: CancellationToken) -> Result<Exit> {
    let mut wire = Wire::new(args.common, environment);
    wire.passage = passage::of_command(&args.command).await?;
    match args.command {
        // These have something to bring to an end.
        Command::Crawl(a) => Box::pin(crawl::run(&wire, &a, stop)).await,
        Command::Proxy(a) => proxy::run(&wire, &a, stop).await,
        Command::Gateway(a) => gateway::run(&wire, &a, stop).await,
        Command::Exec(a) => exec::run(&wire, &a, stop).await,
        Command::Push(a) => Box::pin(push::run(&wire, &a, stop)).await,
        Command::Open(a) => open::run(&wire, &a, stop).await,
        Command::Record(a) => record::run(&wire, &a, &stop).await,
        Command::Inject(a) => inject::run(&wire, &a, &stop).await,
        Command::Harvest(a) => harvest_running::run(&wire, &a, &stop).await,
        other => tokio::select! {
            result = finite(&wire, other) => result,
            // Dropping the command ends its browsers and drivers.
            () = stop.cancelled() => Ok(Exit::Interrupted),
        },
    }
}

async fn finite(wire: &Wire, command: Command) -> Result<Exit> {
    match command {
        Command::Login(a) => Box::pin(login::run(wire, &a)).await,
        Command::Logout(a) => logout::run(wire, &a).await,
        Command::Show { session } => show::run(wire, &session),
        Command::Verify(a) => verify::run(wire, &a).await,
        Command::Explain(a) => explain::run(wire, &a).await,
        Command::Sessions { action } => sessions::run(wire, action.as_ref()),
        Command::Ca { export } => ca::run(wire, export.as_deref()),
        Command::Check(a) => check::run(wire, &a),
        Command::History(a) => history::run(wire, &a),
        Command::Export(a) => export::run(wire, &a).await,
        Command::Import(a) => import::run(wire, &a),
        Command::Doctor => doctor::run(wire).await,
        Command::Drivers { action } => drivers::run(wire, &action),
        Command::Crawl(_)
        | Command::Proxy(_)
        | Command::Gateway(_)
        | Command::Open(_)
        | Command::Record(_)
        | Command::Exec(_)
        | Command::Push(_)
        | Command::Inject(_)
        | Command::Harvest(_) => Ok(Exit::Usage),
    }
}
