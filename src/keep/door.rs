//! Lets logins of one user through, as many as do no harm.

use std::time::Instant;

use tracing::warn;

use super::{
    error::{Fault, GivenUp, Refused},
    limits::Limits,
    login::Why,
};
use crate::session::{Accounts, Error, Reference};

/// Who may log in, by how the last logins of a user went, in this process and all others.
#[derive(Debug)]
pub(super) struct Door {
    accounts: Accounts,
    session: Reference,
    limits: Limits,
}

impl Door {
    pub(super) fn new(accounts: Accounts, session: Reference, limits: Limits) -> Self {
        Self { accounts, session, limits }
    }

    /// Forgets the failures: a login has worked.
    pub(super) fn worked(&self) -> Result<(), GivenUp> {
        self.accounts.worked(&self.session).map_err(|e| self.store_failed(&e))?;
        Ok(())
    }

    /// Whether another login may be made now.
    pub(super) fn admitted(&self, why: &Why, since: Option<Instant>) -> Result<(), GivenUp> {
        let accounts = &self.accounts;
        let failed = |e| self.store_failed(&e);
        if let (Why::Dead(evidence), Some(since)) = (why, since)
            && since.elapsed() < self.limits.shortest
        {
            accounts
                .failed(&self.session, &format!("a new session died at once: {evidence}"))
                .map_err(failed)?;
        }
        let account = accounts.of(&self.session).map_err(failed)?;
        match account.failures {
            0 => Ok(()),
            failures if failures >= self.limits.failures => {
                Err(GivenUp::Marked { name: self.session.to_string(), failures, reason: account.reason })
            }
            failures => {
                let wait = self.limits.wait(failures).saturating_sub(account.since);
                let waiting =
                    GivenUp::Waiting { name: self.session.to_string(), wait, reason: account.reason };
                if wait.is_zero() { Ok(()) } else { Err(waiting) }
            }
        }
    }

    /// Counts a login that failed, and says what everybody gets to hear of it.
    pub(super) fn failed(&self, refused: &Refused) -> GivenUp {
        warn!(session = %self.session, reason = %refused, "the login failed");
        let count = match refused.fault {
            Fault::Refused => 1,
            Fault::Final => self.limits.failures,
            Fault::Unavailable => 0,
        };
        let accounts = &self.accounts;
        for _ in 0..count {
            if let Err(error) = accounts.failed(&self.session, &refused.reason) {
                return self.store_failed(&error);
            }
        }
        let failures = accounts.of(&self.session).map_or(count, |account| account.failures);
        let (name, reason) = (self.session.to_string(), refused.reason.clone());
        match refused.fault {
            Fault::Refused | Fault::Final if failures >= self.limits.failures => {
                GivenUp::Marked { name, failures, reason }
            }
            _ => GivenUp::Waiting { name, wait: self.limits.wait(failures), reason },
        }
    }

    pub(super) fn store_failed(&self, error: &Error) -> GivenUp {
        GivenUp::Store { name: self.session.to_string(), reason: error.to_string() }
    }
}
