//! What a route is, how a path is matched, and how the plain ones are answered.

use serde_json::{Value, json};

use crate::reply::{Call, Reply};
use crate::shelf::pick;
use crate::shop::Shop;
use crate::user::{Role, User};

/// One endpoint: what serves it and who reaches it through the interface.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Route {
    /// The HTTP method.
    pub(crate) method: &'static str,
    /// The path, with parameters in braces.
    pub(crate) template: &'static str,
    /// Who may call it.
    pub(crate) access: Access,
    /// What it does.
    pub(crate) action: Action,
}

impl Route {
    /// The parameters of `path`, if it is one of this route's.
    pub(crate) fn matches(&self, method: &str, path: &str) -> Option<Vec<String>> {
        if method != self.method {
            return None;
        }
        let (mut wanted, mut given) = (self.template.split('/'), path.split('/'));
        let mut parameters = Vec::new();
        loop {
            match (wanted.next(), given.next()) {
                (None, None) => return Some(parameters),
                (Some(wanted), Some(given)) if wanted.starts_with('{') && !given.is_empty() => {
                    parameters.push(given.to_owned());
                }
                (Some(wanted), Some(given)) if wanted == given => {}
                _ => return None,
            }
        }
    }

    /// Answers a call of this route, if the caller may make it.
    pub(crate) fn answer(&self, shop: &mut Shop, call: &Call) -> Reply {
        match self.access.refusal(call.user.as_ref()) {
            Some(refusal) => refusal,
            None => self.action.answer(shop, call),
        }
    }
}

/// Who a view or an endpoint is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Everyone who comes by.
    Everyone,
    /// Those who are logged out; the interface shows it to nobody else.
    Guests,
    /// Those who are logged in.
    Members,
    /// Administrators.
    Admins,
    /// Nobody, through the interface.
    Nobody,
}

impl Access {
    /// The name that the page's script uses.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::Guests => "guests",
            Self::Members => "members",
            Self::Admins => "admins",
            Self::Nobody => "nobody",
        }
    }

    /// Who reaches it through the interface.
    pub(crate) fn users(self) -> &'static [&'static str] {
        match self {
            Self::Everyone => &["anonymous", "customer", "admin"],
            Self::Guests => &["anonymous"],
            Self::Members => &["customer", "admin"],
            Self::Admins => &["admin"],
            Self::Nobody => &[],
        }
    }

    fn refusal(self, user: Option<&User>) -> Option<Reply> {
        let role = user.map(|user| user.role);
        match (self, role) {
            (Self::Members | Self::Admins, None) => Some(Reply::error(401, "Please log in.")),
            (Self::Admins, Some(Role::Customer)) => Some(Reply::error(403, "This is for administrators.")),
            _ => None,
        }
    }
}

/// What an endpoint does. Most only keep things on shelves.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Action {
    /// Lists a shelf.
    List(Place),
    /// Shows the row that the first parameter names.
    Show(Place),
    /// Adds a row of these fields.
    Create(Place, &'static [&'static str]),
    /// Sets these fields of a row.
    Change(Place, &'static [&'static str]),
    /// Takes a row away.
    Remove(Place),
    /// Does something of its own.
    Run(fn(&mut Shop, &Call) -> Reply),
}

impl Action {
    fn answer(self, shop: &mut Shop, call: &Call) -> Reply {
        match self {
            Self::List(Place::All(name)) => Reply::data(shop.everyones(name)),
            Self::List(place) => Reply::data(shop.rows(place.owner(shop, call), place.name())),
            Self::Show(place) => on_row(shop, call, place, |row| row.clone()),
            Self::Create(place, fields) => create(shop, call, place, fields),
            Self::Change(place, fields) => match pick(&call.body, fields) {
                Err(field) => Reply::error(400, &format!("Please fill in: {field}.")),
                Ok(values) => on_row(shop, call, place, |row| {
                    values.into_iter().for_each(|(field, value)| row[field] = value);
                    row.clone()
                }),
            },
            Self::Remove(place) => {
                let owner = place.owner(shop, call);
                let (rows, ids) = shop.shelf(owner, place.name());
                Reply::from(call.id().and_then(|id| rows.remove(id, ids)))
            }
            Self::Run(handler) => handler(shop, call),
        }
    }
}

/// Which shelf is meant.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    /// One that all share.
    Shared(&'static str),
    /// The caller's own.
    Own(&'static str),
    /// Those of all users together.
    All(&'static str),
}

impl Place {
    fn name(self) -> &'static str {
        let (Self::Shared(name) | Self::Own(name) | Self::All(name)) = self;
        name
    }

    /// Whose shelf a call means: the one that holds the row, where all are meant.
    fn owner(self, shop: &Shop, call: &Call) -> u64 {
        match self {
            Self::Shared(_) => 0,
            Self::Own(_) => call.owner(),
            Self::All(name) => call.id().and_then(|id| shop.owner_of(name, id)).unwrap_or(0),
        }
    }
}

/// Does something with the row that a call names.
fn on_row(shop: &mut Shop, call: &Call, place: Place, change: impl FnOnce(&mut Value) -> Value) -> Reply {
    let owner = place.owner(shop, call);
    let row = call.id().and_then(|id| shop.shelf(owner, place.name()).0.row_mut(id));
    Reply::from(row.map(change))
}

/// Adds a row of what the call's body says.
fn create(shop: &mut Shop, call: &Call, place: Place, fields: &[&'static str]) -> Reply {
    let owner = place.owner(shop, call);
    match pick(&call.body, fields) {
        Err(field) => Reply::error(400, &format!("Please fill in: {field}.")),
        Ok(mut row) => {
            let author = call.user.as_ref().map_or("a guest", |user| &user.email);
            row.insert("author".into(), json!(author));
            row.insert("status".into(), json!("new"));
            let (rows, ids) = shop.shelf(owner, place.name());
            Reply::created(rows.add(Value::Object(row), ids))
        }
    }
}
