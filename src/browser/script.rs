//! The in-page scripts, by name, as they lie in `drivers/scripts`.

/// The source of an in-page script.
///
/// # Panics
/// When there is no script of that name: the names are constants of this crate.
#[must_use]
pub fn script(name: &str) -> &'static str {
    SCRIPTS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, source)| *source)
        .expect("names of scripts are constants")
}

const SCRIPTS: &[(&str, &str)] = &[
    ("crawl-act", include_str!("../../drivers/scripts/crawl-act.js")),
    ("crawl-agent", include_str!("../../drivers/scripts/crawl-agent.js")),
    ("crawl-fill", include_str!("../../drivers/scripts/crawl-fill.js")),
    ("crawl-look", include_str!("../../drivers/scripts/crawl-look.js")),
    ("login-form", include_str!("../../drivers/scripts/login-form.js")),
    ("preload", include_str!("../../drivers/scripts/preload.js")),
    ("storage-read", include_str!("../../drivers/scripts/storage-read.js")),
    ("storage-write", include_str!("../../drivers/scripts/storage-write.js")),
];
