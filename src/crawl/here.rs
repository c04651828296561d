//! Where a worker's browser is.

use std::collections::HashMap;

use url::Url;

use super::{action::ActionId, state::StateId};

/// Where a worker is: a page at rest, and what of it can be done.
#[derive(Clone, Debug)]
pub(super) struct Here {
    pub(super) state: StateId,
    pub(super) url: Url,
    pub(super) document: String,
    pub(super) generation: u64,
    /// Visible actions: key, index at the agent.
    pub(super) visible: HashMap<String, usize>,
    /// Known actions among them, with whether each stands in front.
    pub(super) actions: Vec<(ActionId, bool)>,
    pub(super) is_new_state: bool,
    /// Whether its route was never seen before.
    pub(super) is_first: bool,
    /// Whether it is one that does not look like many in its folder, too.
    pub(super) is_new_route: bool,
    /// The menu that closed behind one of its entries last, and may have more to do.
    pub(super) menu: Option<StateId>,
    /// How many actions were seen here that nobody had seen before.
    pub(super) found: usize,
}

impl Here {
    /// Before the first page is open.
    pub(super) fn nowhere(url: Url) -> Self {
        Self {
            state: StateId(0),
            url,
            document: String::new(),
            generation: 0,
            visible: HashMap::new(),
            actions: Vec::new(),
            is_new_state: false,
            is_first: false,
            is_new_route: false,
            menu: None,
            found: 0,
        }
    }
}
