//! The thread that a script's engine lives on.

use std::{collections::BTreeMap, rc::Rc, sync::mpsc::sync_channel, thread};

use tokio::sync::{mpsc, oneshot};

use super::{
    Error, Globals, Limits, Message, Values,
    limits::LARGEST_STACK,
    realm::{Entry, Realm, Source},
};

/// A thread with a script's engine on it, which ends when this is dropped and its last call is done.
#[derive(Debug)]
pub(super) struct Worker {
    jobs: mpsc::Sender<Job>,
}

/// What a script is made of, for a thread that starts an engine for it.
#[derive(Clone)]
pub(super) struct Recipe {
    pub(super) file: String,
    pub(super) text: String,
    pub(super) limits: Limits,
    pub(super) globals: Globals,
}

/// What a script says of its parameters.
pub(super) struct Names {
    pub(super) required: Vec<String>,
    pub(super) optional: Vec<String>,
}

/// One call.
pub(super) struct Job {
    pub(super) entry: Entry,
    pub(super) message: Message,
    pub(super) values: Values,
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) reply: oneshot::Sender<Result<Message, Error>>,
}

impl Worker {
    /// Starts a thread and loads the script on it.
    pub(super) fn start(recipe: &Recipe) -> Result<(Self, Names), Error> {
        let (jobs, queue) = mpsc::channel(1);
        let (ready, loaded) = sync_channel(1);
        let own = recipe.clone();
        let silent = || Error::Silent { script: recipe.file.clone() };
        thread::Builder::new()
            .name("session-script".into())
            .stack_size(recipe.limits.stack.min(LARGEST_STACK) + OWN_STACK)
            .spawn(move || {
                let source = Rc::new(own.into());
                match begin(&source) {
                    Ok((realm, names)) => {
                        let listening = ready.send(Ok(names)).is_ok();
                        if listening {
                            serve(&source, realm, queue);
                        }
                    }
                    Err(error) => drop(ready.send(Err(error))),
                }
            })
            .map_err(|_| silent())?;
        let names = loaded.recv().map_err(|_| silent())??;
        Ok((Self { jobs }, names))
    }

    /// Gives it a call; says no when the thread has ended.
    pub(super) async fn give(&self, job: Job) -> bool {
        self.jobs.send(job).await.is_ok()
    }
}

impl From<Recipe> for Source {
    fn from(Recipe { file, text, limits, globals }: Recipe) -> Self {
        Self { file, text, limits, globals }
    }
}

fn begin(source: &Rc<Source>) -> Result<(Realm, Names), Error> {
    let realm = Realm::new(source.clone())?;
    let names = Names { required: realm.names(Entry::Required)?, optional: realm.names(Entry::Optional)? };
    Ok((realm, names))
}

/// Answers calls. A script that was stopped in the middle starts afresh, for nobody knows what state it is in.
fn serve(source: &Rc<Source>, realm: Realm, mut queue: mpsc::Receiver<Job>) {
    let mut realm = Some(realm);
    while let Some(job) = queue.blocking_recv() {
        let result = match realm.take().map_or_else(|| Realm::new(source.clone()), Ok) {
            Ok(ready) => {
                let Job { entry, mut message, values, parameters, .. } = job;
                let result = ready.call(entry, &mut message, &values, &parameters);
                let stopped = matches!(result, Err(Error::Time { .. } | Error::Memory { .. }));
                realm = (!stopped).then_some(ready);
                result.map(|()| message)
            }
            Err(error) => Err(error),
        };
        // Whoever asked may have gone away meanwhile.
        drop(job.reply.send(result));
    }
}

/// Stack for what is not the script's: the engine's own start and our side of it.
const OWN_STACK: usize = 2 << 20;
