//! A worker whose browser is logged out: books what that cost, and goes on with the same browser where it can.

use std::time::Instant;

use super::{
    action::{ActionId, Rank, Status},
    event::Event,
    frontier::Task,
    outcome::End,
    rescue::Blame,
    run::Team,
    seat::{Fault, Seat},
    source::{Revival, Sign, Source},
    worker::Shift,
};

impl<S: Source, E: Fn(Event) + Send + Sync> Shift<'_, S, E> {
    /// Does what there is to do about a fault; tells whether the browser can go on.
    pub(super) async fn mend(&self, seat: &mut Seat, task: Task, fault: &Fault) -> bool {
        let began = Instant::now();
        let (evidence, is_dead) = match fault {
            Fault::Lost(error) if error.is_machine_gone() => {
                self.team.map.put_back(task);
                return false;
            }
            Fault::Lost(_) => {
                self.team.strike(task, STRIKES, &fault.to_string());
                return false;
            }
            Fault::Stripped(evidence) | Fault::Outdated(evidence) => (evidence, false),
            Fault::LoggedOut(evidence) | Fault::Ended(evidence) => (evidence, true),
        };
        // From here on nobody else begins anything until the session lives.
        let _at_work = self.team.rescue.enter().await;
        self.tell_loss(Some(task.id), evidence);
        // Somebody else may have seen the same loss, and the session is back.
        let was_renewed = seat.epoch != self.team.making();
        let is_known = is_dead && was_renewed;
        let Some(repeated) = self.book(task, fault, was_renewed) else {
            self.team.end(End::Stale { evidence: evidence.clone() });
            return false;
        };
        if !is_known && self.team.rescue.lost_in(self.worker) {
            self.team.tell(Event::OneBrowser);
        }
        let Some(how) = self.bring_back(seat, evidence, is_known || !is_dead).await else { return false };
        self.tell_return(how, began, repeated);
        true
    }

    /// Queues what has to be done again, and tells how much that is; nothing when it would be in vain.
    fn book(&self, mut task: Task, fault: &Fault, was_renewed: bool) -> Option<usize> {
        let is_dead = matches!(fault, Fault::LoggedOut(_) | Fault::Ended(_));
        match fault {
            _ if is_dead && was_renewed => self.team.map.put_back(task),
            // What a renewal elsewhere has left behind in the browser is not the action's doing, unless it never ends.
            Fault::Outdated(_) | Fault::Stripped(_)
                if task.misses < MOST_LEFT_BEHIND && (was_renewed || matches!(fault, Fault::Outdated(_))) =>
            {
                task.misses += 1;
                self.team.map.put_back(task);
            }
            _ if is_dead => return self.book_end(task, fault),
            _ => return Some(usize::from(!self.team.strike(task, STRIKES, &fault.to_string()))),
        }
        Some(1)
    }

    /// Books the end of the session.
    fn book_end(&self, task: Task, fault: &Fault) -> Option<usize> {
        let (mut suspects, mark) = self.team.rescue.ledger.lost();
        self.team.log.condemn(mark);
        let Some(blame) = self.team.died() else {
            self.team.map.put_back(task);
            return None;
        };
        suspects.retain(|other| other.id != task.id);
        let count = suspects.len();
        for other in suspects {
            self.team.again(other, blame, &fault.to_string());
        }
        if matches!(fault, Fault::Ended(_)) {
            self.team.map.put_back(task);
            return Some(count + 1);
        }
        let is_out = self.team.charge(task, blame, &fault.to_string());
        Some(count + usize::from(!is_out))
    }

    /// Makes the session live, and puts it into the browser; tells how.
    pub(super) async fn bring_back(
        &self,
        seat: &mut Seat,
        evidence: &str,
        lives: bool,
    ) -> Option<&'static str> {
        // What this browser asks for meanwhile would wait for the one who waits for it.
        seat.recorder.waiting.let_pass(true);
        let how = self.brought_back(seat, evidence, lives).await;
        seat.recorder.waiting.let_pass(false);
        how
    }

    async fn brought_back(&self, seat: &mut Seat, evidence: &str, lives: bool) -> Option<&'static str> {
        let rescue = &self.team.rescue;
        if lives {
            return self.refilled(seat).await.then_some("put back");
        }
        if rescue.may_renew_itself() && self.team.has_renewal_token() {
            let ((view, pulse), _) = seat.start_over(self.team).await.ok()?;
            if self.team.crawl.source.ask(Instant::now()).await == Sign::Alive {
                rescue.renewed_itself(self.team.uses());
                self.team.health.begin(&view, pulse);
                return Some("renewed by the application");
            }
            rescue.did_not_renew_itself();
        }
        let how = match self.team.crawl.source.revive(evidence).await {
            Revival::Kept => "put back",
            Revival::Renewed => "logged in again",
            Revival::Unable { reason } => {
                tracing::debug!(worker = self.worker, reason, "the session stays dead");
                return None;
            }
        };
        self.team.renewed();
        if let Some(hold) = &self.team.hold {
            hold.renewed();
        }
        self.refilled(seat).await.then_some(how)
    }

    /// Puts the session into the browser as it is now; tells whether the start page looks as it should.
    async fn refilled(&self, seat: &mut Seat) -> bool {
        match seat.catch_up(self.team).await {
            Ok((view, pulse)) => {
                self.team.health.begin(&view, pulse);
                true
            }
            Err(fault) => {
                tracing::debug!(worker = self.worker, %fault, "the browser could not be mended");
                false
            }
        }
    }

    pub(super) fn tell_loss(&self, action: Option<ActionId>, evidence: &str) {
        let worker = self.worker;
        self.team.tell(Event::SessionLost { worker, action, evidence: evidence.to_owned() });
    }

    /// Tells that the session is back, and counts from here.
    pub(super) fn tell_return(&self, how: &'static str, began: Instant, repeated: usize) {
        self.team.rescue.ledger.begin(self.team.log.mark());
        self.team.tell(Event::Recovered { worker: self.worker, how, took: began.elapsed(), repeated });
    }
}

impl<S: Source, E: Fn(Event)> Team<S, E> {
    /// Queues what ran before the session was found dead. Who was on trial before is judged by what happens when it runs alone.
    fn again(&self, task: Task, blame: Blame, evidence: &str) {
        if blame == Blame::Actions && task.strikes == 0 {
            self.strike(task, STRIKES, evidence);
        } else {
            self.map.put_back(task);
        }
    }

    /// Lets an action answer for the end of the session that came with it; tells whether it is out.
    ///
    /// One that is on trial runs alone, in a session that lived when it began. When that ends again, and not as others have by
    /// themselves, it is the action; so it is when that comes again and again, whatever else may explain it.
    fn charge(&self, mut task: Task, blame: Blame, evidence: &str) -> bool {
        task.trials += usize::from(task.strikes > 0);
        if blame == Blame::Actions || task.trials >= MOST_TRIALS {
            return self.strike(task, STRIKES, evidence);
        }
        self.map.put_back(task);
        false
    }

    /// Suspects an action of an end that no page saw; it is done once more, on its own.
    pub(super) fn suspect_one(&self, task: Task, evidence: &str) {
        self.strike(task, UNSEEN_STRIKES, evidence);
    }

    /// Counts a strike against an action, of which `most` put it out; tells whether it is.
    pub(super) fn strike(&self, mut task: Task, most: usize, evidence: &str) -> bool {
        task.strikes += 1;
        if task.strikes < most {
            task.rank = task.rank.max(Rank::Again);
            self.map.put_back(task);
            return false;
        }
        let what = self.words(task.id);
        if let Some(url) = self.map.action(task.id).and_then(|action| action.href) {
            self.conduct.ban(url);
        }
        self.map.drop_task(&task, Status::Quarantined);
        let evidence = evidence.to_owned();
        self.tell(Event::Quarantined { action: task.id, what, evidence });
        true
    }

    /// What an action does, in words.
    pub(super) fn words(&self, action: ActionId) -> String {
        let action = self.map.action(action);
        action.map(|a| format!("{} `{}`", a.kind.name(), a.name)).unwrap_or_default()
    }

    /// Whether the session has something for the application to renew it with.
    pub(super) fn has_renewal_token(&self) -> bool {
        let tokens = self.crawl.source.state().map(|state| state.tokens()).unwrap_or_default();
        tokens.iter().any(|token| token.key.to_ascii_lowercase().contains("refresh"))
    }
}

/// After so many ends that no page saw an action is left alone: it costs little to be sure.
const UNSEEN_STRIKES: usize = 3;
/// After so many losses an action is left alone.
const STRIKES: usize = 2;
/// So many ends that come with one action alone are its doing, or it is longer than a session lasts.
const MOST_TRIALS: usize = 3;
/// So often a browser may have an older copy of the session before the action is at fault.
const MOST_LEFT_BEHIND: usize = 3;
