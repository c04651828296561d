//! One script in its own engine: loaded once, called many times, stopped when it takes too much.

use std::{
    cell::Cell,
    collections::BTreeMap,
    rc::Rc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use rquickjs::{Context, Ctx, Function, Object, Persistent, Runtime, Value, context::EvalOptions};

use super::{
    Error, Fault, Globals, Limits, Message, Place, Values,
    fault::{OUT_OF_MEMORY, SCRIPT, Thrown},
    host::{self, Host},
    limits::LARGEST_STACK,
    text::unlatin,
    wire,
};

/// A script's text and what it is called.
pub(super) struct Source {
    /// The file as errors show it.
    pub(super) file: String,
    pub(super) text: String,
    pub(super) limits: Limits,
    pub(super) globals: Globals,
}

/// A function that a session script may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    Extract,
    Process,
    Clear,
    Required,
    Optional,
}

/// An engine with a script in it. What lives in the engine stands before it, so that it is dropped first.
pub(super) struct Realm {
    prelude: Prelude,
    functions: Vec<(Entry, Kept)>,
    context: Context,
    host: Rc<Host>,
    clock: Rc<Clock>,
    source: Rc<Source>,
}

/// How a message is given to a function of the script, and taken back.
struct Prelude {
    start: Kept,
    finish: Kept,
}

type Kept = Persistent<Function<'static>>;

/// When the script must stop, and whether it had to be stopped.
#[derive(Default)]
struct Clock {
    deadline: Cell<Option<Instant>>,
    struck: Cell<bool>,
}

/// What the engine can fail with, before it is known what that means.
type Failure = rquickjs::Error;

impl Entry {
    const ALL: [Self; 5] = [Self::Extract, Self::Process, Self::Clear, Self::Required, Self::Optional];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Extract => "extractWebSession",
            Self::Process => "processMessageToMatchSession",
            Self::Clear => "clearWebSessionIdentifiers",
            Self::Required => "getRequiredParamsNames",
            Self::Optional => "getOptionalParamsNames",
        }
    }
}

impl Realm {
    /// Starts an engine, loads the script into it, and checks that its functions are there.
    pub(super) fn new(source: Rc<Source>) -> Result<Self, Error> {
        let silent = |_| Error::Silent { script: source.file.clone() };
        let (runtime, clock) = (Runtime::new().map_err(silent)?, Rc::new(Clock::default()));
        runtime.set_memory_limit(source.limits.memory);
        runtime.set_max_stack_size(source.limits.stack.min(LARGEST_STACK));
        let watched = clock.clone();
        runtime.set_interrupt_handler(Some(Box::new(move || watched.is_over())));
        let context = Context::full(&runtime).map_err(silent)?;
        let host = Host::new(&source.file, source.limits, source.globals.clone());
        clock.start(source.limits.time);
        let loaded = context.with(|ctx| {
            load(&ctx, &host, &source).map_err(|failure| explain(&ctx, failure, &source, &clock, &host, None))
        });
        let mut realm = Self { prelude: loaded?, functions: Vec::new(), context, host, clock, source };
        realm.functions = realm.run(None, find_all)?;
        realm.check()
    }

    /// The names that `getRequiredParamsNames` or `getOptionalParamsNames` gives; none without such a function.
    pub(super) fn names(&self, entry: Entry) -> Result<Vec<String>, Error> {
        self.run(Some(entry), |ctx| match self.function(entry) {
            Some(function) => {
                let function = function.restore(ctx)?;
                let names: Value<'_> = function.call(())?;
                let list: Function<'_> = ctx.eval("(names) => Array.from(names ?? [], String)")?;
                list.call((names,))
            }
            None => Ok(Vec::new()),
        })
    }

    /// Calls a function on a message; what it made of the request is in there when it succeeded.
    pub(super) fn call(
        &self,
        entry: Entry,
        message: &mut Message,
        values: &Values,
        parameters: &BTreeMap<String, String>,
    ) -> Result<(), Error> {
        let number = self.host.open(message, values, parameters);
        let left = self.run(Some(entry), |ctx| self.call_in(ctx, entry, &wire::write(message, number)));
        self.host.close();
        let Some((request, body)) = left? else { return Ok(()) };
        let unusable = |reason| Error::Request { script: self.source.file.clone(), reason };
        wire::read(&request, body, message).map_err(unusable)
    }

    fn call_in(
        &self,
        ctx: &Ctx<'_>,
        entry: Entry,
        message: &str,
    ) -> Result<Option<(String, Option<Bytes>)>, Failure> {
        let Some(function) = self.function(entry) else { return Ok(None) };
        let returned: Value<'_> =
            self.prelude.start.clone().restore(ctx)?.call((function.restore(ctx)?, message))?;
        if let Some(promise) = returned.as_promise() {
            promise.finish::<Value<'_>>()?;
        }
        // What the script left to promises happens before its request is taken.
        while !self.clock.is_over() && ctx.execute_pending_job() {}
        if self.clock.struck.get() {
            return Err(Failure::WouldBlock);
        }
        let left: Object<'_> = self.prelude.finish.clone().restore(ctx)?.call(())?;
        let body: Option<String> = left.get("body")?;
        Ok(Some((left.get("request")?, body.map(|body| unlatin(&body).into()))))
    }

    /// Itself, if the script has what a session script must have.
    fn check(self) -> Result<Self, Error> {
        let missing = |entry: &Entry| self.function(*entry).is_none();
        let functions: Vec<_> = [Entry::Extract, Entry::Process]
            .into_iter()
            .filter(missing)
            .map(|e| e.name().to_owned())
            .collect();
        if functions.is_empty() {
            return Ok(self);
        }
        Err(Error::Lacks { script: self.source.file.clone(), functions })
    }

    fn function(&self, entry: Entry) -> Option<Kept> {
        self.functions.iter().find(|(own, _)| *own == entry).map(|(_, function)| function.clone())
    }

    fn run<R>(
        &self,
        entry: Option<Entry>,
        act: impl FnOnce(&Ctx<'_>) -> Result<R, Failure>,
    ) -> Result<R, Error> {
        self.clock.start(self.source.limits.time);
        let result = self.context.with(|ctx| {
            act(&ctx).map_err(|failure| explain(&ctx, failure, &self.source, &self.clock, &self.host, entry))
        });
        self.clock.stop();
        result
    }
}

impl Clock {
    fn start(&self, time: Duration) {
        self.struck.set(false);
        self.deadline.set(Instant::now().checked_add(time));
    }

    fn stop(&self) {
        self.deadline.set(None);
    }

    fn is_over(&self) -> bool {
        let over = self.deadline.get().is_some_and(|deadline| Instant::now() >= deadline);
        self.struck.set(self.struck.get() || over);
        over
    }
}

/// Runs the prelude and the script, and gives back how messages are given to the script and taken back.
fn load(ctx: &Ctx<'_>, host: &Rc<Host>, source: &Source) -> Result<Prelude, Failure> {
    let (host, types) = (host::object(ctx, host)?, Object::new(ctx.clone())?);
    for part in &PRELUDE[..PRELUDE.len() - 1] {
        eval::<Function<'_>>(ctx, part, "java")?.call::<_, ()>((host.clone(), types.clone()))?;
    }
    let last: Function<'_> = eval(ctx, PRELUDE[PRELUDE.len() - 1], "java")?;
    let name = source.file.rsplit(['/', '\\']).next().unwrap_or_default();
    let run: Object<'_> = last.call((host, types, name))?;
    eval::<Value<'_>>(ctx, source.text.trim_start_matches('\u{feff}'), SCRIPT)?;
    let keep = |name| run.get::<_, Function<'_>>(name).map(|function| Persistent::save(ctx, function));
    Ok(Prelude { start: keep("start")?, finish: keep("finish")? })
}

/// Evaluates a classic script, sloppy as ZAP's are.
fn eval<'js, V: rquickjs::FromJs<'js>>(ctx: &Ctx<'js>, text: &str, name: &str) -> Result<V, Failure> {
    let mut options = EvalOptions::default();
    options.strict = false;
    options.filename = Some(name.to_owned());
    ctx.eval_with_options(text, options)
}

/// Finds the functions of the script, also those that a `const` holds.
fn find_all(ctx: &Ctx<'_>) -> Result<Vec<(Entry, Kept)>, Failure> {
    let mut found = Vec::new();
    for entry in Entry::ALL {
        let name = entry.name();
        let function: Option<Function<'_>> =
            eval(ctx, &format!("typeof {name} === 'function' ? {name} : undefined"), "java")?;
        found.extend(function.map(|function| (entry, Persistent::save(ctx, function))));
    }
    Ok(found)
}

/// What a failure of the engine means.
fn explain(
    ctx: &Ctx<'_>,
    failure: Failure,
    source: &Source,
    clock: &Clock,
    host: &Host,
    entry: Option<Entry>,
) -> Error {
    let struck = clock.struck.get();
    // Reading an exception can run getters of the script, which get little time of their own.
    clock.deadline.set(Some(Instant::now() + LAST_WORDS));
    let thrown = match failure {
        Failure::Exception => Thrown::take(ctx),
        Failure::Allocation => {
            Thrown { name: "InternalError".into(), message: OUT_OF_MEMORY.into(), stack: String::new() }
        }
        Failure::WouldBlock => Thrown {
            name: String::new(),
            message: "it waits for a promise that nothing keeps".into(),
            stack: String::new(),
        },
        other => Thrown { name: String::new(), message: other.to_string(), stack: String::new() },
    };
    let place = Place::new(&source.file, entry.map_or("", Entry::name), &thrown.stack);
    match (thrown.name.as_str(), thrown.message.as_str()) {
        _ if struck => Error::Time { place, limit: source.limits.time },
        (_, OUT_OF_MEMORY) => Error::Memory { place, limit: source.limits.memory },
        ("RangeError", TOO_DEEP) => Error::Depth { place },
        _ => {
            let fault = Fault { place, message: host.mask(&thrown.text()) };
            if entry.is_some() { Error::Threw(fault) } else { Error::Load(fault) }
        }
    }
}

/// The parts of the prelude, each built on those before it.
const PRELUDE: [&str; 6] = [
    include_str!("java/strings.js"),
    include_str!("java/collections.js"),
    include_str!("java/text.js"),
    include_str!("java/network.js"),
    include_str!("java/message.js"),
    include_str!("java/zap.js"),
];

/// The engine's own words.
const TOO_DEEP: &str = "Maximum call stack size exceeded";

/// The time for reading what was thrown.
const LAST_WORDS: Duration = Duration::from_millis(50);
