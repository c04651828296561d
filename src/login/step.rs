//! What was done on the way, for progress and reports.

use std::fmt;

/// One step of a login, as it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// The login page was opened.
    Opened {
        /// Its address, without query.
        url: String,
    },
    /// A dialog or bar was got out of the way.
    Dismissed {
        /// The words on its button.
        label: String,
    },
    /// Something that leads to the login was clicked.
    Followed {
        /// Its words.
        label: String,
    },
    /// The form was found.
    Found {
        /// The name of the field for the user name.
        username: Option<String>,
        /// The name of the password field; nothing when it is asked for later.
        password: Option<String>,
    },
    /// The fields were filled and sent off.
    Submitted {
        /// The words on the button, or how else.
        by: String,
    },
    /// The one-time password was typed.
    Code {
        /// The name of its field, the first of several.
        field: String,
    },
    /// Nothing can be done for now but wait.
    Waiting {
        /// For what, and how long at most.
        what: String,
    },
    /// An act of a recipe was done.
    Acted {
        /// Its number in the recipe.
        number: usize,
        /// What was done, for example "clicked `Log in`"; never what was typed.
        what: String,
    },
    /// The element of an act was found in another way than by its first selector.
    Healed {
        /// The act's number in the recipe.
        number: usize,
        /// The selector that does not find it any more.
        gone: String,
        /// What finds it.
        by: String,
    },
    /// An act that may be left out could not be done.
    Skipped {
        /// Its number in the recipe.
        number: usize,
        /// Why.
        why: String,
    },
    /// The application answered.
    Answered {
        /// What it answered, for example `POST /login: 200`.
        what: String,
    },
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opened { url } => write!(f, "opened {url}"),
            Self::Dismissed { label } => write!(f, "dismissed `{label}`"),
            Self::Followed { label } => write!(f, "clicked `{label}`"),
            Self::Found { username: Some(u), password: Some(p) } => {
                write!(f, "found the form: `{u}` and `{p}`")
            }
            Self::Found { username: None, password: Some(p) } => write!(f, "found the form: `{p}` alone"),
            Self::Found { username, .. } => {
                write!(f, "found the first step: `{}`", username.as_deref().unwrap_or_default())
            }
            Self::Submitted { by } => write!(f, "submitted by {by}"),
            Self::Code { field } => write!(f, "typed the one-time password into `{field}`"),
            Self::Waiting { what } => write!(f, "waiting for {what}"),
            Self::Acted { number, what } => write!(f, "step {number}: {what}"),
            Self::Healed { number, gone, by } => write!(f, "step {number}: `{gone}` is gone; found by {by}"),
            Self::Skipped { number, why } => write!(f, "step {number} left out: {why}"),
            Self::Answered { what } => write!(f, "answered: {what}"),
        }
    }
}
