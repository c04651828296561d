//! Values that fit their description, and how they are taken out of their maps.

use std::path::PathBuf;

use url::Url;

use super::{shape::Shape, yaml::At};
use crate::{
    context::SecretSource,
    session::{HeaderTemplate, Secret},
    site::Pattern,
};

/// A value that is what its description asks for.
#[derive(Debug)]
pub(crate) enum Value {
    Text(String),
    Hidden(Secret),
    Secret(SecretSource),
    Number(u32),
    Url(Url),
    File(PathBuf),
    Pattern(Pattern),
    Word(&'static str),
    Headers(Vec<HeaderTemplate>),
    List(Vec<(At, Value)>),
    Map(Fields),
    /// It is not used.
    Anything,
}

/// The values of a map.
#[derive(Debug)]
pub(crate) struct Fields {
    /// The way to the map.
    pub(crate) way: String,
    pub(crate) at: At,
    pub(crate) shape: &'static Shape,
    pub(crate) values: Vec<(&'static str, At, Value)>,
    /// What is not described: parameters of scripts.
    pub(crate) rest: Vec<(String, At, SecretSource)>,
    /// The keys whose values do not fit, which was told.
    pub(crate) unfit: Vec<&'static str>,
}

impl Fields {
    /// Takes out what stands under a key; `None` where nothing does.
    pub(crate) fn take<T: FromValue>(&mut self, name: &str) -> Option<T> {
        self.take_at(name).map(|(_, value)| value)
    }

    /// Takes out what stands under a key, and the place of the key.
    pub(crate) fn take_at<T: FromValue>(&mut self, name: &str) -> Option<(At, T)> {
        debug_assert!(
            self.shape.key(name).is_some() || self.shape.keys.is_empty(),
            "`{name}` is not described"
        );
        let index = self.values.iter().position(|(key, ..)| *key == name)?;
        let (_, at, value) = self.values.swap_remove(index);
        let value = T::from_value(value);
        debug_assert!(value.is_some(), "`{name}` is described as something else");
        Some((at, value?))
    }

    /// The place of a key, where it has a value.
    pub(crate) fn place(&self, name: &str) -> Option<At> {
        self.values.iter().find(|(key, ..)| *key == name).map(|(_, at, _)| *at)
    }

    /// Whether a key stands there, whatever its value is.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.unfit.contains(&name) || self.place(name).is_some()
    }

    /// The way to a key.
    pub(crate) fn to(&self, key: &str) -> String {
        way(&self.way, key)
    }
}

/// The way to a key of the map that `outer` leads to.
pub(crate) fn way(outer: &str, key: &str) -> String {
    if outer.is_empty() { key.to_owned() } else { format!("{outer}.{key}") }
}

/// What can be taken out of a map.
pub(crate) trait FromValue: Sized {
    fn from_value(value: Value) -> Option<Self>;
}

macro_rules! from_value {
    ($($variant:ident => $type:ty),* $(,)?) => {$(
        impl FromValue for $type {
            fn from_value(value: Value) -> Option<Self> {
                if let Value::$variant(value) = value { Some(value) } else { None }
            }
        }
    )*};
}

from_value! {
    Text => String,
    Hidden => Secret,
    Secret => SecretSource,
    Number => u32,
    Url => Url,
    File => PathBuf,
    Pattern => Pattern,
    Word => &'static str,
    Headers => Vec<HeaderTemplate>,
    Map => Fields,
}

impl<T: FromValue> FromValue for Vec<(At, T)> {
    fn from_value(value: Value) -> Option<Self> {
        let Value::List(items) = value else { return None };
        items.into_iter().map(|(at, item)| Some((at, T::from_value(item)?))).collect()
    }
}
