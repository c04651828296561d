//! How the keys of a configuration are described. Reading, hints and the JSON schema all follow the description.

/// A map and its keys.
#[derive(Debug)]
pub(crate) struct Shape {
    /// The keys that it may have.
    pub(crate) keys: &'static [Key],
    /// What other keys are.
    pub(crate) rest: Rest,
    /// A key whose value looks different from method to method.
    pub(crate) chosen: Option<Chosen>,
}

/// What becomes of keys that are not described.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rest {
    /// They are mistakes.
    Refused,
    /// They are parameters of a script, with texts as values.
    Parameters,
    /// They are credentials that a script asks for.
    Credentials,
}

/// The shape of one key that another key decides.
#[derive(Debug)]
pub(crate) struct Chosen {
    /// The deciding key.
    pub(crate) by: &'static str,
    /// The key that it decides.
    pub(crate) key: &'static str,
    /// Its shape for each word.
    pub(crate) shapes: &'static [(&'static str, What)],
}

/// A key.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) what: What,
    pub(crate) need: Need,
    pub(crate) whose: Whose,
    /// What it is for, in a sentence without a full stop.
    pub(crate) about: &'static str,
}

/// Whether a key may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    Required,
    Optional,
}

/// Where a key comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// ZAP's automation plans have it, and it is used.
    Zap,
    /// handstamp adds it.
    Ours,
    /// ZAP's automation plans have it, and it is of no use here.
    Unused,
}

/// What a value has to be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum What {
    /// A text; numbers and truth values are read as they are written.
    Text,
    /// A text that may hold secrets, such as a request body.
    Hidden,
    /// A secret, or a variable that holds it.
    Secret,
    /// The text of a script, where `${…}` may mean something else than a variable.
    Code,
    /// A whole number from the first to the second.
    Number(u32, u32),
    /// An http or https URL.
    Url,
    /// A URL that may hold places for credentials.
    UrlText,
    /// A path, relative to the configuration.
    File,
    /// A regular expression that is searched for.
    Expression,
    /// A regular expression that matches whole URLs.
    UrlExpression,
    /// One of these words, in upper or lower case.
    Word(&'static [&'static str]),
    /// Header names and the templates of their values.
    Headers,
    /// Names and texts.
    Texts,
    /// Any number of these.
    List(&'static What),
    /// A map.
    Map(&'static Shape),
    /// It is not looked at.
    Anything,
}

impl Key {
    /// A key of ZAP's.
    pub(crate) const fn zap(name: &'static str, what: What, about: &'static str) -> Self {
        Self { name, what, need: Need::Optional, whose: Whose::Zap, about }
    }

    /// A key that handstamp adds.
    pub(crate) const fn ours(name: &'static str, what: What, about: &'static str) -> Self {
        Self { name, what, need: Need::Optional, whose: Whose::Ours, about }
    }

    /// A key of ZAP's that is of no use here.
    pub(crate) const fn unused(name: &'static str, about: &'static str) -> Self {
        Self { name, what: What::Anything, need: Need::Optional, whose: Whose::Unused, about }
    }

    /// The same key, which may not be left out.
    pub(crate) const fn required(mut self) -> Self {
        self.need = Need::Required;
        self
    }
}

impl Shape {
    /// A map with these keys and no others.
    pub(crate) const fn of(keys: &'static [Key]) -> Self {
        Self { keys, rest: Rest::Refused, chosen: None }
    }

    /// A map with these keys and a script's parameters.
    pub(crate) const fn open(keys: &'static [Key]) -> Self {
        Self { keys, rest: Rest::Parameters, chosen: None }
    }

    /// The key of this name.
    pub(crate) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// The names of its keys.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().map(|key| key.name)
    }
}

impl What {
    /// What it is, in a few words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Text | Self::Hidden | Self::Secret | Self::Code => "a text",
            Self::Number(..) => "a number",
            Self::Url | Self::UrlText => "a URL",
            Self::File => "a path",
            Self::Expression | Self::UrlExpression => "a regular expression",
            Self::Word(_) => "a word",
            Self::Headers | Self::Texts | Self::Map(_) => "a map",
            Self::List(_) => "a list",
            Self::Anything => "anything",
        }
    }
}
