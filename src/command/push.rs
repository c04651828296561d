//! Puts a session into another tool that runs, and keeps it there.

use std::{
    fs,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Result;
use serde_json::json;
use tokio::time::{self, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::{failure, login::require_web, logins::Logins, push_subject::Subject, roster::Wards, wire::Wire};
use crate::{
    cli::{Exit, PushArgs, PushTo, PushZapArgs, plural},
    handover::zap::{Api, Goods, Note, Pushed, Receipt, push, remove},
    keep::{Living, Login as _},
    session::{Credential, State, Store},
};

pub(super) async fn run(wire: &Wire, args: &PushArgs, stop: CancellationToken) -> Result<Exit> {
    let PushTo::Zap(args) = &args.to;
    require_web(&args.url)?;
    let key = args.api_key_env.clone().map(|name| Credential::Env(name).resolve()).transpose()?;
    let api = Api::new(wire.client()?, args.url.clone(), key, wire.common.timeout.0);
    let subject = Subject::of(wire, args.session.as_ref())?;
    if args.remove {
        return tokio::select! {
            done = take_away(wire, &api, &subject) => done,
            () = stop.cancelled() => Ok(Exit::Interrupted),
        };
    }
    Box::pin(put(wire, args, (api, subject), stop)).await
}

async fn take_away(wire: &Wire, api: &Api, subject: &Subject) -> Result<Exit> {
    let names = subject.names();
    let file = Receipt::file(&wire.environment.home, &api.address(), &names);
    let (context, user) = (&names.context, &names.user);
    let notes = if let Some(mut receipt) = Receipt::read(&file)? {
        let removed = remove(api, &names, &mut receipt).await;
        // What is left can be removed another time.
        receipt.write(&file)?;
        let removed = removed?;
        let _ = fs::remove_file(&file);
        wire.output.line(format_args!("`{context}/{user}` is out of ZAP at {}", api.address()))?;
        removed.notes
    } else {
        let at = api.address();
        wire.output.line(format_args!("nothing of `{context}/{user}` was pushed into ZAP at {at}"))?;
        Vec::new()
    };
    tell(wire, &notes)?;
    wire.output.document(&json!({
        "schema": SCHEMA, "event": "removed", "context": context, "user": user, "notes": notes,
    }))?;
    Ok(Exit::Done)
}

async fn put(
    wire: &Wire,
    args: &PushZapArgs,
    (api, subject): (Api, Subject),
    stop: CancellationToken,
) -> Result<Exit> {
    let wards = Wards::new(wire, &args.target)?;
    let living = subject.living(&wards, args.session.as_ref())?;
    let mut work = Work::new(wire, api, subject, Arc::clone(&living))?;
    let done = async {
        // Logs in where there is no session yet, or one that has ended.
        living.ready().await?;
        work.push("pushed").await?;
        if args.follow { work.follow(&living).await } else { Ok(Exit::Done) }
    };
    let done = tokio::select! {
        done = done => done,
        // Following goes on until somebody ends it: that is its end.
        () = stop.cancelled() => Ok(if args.follow { Exit::Done } else { Exit::Interrupted }),
    };
    wards.settle().await;
    done
}

/// One session on its way into one ZAP.
struct Work<'a> {
    wire: &'a Wire,
    api: Api,
    subject: Subject,
    living: Arc<Living<Logins>>,
    store: Store,
    receipt: Receipt,
    pushed: Option<Pushed>,
    /// The number of the session in the store that is in ZAP.
    seen: Option<u64>,
    /// The session that is in ZAP.
    sent: Option<State>,
}

impl<'a> Work<'a> {
    fn new(wire: &'a Wire, api: Api, subject: Subject, living: Arc<Living<Logins>>) -> Result<Self> {
        let store = wire.store()?;
        Ok(Self {
            wire,
            api,
            subject,
            living,
            store,
            receipt: Receipt::default(),
            pushed: None,
            seen: None,
            sent: None,
        })
    }

    /// Makes or updates everything.
    async fn push(&mut self, event: &str) -> Result<()> {
        let (goods, file) = self.goods()?;
        self.receipt = Receipt::read(&file)?.unwrap_or_default();
        let pushed = push(&self.api, &goods, &mut self.receipt).await;
        // What was pushed before it failed can be removed, too.
        self.receipt.write(&file)?;
        self.pushed = Some(pushed?);
        self.told(event)
    }

    /// Takes the newest values there.
    async fn renew(&mut self) -> Result<()> {
        let (goods, file) = self.goods()?;
        let Some(pushed) = &mut self.pushed else { return self.push("renewed").await };
        let renewed = pushed.renew(&self.api, &goods, &mut self.receipt).await;
        self.receipt.write(&file)?;
        match renewed {
            // ZAP may have been started anew, and know nothing of the context.
            Err(error) if !error.is_passing() => return self.push("renewed").await,
            other => other?,
        }
        self.told("renewed")
    }

    /// Whether the store has another session by now than ZAP: it is saved for other reasons, too.
    fn has_news(&mut self) -> Result<bool> {
        let newest = self.store.generation(self.subject.reference())?;
        if newest.is_none() || newest == self.seen {
            return Ok(false);
        }
        let state = unjudged(self.load()?);
        Ok(self.sent.as_ref() != Some(&state))
    }

    fn load(&mut self) -> Result<State> {
        let reference = self.subject.reference();
        self.seen = self.store.generation(reference)?;
        Ok(self.store.load(reference)?)
    }

    /// What the store has by now.
    fn goods(&mut self) -> Result<(Goods, PathBuf)> {
        let state = self.load()?;
        self.sent = Some(unjudged(state.clone()));
        let names = self.subject.names();
        let file = Receipt::file(&self.wire.environment.home, &self.api.address(), &names);
        let auth = self.living.login().http_auth(&state);
        Ok((Goods::of(&state, names, self.subject.context(), auth)?, file))
    }

    /// Takes each renewal on, and looks now and then whether ZAP was started anew.
    async fn follow(&mut self, living: &Living<Logins>) -> Result<Exit> {
        if !living.can_renew() {
            self.wire.output.line(
                "  note: the session is renewed by others only, since nothing tells where its password is",
            )?;
        }
        let mut every = time::interval(LOOK_EVERY);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut trouble = Trouble::default();
        let mut checked = Instant::now();
        loop {
            every.tick().await;
            if !trouble.allows() {
                continue;
            }
            let is_news = self.has_news()? || trouble.is_there();
            if !is_news && checked.elapsed() < CHECK_EVERY {
                continue;
            }
            checked = Instant::now();
            let done = if is_news { self.renew().await } else { self.check().await };
            trouble.after(done.err())?;
        }
    }

    async fn check(&mut self) -> Result<()> {
        let (goods, _) = self.goods()?;
        let is_there = match &self.pushed {
            Some(pushed) => pushed.is_there(&self.api, &goods, &self.receipt).await?,
            None => false,
        };
        if is_there { Ok(()) } else { self.push("pushed").await }
    }

    fn told(&self, event: &str) -> Result<()> {
        let Some(pushed) = &self.pushed else { return Ok(()) };
        let (names, parts) = (self.subject.names(), &pushed.parts);
        let what =
            [(parts.cookies, "cookie"), (parts.rules, "header rule"), (parts.variables, "header variable")];
        let what: Vec<_> = what.iter().filter(|(n, _)| *n > 0).map(|(n, noun)| plural(*n, noun)).collect();
        let what = if what.is_empty() { "nothing that carries it".to_owned() } else { what.join(", ") };
        self.wire.output.line(format_args!(
            "{event} `{}` as `{}/{}` into ZAP {} at {}: {what}; sites: {}",
            self.subject.reference(),
            names.context,
            names.user,
            pushed.version(),
            self.api.address(),
            if parts.sites.is_empty() { "none".to_owned() } else { parts.sites.join(", ") },
        ))?;
        if event == "pushed" {
            tell(self.wire, &pushed.notes)?;
        }
        self.wire.output.document(&json!({
            "schema": SCHEMA, "event": event, "session": self.subject.reference().to_string(),
            "context": names.context, "user": names.user, "zap": pushed.version(), "parts": parts,
            "notes": pushed.notes,
        }))?;
        Ok(())
    }
}

/// Whether ZAP can be had, while it is followed.
#[derive(Debug, Default)]
struct Trouble {
    /// When to try again.
    until: Option<Instant>,
}

impl Trouble {
    fn is_there(&self) -> bool {
        self.until.is_some()
    }

    fn allows(&self) -> bool {
        self.until.is_none_or(|until| Instant::now() >= until)
    }

    /// Tells the first failure of several, and fails itself on what no waiting mends.
    fn after(&mut self, failure: Option<anyhow::Error>) -> Result<()> {
        let Some(failure) = failure else {
            self.until = None;
            return Ok(());
        };
        let is_of_zap = failure.is::<crate::handover::zap::Error>();
        if !is_of_zap {
            return Err(failure);
        }
        if self.until.is_none() {
            warn!("{}; trying again", failure::words(&failure).0);
        }
        self.until = Some(Instant::now() + AGAIN);
        Ok(())
    }
}

/// The session without what was last found out about it.
fn unjudged(state: State) -> State {
    State { verdict: None, ..state }
}

fn tell(wire: &Wire, notes: &[Note]) -> Result<()> {
    for note in notes {
        let text = note.to_string().replace("\nhint: ", "\n  hint: ");
        wire.output.line(format_args!("  note: {text}"))?;
    }
    Ok(())
}

const SCHEMA: &str = "handstamp.push/1";
/// How often it is looked whether the session was renewed: often enough that a renewal is there within a second.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How often it is looked whether ZAP was started anew.
const CHECK_EVERY: Duration = Duration::from_secs(10);
/// How long to wait after a failure.
const AGAIN: Duration = Duration::from_secs(1);
