//! The pages of the bed, as they lie in the folder.

use std::{env, fs, path::PathBuf};

use regex::Regex;

/// One page with one control or trap.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    /// Its group and name, `controls/link`.
    pub(crate) name: String,
    /// What there is to find.
    pub(crate) found: Vec<String>,
    pub(crate) way: Way,
    /// How many requests it may cost.
    pub(crate) most: Option<usize>,
    pub(crate) loads_kit: bool,
}

/// How what a page hides can be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// By using the page.
    Interaction,
    /// By reading what the application is made of.
    Mining,
    /// Not at all, for this reason.
    Unreachable(String),
}

impl Page {
    /// The pages that are to be crawled: all, or those that `BED` names.
    pub(crate) fn all() -> Vec<Self> {
        let wanted = env::var("BED").unwrap_or_default();
        let is_wanted = |name: &str| {
            wanted.split(',').any(|w| w.is_empty() || name == w || name.starts_with(&format!("{w}/")))
        };
        Self::read_all().into_iter().filter(|page| is_wanted(&page.name)).collect()
    }

    /// Every page. Files with a dot in their name, such as `nested.inner.html`, are parts of others.
    pub(crate) fn read_all() -> Vec<Self> {
        let mut pages = Vec::new();
        for group in fs::read_dir(folder()).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()) {
            for file in fs::read_dir(&group).unwrap().map(|e| e.unwrap().path()) {
                let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
                if file.extension().is_some_and(|e| e == "html") && !name.contains('.') {
                    let group = group.file_name().unwrap().to_str().unwrap();
                    pages.push(Self::read(format!("{group}/{name}"), &fs::read_to_string(file).unwrap()));
                }
            }
        }
        pages.sort_by(|a, b| a.name.cmp(&b.name));
        pages
    }

    fn read(name: String, text: &str) -> Self {
        let found = meta(text, "found").unwrap_or_else(|| "it".to_owned());
        Self {
            name,
            found: found.split_whitespace().map(str::to_owned).collect(),
            way: meta(text, "way").map_or(Way::Interaction, |way| Way::of(&way)),
            most: meta(text, "most").map(|most| most.parse().unwrap()),
            loads_kit: text.contains("src=\"/kit.js\""),
        }
    }

    pub(crate) fn group(&self) -> &str {
        self.name.split('/').next().unwrap()
    }
}

impl Way {
    fn of(text: &str) -> Self {
        match text.strip_prefix("unreachable:") {
            Some(reason) => Self::Unreachable(reason.trim().to_owned()),
            None if text == "mined" => Self::Mining,
            None => panic!("`{text}` is no way"),
        }
    }
}

/// Where the pages lie.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/bed")
}

fn meta(text: &str, name: &str) -> Option<String> {
    let pattern = format!(r#"<meta name="{name}" content="([^"]*)">"#);
    Regex::new(&pattern).unwrap().captures(text).map(|found| found[1].to_owned())
}
