//! A script that a context refers to.

use std::{collections::BTreeMap, path::PathBuf};

use crate::session::Secret;

/// A script and what it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Where its text is.
    pub source: ScriptSource,
    /// The engine that it is written for, by ZAP's name for it, such as `Graal.js` or `Mozilla Zest`.
    pub engine: Option<String>,
    /// The values of its parameters, by name.
    pub parameters: BTreeMap<String, Secret>,
}

/// Where the text of a script is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScriptSource {
    /// In a file.
    File(PathBuf),
    /// In the configuration itself.
    Inline(String),
}
