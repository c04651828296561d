//! A list to choose from: how many of its options are tried, and that in the end it stands where it stood.

use serde::{Deserialize, Serialize};

/// What is known of a list.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Choice {
    /// What was chosen when it was first seen.
    first: String,
    /// How many other options it has.
    others: usize,
    has_effect: bool,
}

impl Choice {
    pub(super) fn new(first: String, others: usize) -> Self {
        Self { first, others, has_effect: false }
    }

    /// Notes that choosing something made a call, or led elsewhere.
    pub(super) fn had_effect(&mut self) {
        self.has_effect = true;
    }

    /// How often it is worth to choose once more: twice at most, while that does nothing.
    pub(super) fn tries(&self) -> usize {
        if self.has_effect { self.last() } else { self.last().min(1) }
    }

    /// What was chosen first, when this is the last try: an application may keep what is chosen, and show less from then on.
    pub(super) fn way_back(&self, variant: usize) -> Option<&str> {
        (variant == self.last()).then_some(&self.first)
    }

    fn last(&self) -> usize {
        self.others.min(MOST)
    }
}

/// How many options are tried.
const MOST: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_matters_ends_where_it_began() {
        let mut hosts = Choice::new("all".into(), 7);
        assert_eq!(hosts.tries(), 1, "while it does nothing, a second option is enough");
        hosts.had_effect();
        assert_eq!(hosts.tries(), 3);
        assert_eq!(hosts.way_back(2), None);
        assert_eq!(hosts.way_back(3), Some("all"));
    }

    #[test]
    fn a_list_with_one_other_option_is_changed_and_put_back() {
        let order = Choice::new("rising".into(), 1);
        assert_eq!((order.tries(), order.way_back(0), order.way_back(1)), (1, None, Some("rising")));
    }
}
