//! Makes authentication, verification and session management of their keys.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use super::{contexts::method, fit::Fitting, value::Fields, yaml::At};
use crate::{
    context::{
        Authentication, BrowserLogin, ClientLogin, Frequency, Management, Poll, RequestLogin, Script,
        ScriptSource, SecretSource, Step, StepKind, Strategy, Verification,
    },
    session::{HeaderTemplate, HttpScheme, Method, Secret},
};

impl Fitting<'_> {
    /// The authentication; `None` where something is missing, which was told.
    pub(super) fn authentication(&mut self, mut fields: Fields) -> Option<Authentication> {
        let method = fields.take("method")?;
        let parameters: Fields = fields.take("parameters")?;
        Some(match method {
            "http" => http(parameters),
            "form" => Authentication::Form(request(parameters)?),
            "json" => Authentication::Json(request(parameters)?),
            "script" => Authentication::Script(self.script(parameters)?),
            "browser" => Authentication::Browser(self.browser(parameters)?),
            "client" => Authentication::Client(self.client(parameters)?),
            "autodetect" => autodetect(parameters),
            _ => Authentication::Manual,
        })
    }

    fn script(&mut self, mut fields: Fields) -> Option<Script> {
        let is_told = fields.has("script") || fields.has("scriptInline");
        let file = fields.take("script").map(ScriptSource::File);
        let inline: Option<(At, String)> = fields.take_at("scriptInline");
        if let (Some(_), Some((at, _))) = (&file, &inline) {
            let hint = "leave one of them out".to_owned();
            self.problem(*at, &fields.to("scriptInline"), "`script` names a file already", Some(hint));
        }
        let source = file.or(inline.map(|(_, text)| ScriptSource::Inline(text)));
        if !is_told {
            let hint = "write `script` or `scriptInline`".to_owned();
            self.problem(fields.at, &fields.way, "the script is missing", Some(hint));
        }
        let engine = fields.take("scriptEngine");
        Some(Script { source: source?, engine, parameters: parameters(fields) })
    }

    fn browser(&mut self, mut fields: Fields) -> Option<BrowserLogin> {
        let steps: Vec<(At, Fields)> = fields.take("steps").unwrap_or_default();
        let steps = steps.into_iter().filter_map(|(_, step)| self.step(step)).collect();
        Some(BrowserLogin {
            page_wait: seconds(&mut fields, "loginPageWait", 5),
            step_delay: seconds(&mut fields, "stepDelay", 0),
            browser: fields.take("browserId"),
            login_page: fields.take("loginPageUrl")?,
            steps,
        })
    }

    fn step(&mut self, mut fields: Fields) -> Option<Step> {
        let word: &str = fields.take("type")?;
        let kind = StepKind::ALL.into_iter().find(|kind| kind.word() == word)?;
        let step = Step {
            description: fields.take("description").unwrap_or_default(),
            css: fields.take("cssSelector"),
            xpath: fields.take("xpath"),
            value: fields.take::<Secret>("value").map(SecretSource::Clear),
            timeout: Duration::from_millis(fields.take::<u32>("timeout").unwrap_or(1000).into()),
            kind,
        };
        if kind.needs_element() && step.css.is_none() && step.xpath.is_none() {
            let hint = "write `cssSelector` or `xpath`".to_owned();
            self.problem(fields.at, &fields.way, format!("a {word} step needs an element"), Some(hint));
        }
        if kind == StepKind::CustomField && step.value.is_none() {
            self.problem(fields.at, &fields.way, format!("a {word} step needs a `value`"), None);
        }
        Some(step)
    }

    fn client(&mut self, mut fields: Fields) -> Option<ClientLogin> {
        let page_wait = seconds(&mut fields, "loginPageWait", 5);
        let min_wait = seconds(&mut fields, "minWaitFor", 0);
        let recipe: Option<(At, PathBuf)> = fields.take_at("recipe");
        if let Some((_, file)) = recipe.filter(|_| !fields.has("script") && !fields.has("scriptInline")) {
            let engine = fields.take("scriptEngine");
            let source = ScriptSource::File(file);
            let script = Script { source, engine, parameters: parameters(fields) };
            return Some(ClientLogin { script, page_wait, min_wait });
        }
        Some(ClientLogin { script: self.script(fields)?, page_wait, min_wait })
    }

    /// The verification; a poll that lacks its URL was told of.
    pub(super) fn verification(&mut self, mut fields: Fields) -> Verification {
        let logged_in = fields.take("loggedInRegex");
        let logged_out = fields.take("loggedOutRegex");
        let method = fields.take("method");
        if method.is_some_and(|method| method != "poll") {
            for key in POLL {
                if let Some(at) = fields.place(key) {
                    let hint = "write `method: poll`, or leave it out".to_owned();
                    self.problem(at, &fields.to(key), "only polls have it", Some(hint));
                }
            }
        }
        if logged_in.is_none() && logged_out.is_none() && method.is_some_and(|m| m != "autodetect") {
            let hint = "write `loggedInRegex` or `loggedOutRegex`".to_owned();
            self.remark(fields.at, &fields.way, "nothing tells a logged-in answer from another", Some(hint));
        }
        let strategy = match method {
            Some("response") => Strategy::Response,
            Some("request") => Strategy::Request,
            Some("both") => Strategy::Both,
            Some("poll") => self.poll(fields).map_or(Strategy::Autodetect, Strategy::Poll),
            _ => Strategy::Autodetect,
        };
        Verification { strategy, logged_in, logged_out }
    }

    fn poll(&mut self, mut fields: Fields) -> Option<Poll> {
        let number = fields.take("pollFrequency").unwrap_or(60);
        let frequency = match fields.take("pollUnits") {
            Some("seconds") => Frequency::Seconds(number),
            _ => Frequency::Requests(number),
        };
        let body: Option<Secret> = fields.take("pollPostData");
        let method = method(fields.take("pollMethod"), body.as_ref());
        let headers: Vec<(At, Fields)> = fields.take("pollAdditionalHeaders").unwrap_or_default();
        let headers =
            headers.into_iter().filter_map(|(_, mut h)| Some((h.take("header")?, h.take("value")?)));
        let headers = headers.collect();
        if !fields.has("pollUrl") {
            self.problem(fields.at, &fields.way, "`pollUrl` is missing: a poll needs it", None);
        }
        Some(Poll { url: fields.take("pollUrl")?, method, body, headers, frequency })
    }

    /// The session management.
    pub(super) fn management(&mut self, mut fields: Fields) -> Management {
        let method = match fields.take("method") {
            Some("cookie") => Method::Cookie,
            Some("browser") => Method::Browser,
            Some("http") => Method::Http { scheme: scheme(fields.take("parameters")) },
            Some("headers") => {
                let headers: Option<Vec<HeaderTemplate>> = fields.take("parameters");
                Method::Headers { headers: headers.unwrap_or_default() }
            }
            Some("script") => match self.session_script(&mut fields) {
                Some(method) => method,
                None => return Management::Autodetect,
            },
            _ => return Management::Autodetect,
        };
        Management::Explicit(method)
    }

    fn session_script(&mut self, fields: &mut Fields) -> Option<Method> {
        let mut script: Fields = fields.take("parameters")?;
        let engine: Option<(At, String)> = script.take_at("scriptEngine");
        if let Some((at, engine)) = engine.filter(|(_, engine)| !is_javascript(engine)) {
            let hint = "write the script in JavaScript".to_owned();
            let message = format!("handstamp has no engine `{engine}`");
            self.remark(at, &script.to("scriptEngine"), message, Some(hint));
        }
        let file = script.take("script")?;
        let exposed = parameters(script).into_iter().map(|(key, value)| (key, value.expose().to_owned()));
        Some(Method::Script { file, parameters: exposed.collect() })
    }
}

fn http(mut fields: Fields) -> Authentication {
    let port = fields.take::<u32>("port").and_then(|port| port.try_into().ok());
    Authentication::Http { hostname: fields.take("hostname"), port, realm: fields.take("realm") }
}

fn request(mut fields: Fields) -> Option<RequestLogin> {
    Some(RequestLogin {
        login_page: fields.take("loginPageUrl"),
        body: fields.take("loginRequestBody"),
        request_url: fields.take("loginRequestUrl")?,
    })
}

fn autodetect(mut fields: Fields) -> Authentication {
    Authentication::Autodetect { login_page: fields.take("loginPageUrl") }
}

fn scheme(fields: Option<Fields>) -> HttpScheme {
    match fields.and_then(|mut f| f.take("scheme")) {
        Some("digest") => HttpScheme::Digest,
        Some("bearer") => HttpScheme::Bearer,
        _ => HttpScheme::Basic,
    }
}

fn is_javascript(engine: &str) -> bool {
    let engine = engine.to_lowercase();
    ["graal.js", "nashorn", "javascript", "ecmascript", "rhino"].iter().any(|known| engine.contains(known))
}

fn seconds(fields: &mut Fields, key: &str, default: u32) -> Duration {
    Duration::from_secs(fields.take::<u32>(key).unwrap_or(default).into())
}

/// The parameters of a script, by name.
fn parameters(fields: Fields) -> BTreeMap<String, Secret> {
    let clear = |source| if let SecretSource::Clear(secret) = source { Some(secret) } else { None };
    fields.rest.into_iter().filter_map(|(key, _, source)| Some((key, clear(source)?))).collect()
}

/// The keys that only polls have.
const POLL: &[&str] =
    &["pollUrl", "pollMethod", "pollPostData", "pollAdditionalHeaders", "pollFrequency", "pollUnits"];
