//! The handstamp command: reads its surroundings once and hands over to the command line.

use std::{
    env,
    io::{IsTerminal as _, stderr},
    process::ExitCode,
};

use clap::Parser as _;
use handstamp::{
    cli::{Args, Common, Environment, Exit, Name, Output, StandInEnvironment},
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
    if let Some(name) = Name::of(env::args_os().next().unwrap_or_default()) {
        return stand_in(name);
    }
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

/// Under the name of a driver it is one.
fn stand_in(name: Name) -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let Name::Driver(kind) = name else { return command::guard().into() };
    log(EnvFilter::new("warn"), false);
    let result = Runtime::new().map_err(anyhow::Error::from).and_then(|runtime| {
        runtime.block_on(async {
            let (stop, _signals) = signals()?;
            let surroundings = StandInEnvironment::read(kind);
            Box::pin(command::stand_in(kind, args, surroundings, &Environment::read(), stop)).await
        })
    });
    result.unwrap_or_else(|failure| command::report(&failure, Output::Words)).into()
}

async fn run(args: Args) -> anyhow::Result<Exit> {
    let (stop, _signals) = signals()?;
    Box::pin(command::run(args, &Environment::read(), stop)).await
}

/// Told when somebody wants the program to end; the tasks that listen for that end with the second value.
fn signals() -> anyhow::Result<(CancellationToken, JoinSet<()>)> {
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
    Ok((stop, signals))
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
    log(EnvFilter::new(filter), common.verbose > 1);
}

fn log(filter: EnvFilter, with_target: bool) {
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr).without_time();
    let subscriber = subscriber.with_ansi(stderr().is_terminal());
    subscriber.with_target(with_target).compact().init();
}
