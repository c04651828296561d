//! Everything that the shop knows, in memory.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use crate::seed;
use crate::shelf::Shelf;
use crate::token::Tokens;
use crate::user::{self, Role, User};

/// The state of one process.
#[derive(Debug)]
pub(crate) struct Shop {
    /// Who can log in: the seeded ones and a few that registered.
    pub(crate) users: Vec<User>,
    /// The mint.
    pub(crate) tokens: Tokens,
    /// The counter that all ids come from.
    pub(crate) ids: u64,
    /// Whether tokens can be renewed.
    pub(crate) refresh: bool,
    /// The last few requests, for the administrator.
    pub(crate) recent: VecDeque<Value>,
    shelves: BTreeMap<(u64, &'static str), Shelf>,
    sheets: BTreeMap<(u64, &'static str), Value>,
}

impl Shop {
    /// A shop with its goods and its first users. `token_lifetime` is in seconds.
    pub(crate) fn new(token_lifetime: i64, refresh: bool) -> Self {
        let mut shop = Self {
            users: Vec::new(),
            tokens: Tokens::new(token_lifetime),
            ids: 0,
            refresh,
            recent: VecDeque::new(),
            shelves: BTreeMap::new(),
            sheets: BTreeMap::new(),
        };
        for name in seed::SHARED {
            let rows = seed::shared(name);
            shop.shelves.insert((0, name), Shelf::new(rows, &mut shop.ids));
        }
        user::seeded().for_each(|user| shop.move_in(user));
        shop
    }

    /// The user with this id.
    pub(crate) fn user(&self, id: u64) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    /// Whom a token is good for now.
    pub(crate) fn user_of(&self, token: &str) -> Option<User> {
        self.user(self.tokens.user_id(token)?).cloned()
    }

    /// The user with this email.
    pub(crate) fn user_by_email(&self, email: &str) -> Option<&User> {
        self.users.iter().find(|user| user.email.eq_ignore_ascii_case(email))
    }

    /// Takes a new customer in; the oldest registered one leaves when there are too many.
    pub(crate) fn register(&mut self, email: &str, password: &str) -> Value {
        let seeded = user::seeded().count();
        if self.users.len() >= seeded + REGISTERED_AT_MOST {
            let leaving = self.users.remove(seeded).id;
            self.shelves.retain(|(owner, _), _| *owner != leaving);
            self.sheets.retain(|(owner, _), _| *owner != leaving);
        }
        let id = self.users.last().map_or(1, |user| user.id + 1);
        let (email, password) = (email.to_owned(), password.to_owned());
        self.move_in(User { id, email: email.clone(), password, role: Role::Customer });
        json!({"id": id, "email": email})
    }

    /// A shelf of a user, or one that all share (owner 0), with the counter for new rows.
    pub(crate) fn shelf(&mut self, owner: u64, name: &'static str) -> (&mut Shelf, &mut u64) {
        (self.shelves.entry((owner, name)).or_default(), &mut self.ids)
    }

    /// The rows of a shelf.
    pub(crate) fn rows(&self, owner: u64, name: &'static str) -> &[Value] {
        self.shelves.get(&(owner, name)).map_or(&[], Shelf::rows)
    }

    /// The rows of this name of all users, each with its `owner`.
    pub(crate) fn everyones(&self, name: &'static str) -> Vec<Value> {
        let owned = self.users.iter().map(|user| (user, self.rows(user.id, name)));
        owned.flat_map(|(user, rows)| rows.iter().map(move |row| with_owner(row, user))).collect()
    }

    /// Whose shelf of this name holds the row with this id.
    pub(crate) fn owner_of(&self, name: &'static str, id: u64) -> Option<u64> {
        let holds = |user: &&User| self.rows(user.id, name).iter().any(|row| row["id"] == id);
        self.users.iter().find(holds).map(|user| user.id)
    }

    /// A single object of a user, such as the settings.
    pub(crate) fn sheet(&mut self, owner: u64, name: &'static str) -> &mut Value {
        self.sheets.entry((owner, name)).or_default()
    }

    fn move_in(&mut self, user: User) {
        for name in seed::OWN {
            let rows = seed::own(name, &user);
            self.shelves.insert((user.id, name), Shelf::new(rows, &mut self.ids));
        }
        for name in seed::SHEETS {
            self.sheets.insert((user.id, name), seed::sheet(name, &user));
        }
        self.users.push(user);
    }
}

/// A copy of `row` that says whose it is.
fn with_owner(row: &Value, owner: &User) -> Value {
    let mut row = row.clone();
    row["owner"] = json!(owner.email);
    row
}

/// How many accounts visitors can make.
const REGISTERED_AT_MOST: usize = 5;
