//! The handstamp command: reads its surroundings once and hands over to the command line.

use std::{
    io::{IsTerminal as _, stderr},
    process::ExitCode,
};

use clap::Parser as _;
use handstamp::{
    cli::{Args, Common, Environment, Exit, Output},
    command,
};
use tokio::{
    runtime::Runtime,
    signal::unix::{SignalKind, signal},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version are no mistakes; a pipe that nobody reads is none either.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() };
        }
    };
    log_to_stderr(&args.common);
    let output = if args.common.json { Output::Json } else { Output::Words };
    let result = Runtime::new().map_err(anyhow::Error::from).and_then(|runtime| runtime.block_on(run(args)));
    result.unwrap_or_else(|failure| command::report(&failure, output)).into()
}

async fn run(args: Args) -> anyhow::Result<Exit> {
    let stop = CancellationToken::new();
    let mut signals = JoinSet::new();
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
        let mut source = signal(kind)?;
        let stop = stop.clone();
        signals.spawn(async move {
            source.recv().await;
            stop.cancel();
        });
    }
    Box::pin(command::run(args, &Environment::read(), stop)).await
}

/// Logs go to stderr, so that stdout holds data alone.
fn log_to_stderr(common: &Common) {
    let filter = match (common.quiet, common.verbose) {
        (true, _) => "error",
        (_, 0) => "warn,handstamp::progress=info",
        (_, 1) => "warn,handstamp=info",
        (_, 2) => "warn,handstamp=debug",
        _ => "info,handstamp=trace",
    };
    let subscriber =
        tracing_subscriber::fmt().with_env_filter(EnvFilter::new(filter)).with_writer(stderr).without_time();
    let subscriber = subscriber.with_ansi(stderr().is_terminal());
    subscriber.with_target(common.verbose > 1).compact().init();
}
