//! The in-page scripts, by name, as they lie in `drivers/scripts`.

/// The source of an in-page script, without the comment at its head, so that an expression can stand inside another.
///
/// # Panics
/// When there is no script of that name: the names are constants of this crate.
#[must_use]
pub fn script(name: &str) -> &'static str {
    let found = SCRIPTS.iter().find(|(known, _)| *known == name);
    let mut source = found.map(|(_, source)| *source).expect("names of scripts are constants");
    while source.starts_with("//") {
        source = source.split_once('\n').map_or("", |(_, below)| below);
    }
    source.trim_end()
}

const SCRIPTS: &[(&str, &str)] = &[
    ("controls", include_str!("../../drivers/scripts/controls.js")),
    ("crawl-act", include_str!("../../drivers/scripts/crawl-act.js")),
    ("crawl-guard", include_str!("../../drivers/scripts/crawl-guard.js")),
    ("crawl-agent", include_str!("../../drivers/scripts/crawl-agent.js")),
    ("crawl-frames", include_str!("../../drivers/scripts/crawl-frames.js")),
    ("crawl-hear", include_str!("../../drivers/scripts/crawl-hear.js")),
    ("crawl-kinds", include_str!("../../drivers/scripts/crawl-kinds.js")),
    ("crawl-name", include_str!("../../drivers/scripts/crawl-name.js")),
    ("crawl-input", include_str!("../../drivers/scripts/crawl-input.js")),
    ("crawl-fill", include_str!("../../drivers/scripts/crawl-fill.js")),
    ("crawl-look", include_str!("../../drivers/scripts/crawl-look.js")),
    ("crawl-hook", include_str!("../../drivers/scripts/crawl-hook.js")),
    ("crawl-values", include_str!("../../drivers/scripts/crawl-values.js")),
    ("crawl-routes", include_str!("../../drivers/scripts/crawl-routes.js")),
    ("element-look", include_str!("../../drivers/scripts/element-look.js")),
    ("flow-find", include_str!("../../drivers/scripts/flow-find.js")),
    ("init-script", include_str!("../../drivers/scripts/init-script.js")),
    ("login-code", include_str!("../../drivers/scripts/login-code.js")),
    ("login-form", LOGIN_FORM),
    ("login-passkey", include_str!("../../drivers/scripts/login-passkey.js")),
    ("login-preload", include_str!("../../drivers/scripts/login-preload.js")),
    ("preload", include_str!("../../drivers/scripts/preload.js")),
    ("record", include_str!("../../drivers/scripts/record.js")),
    ("storage-read", include_str!("../../drivers/scripts/storage-read.js")),
    ("storage-write", include_str!("../../drivers/scripts/storage-write.js")),
];

/// The look at a login as one expression. Closed shadow roots are seen where the preload script knows the same key.
const LOGIN_FORM: &str = concat!(
    "((words, dom) => (",
    include_str!("../../drivers/scripts/login-form.js"),
    ")(words, dom('{{key}}')))(",
    include_str!("../../drivers/scripts/login-words.js"),
    ", ",
    include_str!("../../drivers/scripts/login-dom.js"),
    ")"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_script_begins_with_its_code() {
        for (name, _) in SCRIPTS {
            assert!(script(name).starts_with('('), "{name}");
        }
    }
}
