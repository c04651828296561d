//! How long the sessions of one user have lived, and when the next one is likely to end.

use std::time::{Duration, Instant};

/// How long a session lived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// From its making until its end was noticed.
    pub age: Duration,
    /// How many requests it was good for.
    pub uses: u64,
}

/// When a session is likely to end, by how those before it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// At this age.
    Age(Duration),
    /// After so many requests.
    Uses(u64),
}

/// The session that is in use, and how the last of its kind ended.
#[derive(Debug)]
pub struct Lives {
    born: Instant,
    /// How many requests had been made when it was born.
    before: u64,
    last: [Option<Life>; 2],
}

impl Life {
    /// Whether two sessions ended alike, as far as `parts`th of their lives: at one age, or after as many requests.
    #[must_use]
    pub fn is_like(&self, other: &Self, parts: u32) -> bool {
        self.is_as_old(other, parts) || self.is_as_used(other, parts)
    }

    /// Whether the other one clearly lived longer by all that is known: then it was not its age that ended this one.
    #[must_use]
    pub fn is_cut_short(&self, other: &Self) -> bool {
        self.age <= other.age / 5 * 4 && self.uses * 5 <= other.uses * 4
    }

    fn is_as_old(&self, other: &Self, parts: u32) -> bool {
        let most = self.age.max(other.age);
        self.age.abs_diff(other.age) <= most / parts
    }

    fn is_as_used(&self, other: &Self, parts: u32) -> bool {
        let (least, most) = (self.uses.min(other.uses), self.uses.max(other.uses));
        least >= FEWEST && most - least <= most / u64::from(parts)
    }
}

impl Lives {
    /// A session that begins now, after so many requests with those before it.
    #[must_use]
    pub fn new(uses: u64) -> Self {
        Self { born: Instant::now(), before: uses, last: [None, None] }
    }

    /// Another session begins.
    pub fn begin(&mut self, uses: u64) {
        (self.born, self.before) = (Instant::now(), uses);
    }

    /// How long the session has lived so far.
    #[must_use]
    pub fn so_far(&self, uses: u64) -> Life {
        Life { age: self.born.elapsed(), uses: uses.saturating_sub(self.before) }
    }

    /// The session ends now, after so many requests with those before it.
    pub fn end(&mut self, uses: u64) {
        self.note(self.so_far(uses));
    }

    fn note(&mut self, life: Life) {
        self.last = [Some(life), self.last[0]];
    }

    /// What was learned turned out to be of no use.
    pub fn forget(&mut self) {
        self.last = [None, None];
    }

    /// What the last two sessions let expect, if these ended alike. Where age and use would both explain it, it is the age:
    /// that is how most applications count, and if it was the use after all, the next end shows it.
    #[must_use]
    pub fn expected(&self) -> Option<Expected> {
        let [Some(last), Some(other)] = &self.last else { return None };
        if last.is_as_old(other, CLOSE) && last.age.min(other.age) >= SHORTEST {
            Some(Expected::Age(last.age.min(other.age)))
        } else if last.is_as_used(other, CLOSE) {
            Some(Expected::Uses(last.uses.min(other.uses)))
        } else {
            None
        }
    }

    /// How long it is until the session should be renewed, because of its age or of how much it was used by now, when that takes
    /// so long.
    #[must_use]
    pub fn left(
        &self,
        uses: u64,
        took: Duration,
        margin: impl FnOnce(Duration) -> Duration,
    ) -> Option<Duration> {
        if self.is_worn(uses, took) { Some(Duration::ZERO) } else { self.until_old(margin) }
    }

    /// Whether the session was used so much that it should be renewed, when that takes so long.
    #[must_use]
    pub fn is_worn(&self, uses: u64, took: Duration) -> bool {
        self.used_up_at(uses, took).is_some_and(|end| end <= uses)
    }

    /// How long it is until the session should be renewed because of its age, when it has to be done so long before its end.
    fn until_old(&self, margin: impl FnOnce(Duration) -> Duration) -> Option<Duration> {
        let Expected::Age(age) = self.expected()? else { return None };
        Some(age.saturating_sub(margin(age)).saturating_sub(self.born.elapsed()))
    }

    /// At which count of requests the session should be renewed, when that takes so long.
    fn used_up_at(&self, uses: u64, took: Duration) -> Option<u64> {
        let Expected::Uses(most) = self.expected()? else { return None };
        let so_far = self.so_far(uses);
        // What is asked for meanwhile goes on with the old one.
        let meanwhile = u128::from(so_far.uses) * took.as_millis() / so_far.age.as_millis().max(1);
        let meanwhile = u64::try_from(meanwhile).unwrap_or(u64::MAX);
        let margin = (most / 10).max(FEWEST).max(meanwhile.saturating_mul(2)).min(most / 2);
        Some(self.before + most - margin)
    }
}

/// A session that was good for fewer requests says nothing by their count; about what one step of a page asks for at once.
const FEWEST: u64 = 8;
/// One that lived shorter says nothing by its age: a renewal in time would cost it much of its life.
const SHORTEST: Duration = Duration::from_secs(10);
/// Two lives that let expect a third differ by no more than this part of them.
const CLOSE: u32 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn life(seconds: u64, uses: u64) -> Life {
        Life { age: Duration::from_secs(seconds), uses }
    }

    fn expected(ended: &[(u64, u64)]) -> Option<Expected> {
        let mut lives = Lives::new(0);
        for (seconds, uses) in ended {
            lives.note(life(*seconds, *uses));
        }
        lives.expected()
    }

    #[test]
    fn two_ends_that_are_alike_let_expect_a_third_and_one_or_two_others_do_not() {
        assert_eq!(expected(&[(300, 50)]), None);
        assert_eq!(expected(&[(300, 50), (310, 400)]), Some(Expected::Age(Duration::from_secs(300))));
        assert_eq!(expected(&[(300, 50), (40, 51)]), Some(Expected::Uses(50)));
        assert_eq!(expected(&[(300, 50), (40, 20)]), None);
        assert_eq!(expected(&[(300, 50), (40, 51), (90, 20)]), None, "the last two count");
    }

    #[test]
    fn age_is_believed_before_use_and_trifles_are_not_believed() {
        assert_eq!(expected(&[(300, 50), (301, 50)]), Some(Expected::Age(Duration::from_secs(300))));
        assert_eq!(expected(&[(1, 3), (1, 3)]), None);
    }

    #[test]
    fn what_is_asked_for_while_it_is_renewed_is_left_to_the_old_one() {
        let mut lives = Lives::new(100);
        lives.note(life(90, 300));
        lives.note(life(30, 301));
        assert_eq!(lives.used_up_at(100, Duration::ZERO), Some(100 + 300 - 30));
        let busy = lives.used_up_at(250, Duration::from_secs(9)).unwrap();
        assert_eq!(busy, 100 + 150, "half of it is used at least");
    }

    #[test]
    fn a_session_that_another_outlived_in_every_way_was_cut_short() {
        assert!(life(3, 10).is_cut_short(&life(30, 60)));
        assert!(!life(3, 55).is_cut_short(&life(30, 60)) && !life(28, 10).is_cut_short(&life(30, 60)));
    }

    #[test]
    fn ends_are_alike_by_use_however_busy_the_machine_is() {
        assert!(life(30, 36).is_like(&life(4, 40), 4) && life(30, 36).is_like(&life(29, 400), 4));
        assert!(!life(30, 36).is_like(&life(4, 60), 4) && !life(30, 2).is_like(&life(4, 2), 4));
    }
}
