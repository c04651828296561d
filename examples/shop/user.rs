//! Who can log in.

/// One account.
#[derive(Debug, Clone)]
pub(crate) struct User {
    /// The number that its belongings are kept under.
    pub(crate) id: u64,
    /// The name to log in with.
    pub(crate) email: String,
    /// The password, plain: it is a sample.
    pub(crate) password: String,
    /// What the account may do.
    pub(crate) role: Role,
}

impl User {
    /// The id of the user's basket, which is not the user's own id.
    pub(crate) fn basket(&self) -> u64 {
        self.id + 40
    }
}

/// What an account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Buys things.
    Customer,
    /// Buys things and runs the shop.
    Admin,
}

impl Role {
    /// The name that tokens and the truth list use.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Admin => "admin",
        }
    }
}

/// The accounts that are there from the start.
pub(crate) fn seeded() -> impl Iterator<Item = User> {
    (1..).zip(ACCOUNTS).map(|(id, (email, password, role))| User {
        id,
        email: email.to_owned(),
        password: password.to_owned(),
        role,
    })
}

/// Email, password (with characters that careless quoting breaks on) and role.
const ACCOUNTS: [(&str, &str, Role); 3] = [
    ("anna@shop.test", r##"Tea&"Biscuits"#42"##, Role::Customer),
    ("ben@shop.test", r"k1te%20up\away+1!", Role::Customer),
    ("root@shop.test", "Ember<$>{7}'s key", Role::Admin),
];
