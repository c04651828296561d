//! A server with the part of ZAP's API that a push uses, and ZAP's ways to refuse.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use url::form_urlencoded;

use super::model::{Context, Model, User};

pub(crate) const KEY: &str = "planted-api-key";

type Form = BTreeMap<String, String>;

/// A call's answer, or ZAP's word for why there is none.
type Answer = Result<Value, &'static str>;

#[derive(Debug)]
pub(crate) struct StandIn {
    pub(crate) url: String,
    model: Arc<Mutex<Model>>,
    _tasks: JoinSet<()>,
}

impl StandIn {
    /// A ZAP of this version with these components, such as `replacer`, `script` and `verification`.
    pub(crate) async fn open(version: &str, components: &[&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let model = Model {
            version: version.into(),
            components: components.iter().copied().collect(),
            next: 1,
            ..Model::default()
        };
        let model = Arc::new(Mutex::new(model));
        let mut tasks = JoinSet::new();
        let shared = Arc::clone(&model);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((tcp, _)) = listener.accept().await {
                connections.spawn(serve(tcp, Arc::clone(&shared)));
            }
        });
        Self { url, model, _tasks: tasks }
    }

    pub(crate) fn model(&self) -> MutexGuard<'_, Model> {
        self.model.lock().unwrap()
    }
}

async fn serve(mut tcp: TcpStream, model: Arc<Mutex<Model>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = tcp.read_u8().await else { return };
        head.push(byte);
    }
    let head = String::from_utf8(head).unwrap();
    let header = |name: &str| {
        let line =
            head.lines().find_map(|line| line.split_once(": ").filter(|(n, _)| n.eq_ignore_ascii_case(name)));
        line.map(|(_, value)| value.to_owned()).unwrap_or_default()
    };
    let mut body = vec![0; header("content-length").parse().unwrap_or_default()];
    tcp.read_exact(&mut body).await.unwrap();
    let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
    assert!(!target.contains('?') && head.starts_with("POST "), "secrets stand in no address: {head}");
    if header("x-zap-api-key") != KEY {
        return;
    }
    assert_eq!(header("content-type"), "application/x-www-form-urlencoded");
    let form: Form = form_urlencoded::parse(&body).into_owned().collect();
    let answer =
        answer(&mut model.lock().unwrap(), target.trim_start_matches("/JSON/").trim_end_matches('/'), &form);
    let (status, text) = match answer {
        Ok(value) => ("200 OK", value.to_string()),
        Err(code) => ("400 Bad Request", json!({ "code": code, "message": "…", "detail": "…" }).to_string()),
    };
    let answer = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{text}", text.len());
    let _ = tcp.write_all(answer.as_bytes()).await;
}

fn answer(model: &mut Model, call: &str, form: &Form) -> Answer {
    model.calls.push(call.to_owned());
    let (component, name) = call.split_once('/').ok_or("bad_format")?;
    let name = name.split_once('/').map_or(name, |(_, name)| name);
    let is_core = ["core", "context", "users", "authentication", "sessionManagement", "httpSessions"];
    if !is_core.contains(&component) && !model.components.contains(component) {
        return Err("no_implementor");
    }
    match component {
        "core" => Ok(json!({ "version": model.version })),
        "context" => context(model, name, form),
        "users" => users(model, name, form),
        "authentication" | "verification" | "sessionManagement" => settings(model, (component, name), form),
        "httpSessions" => sessions(model, name, form),
        "replacer" => rules(model, name, form),
        _ => variables(model, name, form),
    }
}

fn done() -> Value {
    json!({ "Result": "OK" })
}

fn given<'a>(form: &'a Form, name: &str) -> Result<&'a str, &'static str> {
    form.get(name).map(String::as_str).ok_or("missing_parameter")
}

fn context(model: &mut Model, name: &str, form: &Form) -> Answer {
    let key = given(form, "contextName")?;
    if name == "newContext" {
        if model.context(key).is_some() {
            return Err("already_exists");
        }
        let id = model.next;
        model.next += 1;
        model.contexts.push(Context::new(id, key));
        return Ok(json!({ "contextId": id.to_string() }));
    }
    let is_new = model.components.contains("verification");
    let found = model.context(key).ok_or("does_not_exist")?;
    match name {
        "context" => {
            let mut all = json!({ "id": found.id, "name": found.name });
            for (name, value) in &found.checking {
                all[name] = value.as_str().into();
            }
            return Ok(json!({ "context": all }));
        }
        "includeRegexs" => return Ok(json!({ "includeRegexs": found.include })),
        "excludeRegexs" => return Ok(json!({ "excludeRegexs": found.exclude })),
        "includeInContext" => found.include.push(given(form, "regex")?.to_owned()),
        "excludeFromContext" => found.exclude.push(given(form, "regex")?.to_owned()),
        "setContextRegexs" => {
            let list = |name| serde_json::from_str(given(form, name)?).map_err(|_| "illegal_parameter");
            (found.include, found.exclude) = (list("incRegexs")?, list("excRegexs")?);
        }
        "removeContext" => model.contexts.retain(|context| context.name != key),
        "setContextCheckingStrategy" if !is_new => check(found, form)?,
        _ => return Err("bad_action"),
    }
    Ok(done())
}

fn check(context: &mut Context, form: &Form) -> Result<(), &'static str> {
    if given(form, "checkingStrategy")? == "POLL_URL" {
        given(form, "pollFrequencyUnits").and(given(form, "pollUrl"))?;
    }
    let kept = form.iter().filter(|(name, _)| !name.starts_with("context"));
    context.checking.retain(|name, _| name.ends_with("Pattern"));
    context.checking.extend(kept.map(|(name, value)| (name.clone(), value.clone())));
    Ok(())
}

fn settings(model: &mut Model, (component, name): (&str, &str), form: &Form) -> Answer {
    let is_new = model.components.contains("verification");
    let found = model.context(given(form, "contextId")?).ok_or("context_not_found")?;
    let is_place = (component == "verification") == is_new;
    match name {
        "getAuthenticationMethod" => return Ok(json!({ "method": found.authentication })),
        "getSessionManagementMethod" => return Ok(json!(found.management)),
        "setAuthenticationMethod" => {
            found.authentication = method(given(form, "authMethodName")?, form.get("authMethodConfigParams"));
            // What tells the answers apart belongs to the method.
            found.checking = Context::new(0, "").checking;
        }
        "setSessionManagementMethod" => {
            found.management = method(given(form, "methodName")?, form.get("methodConfigParams"));
        }
        "setLoggedInIndicator" | "setLoggedOutIndicator" if is_place => {
            let way = if name.contains("Out") { "Out" } else { "In" };
            let pattern = given(form, &format!("logged{way}IndicatorRegex"))?;
            if pattern.is_empty() {
                return Err("missing_parameter");
            }
            found.checking.insert(format!("logged{way}Pattern"), pattern.to_owned());
        }
        "setVerificationMethod" if is_place => check(found, form)?,
        _ => return Err("bad_action"),
    }
    Ok(done())
}

fn method(name: &str, parameters: Option<&String>) -> Form {
    let parameters =
        form_urlencoded::parse(parameters.map(String::as_bytes).unwrap_or_default()).into_owned();
    parameters.chain([("methodName".to_owned(), name.to_owned())]).collect()
}

fn users(model: &mut Model, name: &str, form: &Form) -> Answer {
    let sessions: Vec<String> =
        model.sites.values().flat_map(|site| &site.sessions).map(|session| session.name.clone()).collect();
    let next = model.next;
    let found = model.context(given(form, "contextId")?).ok_or("context_not_found")?;
    if name == "usersList" {
        let list = found.users.iter().map(|user| {
            json!({ "id": user.id, "name": user.name, "enabled": user.is_enabled.to_string(), "contextId": found.id })
        });
        return Ok(json!({ "usersList": list.collect::<Vec<_>>() }));
    }
    if name == "newUser" {
        let user = User { id: next.to_string(), name: given(form, "name")?.to_owned(), ..User::default() };
        found.users.push(user);
        model.next += 1;
        return Ok(json!({ "userId": next.to_string() }));
    }
    let id = given(form, "userId")?;
    let place = found.users.iter().position(|user| user.id == id).ok_or("user_not_found")?;
    let user = &mut found.users[place];
    match name {
        "removeUser" => drop(found.users.remove(place)),
        "setUserEnabled" => user.is_enabled = given(form, "enabled")? == "true",
        "setAuthenticationCredentials" => {
            let given = given(form, "authCredentialsConfigParams")?;
            let session = form_urlencoded::parse(given.as_bytes()).find(|(name, _)| name == "sessionName");
            let session = session.ok_or("missing_parameter")?.1.into_owned();
            if !sessions.contains(&session) {
                return Err("does_not_exist");
            }
            user.credentials = session;
        }
        "setCookie" => {
            let key =
                (given(form, "name")?.into(), given(form, "domain")?.into(), given(form, "path")?.into());
            user.cookies.insert(key, given(form, "value")?.to_owned());
        }
        _ => return Err("bad_action"),
    }
    Ok(done())
}

fn sessions(model: &mut Model, name: &str, form: &Form) -> Answer {
    let site = given(form, "site")?;
    match name {
        "sessionTokens" => {
            let tokens = model.tokens.get(site).ok_or("illegal_parameter")?;
            return Ok(json!({ "session_tokens": *tokens.lock().unwrap() }));
        }
        "sessions" => {
            let all = &model.sites.get(site).ok_or("illegal_parameter")?.sessions;
            let all: Vec<_> = all.iter().map(|s| json!({ "session": [s.name, s.values, "0"] })).collect();
            return Ok(json!({ "sessions": all }));
        }
        "activeSession" => {
            let active = &model.sites.get(site).ok_or("illegal_parameter")?.active;
            return Ok(json!({ "active_session": active.clone().unwrap_or_default() }));
        }
        "addSessionToken" => model.add_token(site, given(form, "sessionToken")?),
        "removeSessionToken" => model.remove_token(site, given(form, "sessionToken")?),
        "createEmptySession" => model.create(site, given(form, "session")?),
        "removeSession" if model.remove(site, given(form, "session")?) => {}
        "setActiveSession" if model.activate(site, given(form, "session")?) => {}
        "setSessionTokenValue" => {
            let (token, value) = (given(form, "sessionToken")?, given(form, "tokenValue")?);
            model.add_token(site, token);
            let place = model.sites.get_mut(site).ok_or("illegal_parameter")?;
            let session = place.sessions.iter_mut().find(|s| form.get("session") == Some(&s.name));
            session.ok_or("illegal_parameter")?.values.insert(token.to_owned(), value.to_owned());
        }
        _ => return Err("illegal_parameter"),
    }
    Ok(done())
}

fn rules(model: &mut Model, name: &str, form: &Form) -> Answer {
    if name == "rules" {
        return Ok(json!({ "rules": model.rules }));
    }
    let description = given(form, "description")?;
    let place = model.rules.iter().position(|rule| rule["description"] == description);
    match (name, place) {
        ("addRule", None) => model.rules.push(form.clone()),
        ("addRule", Some(_)) => return Err("already_exists"),
        ("removeRule", Some(place)) => drop(model.rules.remove(place)),
        _ => return Err("does_not_exist"),
    }
    Ok(done())
}

fn variables(model: &mut Model, name: &str, form: &Form) -> Answer {
    match name {
        "globalVars" => return Ok(json!({ "globalVars": model.variables })),
        "setGlobalVar" => {
            model.variables.insert(given(form, "varKey")?.into(), given(form, "varValue")?.into());
        }
        "clearGlobalVar" => drop(model.variables.remove(given(form, "varKey")?)),
        _ => return Err("bad_action"),
    }
    Ok(done())
}
