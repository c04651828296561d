//! Finds out which parts of a session a fresh browser needs.

use super::{
    minimal::{Said, search},
    page::{Login, Seen},
    part::{Part, with_only},
    trial::{Budget, End, Sets, Trial},
};
use crate::session::{Item, Reload, State};

/// What a fresh browser showed, and the session as it left it.
#[derive(Debug)]
pub struct Shown {
    /// What was seen.
    pub seen: Seen,
    /// The session that is in the browser now; applications renew it as they start.
    pub left: Option<State>,
}

/// Opens fresh browsers with parts of the session left out, and writes down what that proves.
///
/// `open` opens one with a session and looks at the page. What a browser renews is taken into the session, so that tokens
/// that can be spent once do not end the trial.
///
/// # Errors
/// Whatever `open` says.
pub async fn try_in_browsers<E>(
    state: &mut State,
    budget: Budget,
    trial: &mut Trial,
    tell: &impl Fn(&str),
    open: &mut impl AsyncFnMut(&State) -> Result<Shown, E>,
) -> Result<(), E> {
    let needed = trial.on_requests.sufficient.first().cloned().unwrap_or_default();
    let parts = Part::in_browser(state, &needed);
    trial.in_browser = Sets::undecided(parts.clone());
    if budget.browsers < LEAST {
        trial.note("no browser was opened, for so few are allowed that they prove nothing");
        return Ok(());
    }
    let all: Vec<usize> = (0..parts.len()).collect();
    let mut opener = Opener {
        state,
        parts,
        budget,
        opened: 0,
        renewed: false,
        by_answer: false,
        refused: false,
        failed: None,
        tell,
        open,
    };
    let proven = opener.run(&all, trial).await;
    trial.browsers += opener.opened;
    if opener.renewed {
        trial.end = End::Renewed;
    }
    proven
}

struct Opener<'a, T, O, E> {
    state: &'a mut State,
    parts: Vec<Part>,
    budget: Budget,
    opened: usize,
    renewed: bool,
    /// Whether the page asks the check by itself, so that its answer tells.
    by_answer: bool,
    /// Whether any browser was logged out, so that the page does tell.
    refused: bool,
    failed: Option<E>,
    tell: &'a T,
    open: &'a mut O,
}

impl<E, T: Fn(&str), O: AsyncFnMut(&State) -> Result<Shown, E>> Opener<'_, T, O, E> {
    async fn run(&mut self, all: &[usize], trial: &mut Trial) -> Result<(), E> {
        let whole = self.look(all).await?;
        self.by_answer = matches!(whole.answered, Some((true, _)));
        if !self.is_user(&whole) {
            trial.reload = Reload::LogsOut;
            trial.note("a fresh browser with all of the session is logged out: headers serve requests, a browser needs a fresh login");
            return Ok(());
        }
        let count = self.parts.len();
        let mut found = search(count, &mut async |set: &[usize]| self.said(set).await).await;
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        if !self.refused {
            let none = self.look(&[]).await?;
            self.refused = !self.is_user(&none);
        }
        if !self.refused {
            trial.note("the page shows strangers what it shows users, so browsers prove nothing there");
            return Ok(());
        }
        trial.reload = Reload::Keeps;
        if !found.is_complete {
            trial.note(format!("the limit of {} browsers was reached", self.budget.browsers));
        }
        if let Some(set) = found.minimal.first().cloned() {
            let again = self.look(&set).await?;
            if !self.is_user(&again) {
                trial.note("the smallest set did not suffice a second browser");
                found = super::minimal::Found::default();
            }
        }
        trial.in_browser = Sets::of(&self.parts, &found);
        Ok(())
    }

    async fn said(&mut self, set: &[usize]) -> Said {
        if self.opened + CONFIRMING >= self.budget.browsers {
            return Said::Stop;
        }
        match self.look(set).await {
            Ok(seen) if self.is_user(&seen) => Said::Enough,
            Ok(_) => {
                self.refused = true;
                Said::TooLittle
            }
            Err(error) => {
                self.failed = Some(error);
                Said::Stop
            }
        }
    }

    /// Where the page asks the check by itself the answer tells, else whether a login form is shown.
    fn is_user(&self, seen: &Seen) -> bool {
        match &seen.answered {
            _ if seen.login == Login::Shown => false,
            Some((is_user, _)) => *is_user,
            None => !self.by_answer,
        }
    }

    async fn look(&mut self, set: &[usize]) -> Result<Seen, E> {
        let kept: Vec<&Part> = set.iter().map(|part| &self.parts[*part]).collect();
        (self.tell)(&if kept.len() == self.parts.len() {
            "opening a browser with the whole session".to_owned()
        } else {
            let names: Vec<_> = kept.iter().map(ToString::to_string).collect();
            format!(
                "opening a browser with {}",
                if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
            )
        });
        let partial = with_only(self.state, &self.parts, &kept);
        self.opened += 1;
        let shown = (self.open)(&partial).await?;
        if self.is_user(&shown.seen)
            && let Some(left) = &shown.left
        {
            self.renewed |= follow(self.state, left, &kept);
        }
        Ok(shown.seen)
    }
}

/// Takes the values that a browser renewed into the session, of the parts that it was given; tells whether there were any.
fn follow(state: &mut State, left: &State, kept: &[&Part]) -> bool {
    let before = state.clone();
    for cookie in &mut state.cookies {
        let is_kept = kept.iter().any(|part| {
            matches!(part, Part::Cookie { name, domain, path }
            if *name == cookie.name && *domain == cookie.domain && *path == cookie.path)
        });
        if let Some(new) = left.cookies.iter().find(|new| is_kept && new.is_same_as(cookie)) {
            cookie.value.clone_from(&new.value);
            cookie.expires = new.expires;
        }
    }
    for stored in &mut state.origins {
        let Some(new) = left.origin(&stored.origin) else { continue };
        let is_kept = |part: &Part| kept.contains(&part);
        let origin = stored.origin.clone();
        let local = |key| Part::LocalStorage { origin: origin.clone(), key: Some(key) };
        let session = |key| Part::SessionStorage { origin: origin.clone(), key: Some(key) };
        renew(&mut stored.local_storage, &new.local_storage, &|key| is_kept(&local(key)));
        renew(&mut stored.session_storage, &new.session_storage, &|key| is_kept(&session(key)));
        for database in &mut stored.indexed_db {
            let part = Part::Database { origin: origin.clone(), name: database.name().to_owned() };
            if let Some(new) =
                new.indexed_db.iter().find(|new| is_kept(&part) && new.name() == database.name())
            {
                database.clone_from(new);
            }
        }
    }
    renew_headers(state, &before);
    *state != before
}

fn renew(items: &mut [Item], left: &[Item], is_kept: &impl Fn(String) -> bool) {
    for item in items {
        if let Some(new) = left.iter().find(|new| new.name == item.name && is_kept(new.name.clone())) {
            item.value.clone_from(&new.value);
        }
    }
}

/// Headers repeat what is stored: where that was renewed, so are they.
fn renew_headers(state: &mut State, before: &State) {
    let (old, new) = (before.tokens(), state.tokens());
    for header in &mut state.headers {
        let of = |tokens: &[crate::session::Token], key: Option<&str>| {
            let mut own = tokens
                .iter()
                .filter(|t| t.source == header.source && t.origin.is_some() && t.key != header.name);
            own.find(|t| {
                key.map_or_else(|| header.value.expose().contains(t.value.expose()), |key| t.key == key)
            })
            .cloned()
        };
        if let Some(was) = of(&old, None)
            && let Some(is) = of(&new, Some(&was.key))
        {
            header.value = header.value.expose().replace(was.value.expose(), is.value.expose()).into();
        }
    }
}

/// Fewer browsers prove nothing: one with all, one to try, one to confirm.
const LEAST: usize = 3;
/// The browser that is kept back for the smallest set.
const CONFIRMING: usize = 1;
