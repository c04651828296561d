//! Fills in what a browser needs to run, where somebody else's capabilities do not say it.

use serde_json::{Map, Value, json};

use super::{Kind, capabilities::has_display, find::find};

/// Where a browser will run that somebody else asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// Here, as this browser.
    Here(Kind),
    /// Wherever a driver or grid starts it, as whatever its capabilities name.
    Elsewhere,
}

/// What somebody's browser needs beyond what was asked for.
#[derive(Clone, Copy, Debug)]
pub struct Fit<'a> {
    /// Where it will run.
    pub ground: Ground,
    /// The User-Agent to present, unless another was asked for.
    pub user_agent: Option<&'a str>,
    /// An HTTP proxy for all of its traffic, loopback included, in the place of the one that was asked for.
    pub proxy: Option<&'a str>,
}

/// What became of `BiDi` in somebody's capabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedBidi {
    /// It was asked for.
    Asked,
    /// It was not, and is now.
    Added,
    /// It was not, and is not needed or cannot be had.
    Left,
}

impl Fit<'_> {
    /// Changes the capabilities, and tells what was filled in that a person may wonder about, and what became of `BiDi`.
    pub fn put(&self, capabilities: &mut Map<String, Value>) -> (Vec<String>, AskedBidi) {
        let mut told = Vec::new();
        let family = self.family(capabilities);
        if let Some(proxy) = self.proxy {
            capabilities.insert("acceptInsecureCerts".into(), json!(true));
            let manual = json!({ "proxyType": "manual", "httpProxy": proxy, "sslProxy": proxy });
            match family {
                // It would speak TLS to a proxy of the capabilities.
                Some((Kind::WebKit, _)) => capabilities.remove("proxy"),
                _ => capabilities.insert("proxy".into(), manual),
            };
        }
        if let Some((kind, key)) = family {
            let mut options = match capabilities.remove(key) {
                Some(Value::Object(options)) => options,
                // Whatever it is, the driver has words for it.
                Some(other) => {
                    capabilities.insert(key.into(), other);
                    return (told, AskedBidi::Left);
                }
                None => Map::new(),
            };
            // A browser that runs already, or on a telephone, takes no arguments.
            if !["debuggerAddress", "androidPackage"].iter().any(|name| options.contains_key(*name)) {
                match kind {
                    Kind::Chromium => self.chromium(&mut options, &mut told),
                    Kind::Firefox => self.firefox(&mut options, &mut told),
                    Kind::WebKit => self.webkit(&mut options, &mut told),
                }
            }
            let needs_bidi = self.needs_bidi(kind, &options);
            if !options.is_empty() {
                capabilities.insert(key.into(), Value::Object(options));
            }
            return (told, ask_for_bidi(capabilities, needs_bidi));
        }
        let is_unknown = !capabilities.contains_key("browserName");
        (told, ask_for_bidi(capabilities, is_unknown))
    }

    /// The browser, and the key of its options; nothing where it is another's.
    fn family(&self, capabilities: &mut Map<String, Value>) -> Option<(Kind, &'static str)> {
        if let Ground::Here(kind) = self.ground {
            // The browser's own name is another than that of its program.
            let name = kind.data().capabilities.get("browserName").cloned();
            capabilities.extend(name.map(|name| ("browserName".to_owned(), name)));
        }
        match capabilities.get("browserName").and_then(Value::as_str)? {
            "chrome" | "chromium" => Some((Kind::Chromium, "goog:chromeOptions")),
            "MicrosoftEdge" => Some((Kind::Chromium, "ms:edgeOptions")),
            "firefox" => Some((Kind::Firefox, "moz:firefoxOptions")),
            "MiniBrowser" => Some((Kind::WebKit, "webkitgtk:browserOptions")),
            _ => None,
        }
    }

    /// Chromium that runs here is taken hold of by its debugging port, which costs less.
    fn needs_bidi(&self, kind: Kind, options: &Map<String, Value>) -> bool {
        if kind == Kind::WebKit {
            return false;
        }
        let has_port = kind == Kind::Chromium && !has(&list(options), "remote-debugging-pipe");
        !(has_port && matches!(self.ground, Ground::Here(_)))
    }

    fn chromium(&self, options: &mut Map<String, Value>, told: &mut Vec<String>) {
        let mut args = list(options);
        self.run_here(options, &mut args, &["headless"], told);
        if let Some(agent) = self.user_agent.filter(|_| !has(&args, "user-agent")) {
            args.push(json!(format!("--user-agent={agent}")));
        }
        if self.proxy.is_some() {
            args.retain(|arg| {
                name_of(arg) != Some("proxy-bypass-list") && name_of(arg) != Some("proxy-server")
            });
            args.extend(Kind::Chromium.data().args_proxy.iter().map(|arg| json!(arg)));
        }
        keep(options, "args", args);
    }

    fn firefox(&self, options: &mut Map<String, Value>, told: &mut Vec<String>) {
        let mut args = list(options);
        self.run_here(options, &mut args, &["headless"], told);
        keep(options, "args", args);
        let mut prefs = options.get("prefs").and_then(Value::as_object).cloned().unwrap_or_default();
        if self.proxy.is_some() {
            prefs.extend(Kind::Firefox.data().prefs_proxy.clone());
        }
        if let Some(agent) = self.user_agent {
            prefs.entry("general.useragent.override").or_insert_with(|| json!(agent));
        }
        if !prefs.is_empty() {
            options.insert("prefs".into(), Value::Object(prefs));
        }
    }

    fn webkit(&self, options: &mut Map<String, Value>, told: &mut Vec<String>) {
        let mut args = list(options);
        self.run_here(options, &mut args, &[], told);
        let missing = |arg: &&String| !has(&args, name_in(arg));
        let own: Vec<_> = Kind::WebKit.data().args.iter().filter(missing).map(|arg| json!(arg)).collect();
        args.extend(own);
        if let Some(agent) = self.user_agent.filter(|_| !has(&args, "user-agent")) {
            args.push(json!(format!("--user-agent={agent}")));
        }
        if let Some(proxy) = self.proxy {
            args.retain(|arg| name_of(arg) != Some("proxy"));
            args.push(json!(format!("--proxy=http://{proxy}")));
        }
        keep(options, "args", args);
    }

    /// The program, and what it takes to start as root and without a display.
    fn run_here(
        &self,
        options: &mut Map<String, Value>,
        args: &mut Vec<Value>,
        headless: &[&str],
        told: &mut Vec<String>,
    ) {
        let Ground::Here(kind) = self.ground else { return };
        if !options.contains_key("binary")
            && let Some(binary) = find(kind).browser
        {
            options.insert("binary".into(), json!(binary));
        }
        let can_hide = !kind.data().args_headless.is_empty();
        if can_hide && !has_display() && !headless.iter().any(|name| has(args, name)) {
            told.push("there is no display: the browser is opened headless".to_owned());
            args.extend(kind.data().args_headless.iter().map(|arg| json!(arg)));
        }
        if nix::unistd::geteuid().is_root() {
            let missing = |arg: &&String| !has(args, arg.trim_start_matches('-'));
            let more: Vec<_> = kind.data().args_root.iter().filter(missing).map(|arg| json!(arg)).collect();
            args.extend(more);
        }
    }
}

fn ask_for_bidi(capabilities: &mut Map<String, Value>, is_needed: bool) -> AskedBidi {
    if capabilities.get("webSocketUrl") == Some(&json!(true)) {
        return AskedBidi::Asked;
    }
    if is_needed {
        capabilities.insert("webSocketUrl".into(), json!(true));
        return AskedBidi::Added;
    }
    AskedBidi::Left
}

fn list(options: &Map<String, Value>) -> Vec<Value> {
    options.get("args").and_then(Value::as_array).cloned().unwrap_or_default()
}

fn keep(options: &mut Map<String, Value>, name: &str, list: Vec<Value>) {
    if !list.is_empty() {
        options.insert(name.into(), Value::Array(list));
    }
}

fn has(args: &[Value], name: &str) -> bool {
    args.iter().any(|arg| name_of(arg) == Some(name))
}

/// The name of an argument, which may be written with dashes or without.
fn name_of(arg: &Value) -> Option<&str> {
    arg.as_str().map(name_in)
}

fn name_in(arg: &str) -> &str {
    arg.trim_start_matches('-').split('=').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(ground: Ground, proxy: Option<&str>, capabilities: Value) -> (Value, AskedBidi) {
        let Value::Object(mut capabilities) = capabilities else { panic!("no object") };
        let (_, bidi) = Fit { ground, user_agent: Some("Own/1"), proxy }.put(&mut capabilities);
        (Value::Object(capabilities), bidi)
    }

    #[test]
    fn what_the_client_said_stays_as_it_is() {
        let options =
            json!({ "binary": "/own", "args": ["headless=new", "no-sandbox", "--user-agent=Theirs/1"] });
        let asked = json!({ "browserName": "chrome", "goog:chromeOptions": options, "webSocketUrl": true });
        assert_eq!(fit(Ground::Here(Kind::Chromium), None, asked.clone()), (asked, AskedBidi::Asked));
        let prefs = json!({ "general.useragent.override": "Theirs/1" });
        let asked = json!({ "browserName": "firefox", "moz:firefoxOptions": { "prefs": prefs } });
        let (fitted, bidi) = fit(Ground::Elsewhere, None, asked.clone());
        assert_eq!((&fitted["moz:firefoxOptions"], bidi), (&asked["moz:firefoxOptions"], AskedBidi::Added));
    }

    #[test]
    fn a_proxy_is_for_loopback_too() {
        let (chrome, _) = fit(Ground::Elsewhere, Some("127.0.0.1:9"), json!({ "browserName": "chrome" }));
        assert_eq!(chrome["proxy"]["sslProxy"], "127.0.0.1:9");
        assert_eq!(chrome["acceptInsecureCerts"], true);
        let args = chrome["goog:chromeOptions"]["args"].to_string();
        assert!(args.contains("--proxy-bypass-list=<-loopback>") && args.contains("Own/1"), "{args}");
        let (firefox, _) = fit(Ground::Elsewhere, Some("127.0.0.1:9"), json!({ "browserName": "firefox" }));
        let prefs = &firefox["moz:firefoxOptions"]["prefs"];
        assert_eq!(prefs["network.proxy.allow_hijacking_localhost"], true, "{prefs}");
    }

    #[test]
    fn webkit_takes_its_proxy_as_an_argument() {
        let theirs = json!({ "args": ["--automation", "--proxy=http://theirs:1"] });
        let asked = json!({ "webkitgtk:browserOptions": theirs, "proxy": { "proxyType": "direct" } });
        let (fitted, bidi) = fit(Ground::Here(Kind::WebKit), Some("127.0.0.1:9"), asked);
        let args = fitted["webkitgtk:browserOptions"]["args"].to_string();
        assert!(args.starts_with("[\"--automation\",\"--geometry=1280x1000\""), "{args}");
        assert!(args.ends_with("\"--user-agent=Own/1\",\"--proxy=http://127.0.0.1:9\"]"), "{args}");
        assert_eq!((fitted.get("proxy"), &fitted["browserName"]), (None, &json!("MiniBrowser")));
        assert_eq!((&fitted["acceptInsecureCerts"], bidi), (&json!(true), AskedBidi::Left));
    }

    #[test]
    fn bidi_is_asked_for_where_nothing_else_reaches_the_browser() {
        let chrome =
            |args: &[&str]| json!({ "browserName": "chrome", "goog:chromeOptions": { "args": args } });
        for (ground, asked, bidi) in [
            (Ground::Here(Kind::Chromium), chrome(&[]), AskedBidi::Left),
            (Ground::Here(Kind::Chromium), chrome(&["--remote-debugging-pipe"]), AskedBidi::Added),
            (Ground::Here(Kind::Firefox), json!({}), AskedBidi::Added),
            (Ground::Elsewhere, chrome(&[]), AskedBidi::Added),
            (Ground::Elsewhere, json!({}), AskedBidi::Added),
            (Ground::Elsewhere, json!({ "browserName": "safari" }), AskedBidi::Left),
        ] {
            let (fitted, became) = fit(ground, None, asked);
            assert_eq!(became, bidi, "{fitted}");
            assert_eq!(fitted.get("webSocketUrl").is_some(), bidi == AskedBidi::Added, "{fitted}");
        }
    }
}
