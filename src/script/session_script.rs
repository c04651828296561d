//! A session script, ready to be called from anywhere.

use std::{collections::BTreeMap, fmt, fs::File, io::Read, path::Path, time::Duration};

use tokio::sync::{Mutex, oneshot};

use super::{
    Error, Globals, Limits, Message, Values,
    limits::SOURCE,
    realm::Entry,
    worker::{Job, Names, Recipe, Worker},
};

/// A JavaScript file with ZAP's interface for session scripts, which takes sessions out of answers and puts
/// them onto requests.
///
/// It runs on a thread of its own, one call after the other, without access to files, network, processes or
/// timers. As in ZAP, its top-level variables live as long as it does: load one for each session, so that
/// nothing of one user reaches another through them.
pub struct SessionScript {
    recipe: Recipe,
    names: Names,
    worker: Mutex<Option<Worker>>,
}

impl SessionScript {
    /// Loads a script from a file of at most 1 MiB.
    ///
    /// This waits for the script's top level to run, up to its time limit.
    pub fn load(file: &Path, globals: &Globals, limits: Limits) -> Result<Self, Error> {
        let text = read(file).map_err(|source| Error::Unreadable { file: file.to_owned(), source })?;
        Self::from_source(&file.display().to_string(), &text, globals, limits)
    }

    /// Loads a script from its text; `file` is what errors and logs call it.
    ///
    /// This waits for the script's top level to run, up to its time limit.
    pub fn from_source(file: &str, text: &str, globals: &Globals, limits: Limits) -> Result<Self, Error> {
        let recipe =
            Recipe { file: file.to_owned(), text: text.to_owned(), limits, globals: globals.clone() };
        let (worker, names) = Worker::start(&recipe)?;
        Ok(Self { recipe, names, worker: Mutex::new(Some(worker)) })
    }

    /// The parameters that it must be given, from `getRequiredParamsNames`.
    #[must_use]
    pub fn required_parameters(&self) -> &[String] {
        &self.names.required
    }

    /// The parameters that it may be given, from `getOptionalParamsNames`.
    #[must_use]
    pub fn optional_parameters(&self) -> &[String] {
        &self.names.optional
    }

    /// Runs `extractWebSession` on the answer to a login, which keeps what it finds in `values`.
    pub async fn extract(
        &self,
        message: &Message,
        values: &Values,
        parameters: &BTreeMap<String, String>,
    ) -> Result<(), Error> {
        self.call(Entry::Extract, message, values, parameters).await.map(drop)
    }

    /// Runs `processMessageToMatchSession` on a request. When it fails the request stays as it is.
    ///
    /// The script may change all of the request, its URL too: whoever sends it answers for where it goes.
    pub async fn process(
        &self,
        message: &mut Message,
        values: &Values,
        parameters: &BTreeMap<String, String>,
    ) -> Result<(), Error> {
        *message = self.call(Entry::Process, message, values, parameters).await?;
        Ok(())
    }

    /// Runs `clearWebSessionIdentifiers` on a request, which takes the session off it. A script without that
    /// function leaves the request as it is.
    pub async fn clear(
        &self,
        message: &mut Message,
        values: &Values,
        parameters: &BTreeMap<String, String>,
    ) -> Result<(), Error> {
        *message = self.call(Entry::Clear, message, values, parameters).await?;
        Ok(())
    }

    async fn call(
        &self,
        entry: Entry,
        message: &Message,
        values: &Values,
        parameters: &BTreeMap<String, String>,
    ) -> Result<Message, Error> {
        self.demand(parameters)?;
        let mut worker = self.worker.lock().await;
        let (reply, answer) = oneshot::channel();
        let (message, values, parameters) = (message.clone(), values.clone(), parameters.clone());
        let job = Job { entry, message, values, parameters, reply };
        if !self.running(&mut worker)?.give(job).await {
            *worker = None;
            return Err(self.silent());
        }
        if let Ok(Ok(result)) = tokio::time::timeout(self.patience(), answer).await {
            return result;
        }
        // A thread that hangs in the engine cannot be ended; it is left behind.
        *worker = None;
        Err(self.silent())
    }

    fn running<'a>(&self, worker: &'a mut Option<Worker>) -> Result<&'a Worker, Error> {
        match worker {
            Some(worker) => Ok(worker),
            None => Ok(worker.insert(Worker::start(&self.recipe)?.0)),
        }
    }

    fn demand(&self, parameters: &BTreeMap<String, String>) -> Result<(), Error> {
        let missing = |name: &&String| parameters.get(*name).is_none_or(String::is_empty);
        let names: Vec<_> = self.names.required.iter().filter(missing).cloned().collect();
        if names.is_empty() {
            return Ok(());
        }
        Err(Error::Parameters { script: self.recipe.file.clone(), names })
    }

    /// How long an answer may take: a call that somebody gave up on may still be running, and a stopped script
    /// be loaded again, each within the time limit.
    fn patience(&self) -> Duration {
        self.recipe.limits.time.saturating_mul(4).saturating_add(GRACE)
    }

    fn silent(&self) -> Error {
        Error::Silent { script: self.recipe.file.clone() }
    }
}

impl fmt::Debug for SessionScript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionScript").field("file", &self.recipe.file).finish_non_exhaustive()
    }
}

fn read(file: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    let limit = u64::try_from(SOURCE).unwrap_or(u64::MAX);
    let size = File::open(file)?.take(limit + 1).read_to_string(&mut text)?;
    if size > SOURCE {
        return Err(std::io::Error::other(format!("it has more than {SOURCE} bytes")));
    }
    Ok(text)
}

/// What an answer may take beyond the time limits.
const GRACE: Duration = Duration::from_secs(1);
