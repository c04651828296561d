//! The pictures of states, one of each, as many as were asked for.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::state::StateId;
use crate::browser::Picture;

/// The pictures that the workers of one crawl take.
#[derive(Debug)]
pub(super) struct Album {
    most: usize,
    pages: Mutex<Pages>,
}

#[derive(Debug, Default)]
struct Pages {
    /// States whose picture was taken or tried; a state that cannot be pictured is not tried again.
    seen: HashSet<StateId>,
    pictures: BTreeMap<StateId, Picture>,
    bytes: usize,
}

impl Album {
    pub(super) fn new(most: usize) -> Self {
        Self { most, pages: Mutex::default() }
    }

    /// Whether a picture of this state is to be taken; the caller who is told so takes it.
    pub(super) fn wants(&self, state: StateId) -> bool {
        let mut pages = self.lock();
        pages.seen.len() < self.most && pages.bytes < MOST_BYTES && pages.seen.insert(state)
    }

    pub(super) fn keep(&self, state: StateId, picture: Picture) {
        let mut pages = self.lock();
        pages.bytes += picture.bytes.len();
        pages.pictures.insert(state, picture);
    }

    pub(super) fn take(&self) -> BTreeMap<StateId, Picture> {
        std::mem::take(&mut self.lock().pictures)
    }

    fn lock(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many bytes all pictures of a crawl may have together.
const MOST_BYTES: usize = 64 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_pictured_once_and_no_more_states_than_asked_for() {
        let album = Album::new(2);
        assert!(album.wants(StateId(7)) && !album.wants(StateId(7)));
        assert!(album.wants(StateId(8)) && !album.wants(StateId(9)));
        assert!(!Album::new(0).wants(StateId(0)));
    }
}
