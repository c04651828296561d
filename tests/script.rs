//! Session scripts of the styles that ZAP's users write, and what becomes of those that misbehave.

use std::{collections::BTreeMap, path::Path, time::Duration};

use bytes::Bytes;
use handstamp::script::{Error, Globals, Limits, Message, SessionScript, Values};
use http::{HeaderMap, Method, StatusCode, header};
use url::Url;

type Parameters = BTreeMap<String, String>;

/// A script with the two functions that it must have, one of which does `body`.
fn processing(body: &str) -> String {
    format!("function extractWebSession(sw) {{}}\nfunction processMessageToMatchSession(sw) {{\n{body}\n}}\n")
}

fn script(text: &str) -> Result<SessionScript, Error> {
    within(text, Limits::default())
}

fn within(text: &str, limits: Limits) -> Result<SessionScript, Error> {
    SessionScript::from_source("dir/test.js", text, &Globals::new(), limits)
}

fn get(url: &str) -> Message {
    Message::request(Method::GET, Url::parse(url).expect("a URL"))
}

fn answered(body: impl Into<Bytes>) -> Message {
    get("https://a.example/login").answered(StatusCode::OK, HeaderMap::new(), body)
}

/// The request to `https://a.example/` after a script did `body` to it.
async fn processed(body: &str) -> Result<Message, Error> {
    process_on(body, get("https://a.example/")).await
}

async fn process_on(body: &str, mut message: Message) -> Result<Message, Error> {
    script(&processing(body))?
        .process(&mut message, &Values::new(), &Parameters::new())
        .await
        .map(|()| message)
}

/// What a script sees in `expression`, as text.
async fn seen(expression: &str) -> String {
    let body = format!("sw.getHttpMessage().getRequestHeader().setHeader('X-Seen', String({expression}))");
    text(&processed(&body).await.expect("the script runs"), "x-seen")
}

async fn failure(body: &str) -> String {
    processed(body).await.expect_err("the script fails").to_string()
}

fn text(message: &Message, name: &str) -> String {
    message.headers.get(name).map(|value| value.to_str().expect("plain text").to_owned()).unwrap_or_default()
}

#[tokio::test]
async fn a_script_in_the_style_of_graal_takes_a_token_and_puts_it_on_requests() {
    let (globals, values) = (Globals::new(), Values::new());
    let file = Path::new("tests/scripts/token-in-header-and-cookie.js");
    let script = SessionScript::load(file, &globals, Limits::default()).unwrap();
    assert_eq!(
        (script.required_parameters(), script.optional_parameters()),
        (&["scheme".into()][..], &["audience".into()][..])
    );
    let parameters = Parameters::from([("scheme".to_owned(), "Bearer".to_owned())]);
    let mut request = get("https://a.example/api");
    request.headers.insert(header::COOKIE, "b=2; a=1".parse().unwrap());
    let bare = request.clone();
    script.process(&mut request, &values, &parameters).await.unwrap();
    assert_eq!(request, bare);
    let login = answered(r#"{"login":{"access":"hunter2","roles":["x","y"]}}"#);
    script.extract(&login, &values, &parameters).await.unwrap();
    assert_eq!(
        (values.get("access").as_deref(), globals.get("shop.access").as_deref()),
        (Some("hunter2"), Some("hunter2"))
    );
    script.process(&mut request, &values, &parameters).await.unwrap();
    assert_eq!(text(&request, "authorization"), "Bearer hunter2");
    assert_eq!(text(&request, "x-roles"), "x+y");
    assert_eq!(text(&request, "cookie"), "a=1; access=hunter2; b=2");
    script.clear(&mut request, &values, &parameters).await.unwrap();
    assert_eq!((text(&request, "authorization"), globals.get("shop.access")), (String::new(), None));
}

#[tokio::test]
async fn a_script_in_the_style_of_nashorn_changes_cookies_query_and_body() {
    let values = Values::new();
    let file = Path::new("tests/scripts/nashorn-imports.js");
    let script = SessionScript::load(file, &Globals::new(), Limits::default()).unwrap();
    let mut login = answered(r#"<input Name="csrf" value="c s&rf">"#);
    login.response_headers.append(header::SET_COOKIE, "sid=; Max-Age=0".parse().unwrap());
    login.response_headers.append(header::SET_COOKIE, "sid=s1; Path=/; HttpOnly".parse().unwrap());
    script.extract(&login, &values, &Parameters::new()).await.unwrap();
    let mut request = get("https://a.example/cart?x=%20");
    request.method = Method::POST;
    request.headers.insert(header::COOKIE, "sid=old; theme=dark".parse().unwrap());
    request.body = Bytes::from("a=1");
    script.process(&mut request, &values, &Parameters::new()).await.unwrap();
    assert_eq!(text(&request, "cookie"), "sid=s1; theme=dark");
    assert_eq!(request.url.as_str(), "https://a.example/cart?x=%20&from=script");
    assert_eq!(request.body, "a=1&csrf=c+s%26rf");
    assert_eq!(text(&request, "content-length"), request.body.len().to_string());
}

#[tokio::test]
async fn java_s_types_behave_as_scripts_expect() {
    for (expression, expected) in [
        ("Java.type('java.lang.String').valueOf(12) + String.valueOf(3)", "123"),
        ("'a b'.contains('b') && 'x'.equals('x') && ''.isEmpty() && 'aXa'.matches('a[A-Z]a')", "true"),
        ("new java.util.ArrayList(java.util.Arrays.asList('b', 'a')).get(1)", "a"),
        ("[...new java.util.TreeSet(['b', 'a', 'b'])].join() + new java.util.TreeSet().isEmpty()", "a,btrue"),
        (
            "(() => { const m = new java.util.HashMap(); m.put('k', 1); return m.get('k') + ':' + m.get('z'); })()",
            "1:null",
        ),
        ("java.util.Base64.getEncoder().encodeToString('a:ä'.getBytes('UTF-8'))", "YTrDpA=="),
        ("new java.lang.String(java.util.Base64.getDecoder().decode('YTrDpA==')).length", "3"),
        ("java.net.URLEncoder.encode('a b&ä', 'UTF-8')", "a+b%26%C3%A4"),
        (
            "Java.type('net.sf.json.JSONObject').fromObject('{\"a\":{\"b\":[7]}}').getJSONObject('a').getJSONArray('b').getInt(0)",
            "7",
        ),
        (
            "new (Java.type('org.apache.commons.httpclient.URI'))('https://u@h:81/p%20q?a=b#c', true).getPathQuery()",
            "/p q?a=b",
        ),
        ("sw.getHttpMessage().getRequestHeader().getURI().getHost()", "a.example"),
        ("sw.getHttpMessage().requestHeader.getHeader('Nothing')", "null"),
        ("sw.getHttpMessage().requestHeader.primeHeader", "GET https://a.example/ HTTP/1.1"),
        ("sw.getParam('unknown') === null && sw.getSession().getValue('unknown') === null", "true"),
        ("java.lang.System.getenv('PATH') === null && java.util.UUID.randomUUID().toString()[14]", "4"),
        ("this['zap.script.name']", "test.js"),
    ] {
        assert_eq!(seen(expression).await, expected, "{expression}");
    }
}

#[tokio::test]
async fn variables_are_shared_by_the_scripts_of_one_handle_and_scripts_have_their_own() {
    let globals = Globals::new();
    let put = processing(
        "const S = org.zaproxy.zap.extension.script.ScriptVars; S.setGlobalVar('g', 7); S.setScriptVar(this.context, 'own', 'o'); S.setGlobalCustomVar('list', [1])",
    );
    let look = processing(
        "const S = org.zaproxy.zap.extension.script.ScriptVars; sw.httpMessage.requestHeader.setHeader('X-Seen', S.getGlobalVar('g') + S.getScriptVar('a.js', 'own') + S.getScriptVar(context, 'own') + S.getGlobalCustomVar('list')[0] + S.getGlobalVars().size())",
    );
    let mut message = get("https://a.example/");
    for (name, text) in [("a.js", &put), ("b.js", &look)] {
        let script = SessionScript::from_source(name, text, &globals, Limits::default()).unwrap();
        script.process(&mut message, &Values::new(), &Parameters::new()).await.unwrap();
    }
    assert_eq!(text(&message, "x-seen"), "7onull11");
    assert_eq!((globals.get("g").as_deref(), globals.names()), (Some("7"), vec!["g".to_owned()]));
}

#[tokio::test]
async fn an_async_function_is_waited_for_and_one_that_never_ends_is_an_error() {
    let wait = "return (async () => { await null; sw.getHttpMessage().getRequestHeader().setHeader('X-A', '1'); })()";
    assert_eq!(text(&processed(wait).await.unwrap(), "x-a"), "1");
    assert!(failure("return new Promise(() => {})").await.contains("promise that nothing keeps"));
    let thrown = failure("return (async () => { await null; throw new Error('late'); })()").await;
    assert!(thrown.contains("Error: late"), "{thrown}");
}

#[tokio::test]
async fn an_error_names_file_line_column_function_and_message() {
    let text = "function extractWebSession(sw) {}\nfunction helper(x) {\n  return x.missing.more;\n}\nfunction processMessageToMatchSession(sw) {\n  helper({});\n}\n";
    let script = script(text).unwrap();
    let error =
        script.process(&mut get("https://a.example/"), &Values::new(), &Parameters::new()).await.unwrap_err();
    let shown = error.to_string();
    assert!(shown.starts_with("the script failed: `dir/test.js:3:"), "{shown}");
    assert!(shown.contains("in `helper`: TypeError: ") && shown.contains("'more'"), "{shown}");
    let Error::Threw(fault) = error else { panic!("{error:?}") };
    assert_eq!(fault.place.position.map(|(line, _)| line), Some(3));
}

#[tokio::test]
async fn whatever_is_thrown_gives_an_error() {
    assert!(failure("throw 'plain words'").await.contains("plain words"));
    assert!(failure("throw { code: 7 }").await.contains(r#"{"code":7}"#));
    assert!(failure("throw undefined").await.contains("something without a message was thrown"));
    assert!(
        failure("throw Object.defineProperty(new Error('x'), 'message', { get() { throw 1; } })")
            .await
            .contains("Error")
    );
    assert!(failure("throw { toJSON() { while (true) {} } }").await.contains("without a message"));
    assert!(failure("throw new java.lang.IllegalStateException('no way')").await.contains("no way"));
}

#[test]
fn a_syntax_error_and_an_error_at_the_top_level_name_the_line() {
    let shown = script("function extractWebSession(sw) {}\nvar = 3;").unwrap_err().to_string();
    assert!(
        shown.starts_with("the script cannot be loaded: `dir/test.js:2:") && shown.contains("SyntaxError"),
        "{shown}"
    );
    let shown = script("var a = 1;\nundefinedThing();").unwrap_err().to_string();
    assert!(shown.contains("`dir/test.js:2:") && shown.contains("undefinedThing"), "{shown}");
    assert!(script("while (true) {}").is_err_and(|e| matches!(e, Error::Time { .. })));
}

#[test]
fn a_file_without_the_functions_of_a_session_script_is_refused() {
    let shown = script("function extractWebSession(sw) {}").unwrap_err().to_string();
    assert!(
        shown.starts_with("the script `dir/test.js` has no function `processMessageToMatchSession`\nhint: "),
        "{shown}"
    );
    let arrows = "const extractWebSession = (sw) => {}; let processMessageToMatchSession = (sw) => {};";
    assert!(script(arrows).is_ok());
    let none = SessionScript::load(Path::new("tests/scripts/none.js"), &Globals::new(), Limits::default());
    assert_eq!(none.unwrap_err().to_string(), "the script `tests/scripts/none.js` cannot be read");
}

#[tokio::test]
async fn an_unknown_java_type_is_an_error_that_lists_what_is_offered() {
    for asked in
        ["Java.type('java.nio.file.Files')", "new java.nio.file.Files()", "java.nio.file.Files.write()"]
    {
        let shown = failure(asked).await;
        assert!(shown.contains("the Java type `java.nio.file.Files` is not offered"), "{shown}");
        assert!(
            shown.contains("hint: these are: ")
                && shown.contains("org.zaproxy.zap.extension.script.ScriptVars"),
            "{shown}"
        );
        assert!(shown.contains("test.js:3:"), "{shown}");
    }
}

#[tokio::test]
async fn required_parameters_are_demanded_before_the_script_runs() {
    let text = processing("") + "function getRequiredParamsNames() { return ['url', 'key']; }";
    let given = Parameters::from([("url".to_owned(), "x".to_owned()), ("key".to_owned(), String::new())]);
    let error = script(&text).unwrap().process(&mut get("https://a.example/"), &Values::new(), &given).await;
    let shown = error.unwrap_err().to_string();
    assert!(shown.starts_with("the script `dir/test.js` requires the parameter `key`\nhint: "), "{shown}");
}

#[tokio::test]
async fn a_script_has_no_files_network_processes_or_timers() {
    let names = "['require', 'process', 'fetch', 'XMLHttpRequest', 'WebSocket', 'setTimeout', 'setInterval', 'std', 'os', 'readFile', 'quit', 'exit', 'Worker', 'Deno', 'navigator']";
    assert_eq!(seen(&format!("{names}.filter((name) => name in globalThis).join()")).await, "");
    assert!(failure("load('/etc/passwd')").await.contains("they have no files"));
    assert!(failure("java.lang.Thread.sleep(10)").await.contains("cannot wait"));
    assert!(
        failure("Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)").await.contains("TypeError")
    );
    assert!(failure("return import('/etc/passwd')").await.contains("Error"));
}

#[tokio::test]
async fn loops_without_end_are_stopped_and_the_script_can_be_used_again() {
    let limits = Limits { time: Duration::from_millis(100), ..Limits::default() };
    let (values, none) = (Values::new(), Parameters::new());
    for endless in [
        "while (true) {}",
        "for (;;) { try { while (true) {} } catch (e) {} finally { continue; } }",
        "/(a+)+$/.test('a'.repeat(40) + 'b')",
        "Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)",
        "return (async () => { while (true) await null; })()",
        "const again = () => { Promise.resolve().then(again); }; again()",
    ] {
        let text = processing(&format!(
            "if (sw.getHttpMessage().getRequestHeader().getHeader('X-Go')) {{ {endless} }}"
        ));
        let script = within(&text, limits).unwrap();
        let mut message = get("https://a.example/");
        message.headers.insert("x-go", "1".parse().unwrap());
        let before = message.clone();
        let shown = match script.process(&mut message, &values, &none).await {
            Err(error @ (Error::Time { .. } | Error::Memory { .. })) => error.to_string(),
            other => panic!("{endless}: {other:?}"),
        };
        assert!(shown.contains("test.js"), "{shown}");
        assert_eq!(message, before);
        script.process(&mut get("https://a.example/"), &values, &none).await.unwrap();
    }
}

#[tokio::test]
async fn deep_recursion_and_greed_for_memory_end_with_an_error_that_says_so() {
    let deep = processed("(function dive() { dive(); })()").await.unwrap_err();
    assert!(matches!(deep, Error::Depth { .. }) && deep.to_string().contains("in `dive`"), "{deep}");
    let nested = processed("JSON.parse('['.repeat(1e6))").await.unwrap_err();
    assert!(matches!(nested, Error::Depth { .. } | Error::Threw(_)), "{nested}");
    for greedy in [
        "const all = []; while (true) all.push(new Array(1000).fill(7))",
        "new Uint8Array(2 ** 30)",
        "const all = []; while (true) all.push(sw.getHttpMessage().getResponseBody().getBytes())",
    ] {
        let message = answered(vec![b'x'; 1 << 20]);
        let error = process_on(greedy, message).await.unwrap_err();
        assert!(matches!(error, Error::Memory { .. }), "{greedy}: {error}");
    }
}

#[tokio::test]
async fn what_a_script_keeps_has_a_limit_of_its_own() {
    let shown = failure("for (let i = 0; ; i++) sw.getSession().setValue('k' + i, 'x'.repeat(1000))").await;
    assert!(shown.contains("there is no room for the session value `k"), "{shown}");
    let shown = failure("sw.getSession().setValue('f', () => 1)").await;
    assert!(shown.contains("the session value `f` cannot be kept: it is a function"), "{shown}");
}

#[tokio::test]
async fn bodies_of_any_kind_do_no_harm() {
    let mut message = answered(Bytes::from_static(&[0xff, 0x00, 0xfe]));
    message.body = Bytes::from_static(&[0, 1, 0xfe, 0xff]);
    let read = "const m = sw.getHttpMessage(); m.getRequestHeader().setHeader('X-Seen', m.getResponseBody().toString().length + ',' + m.getRequestBody().getBytes().length)";
    let left = process_on(read, message.clone()).await.unwrap();
    assert_eq!((text(&left, "x-seen"), &left.body), ("3,4".into(), &message.body));
    let written = process_on(
        "const b = sw.getHttpMessage().getRequestBody(); b.setBody(b.getBytes().map((x) => 255 - x))",
        message.clone(),
    )
    .await
    .unwrap();
    assert_eq!(&written.body[..], [255, 254, 1, 0]);
    let unicode =
        process_on("sw.getHttpMessage().setRequestBody('grüße \\u{1f600} \\ud800')", message).await.unwrap();
    assert_eq!(unicode.body, "grüße 😀 \u{fffd}");
    let huge =
        process_on("sw.getHttpMessage().getResponseBody().toString()", answered(vec![b'x'; 5 << 20])).await;
    assert!(
        huge.unwrap_err()
            .to_string()
            .contains("the response body of 5242880 bytes is over the limit of 4194304")
    );
    let unread = process_on(
        "sw.getHttpMessage().getRequestHeader().setHeader('X-A', '1')",
        answered(vec![b'x'; 5 << 20]),
    )
    .await;
    assert_eq!(text(&unread.unwrap(), "x-a"), "1");
}

#[tokio::test]
async fn a_message_that_is_kept_has_no_body_in_the_next_call() {
    let text = "var kept = null;\nfunction extractWebSession(sw) { kept = sw.getHttpMessage(); }\nfunction processMessageToMatchSession(sw) {\n  kept.getRequestHeader().setHeader('X-Stolen', '1');\n  kept.getResponseBody().toString();\n}";
    let script = script(text).unwrap();
    let (values, none) = (Values::new(), Parameters::new());
    script.extract(&answered("secret"), &values, &none).await.unwrap();
    let mut next = get("https://a.example/");
    let shown = script.process(&mut next, &values, &none).await.unwrap_err().to_string();
    assert!(shown.contains("this message belongs to an earlier call"), "{shown}");
    assert_eq!(next, get("https://a.example/"));
}

#[tokio::test]
async fn a_request_that_cannot_be_sent_is_refused_without_showing_the_value() {
    let shown =
        failure("sw.getHttpMessage().getRequestHeader().setHeader('X-A', 'hunter2\\r\\nX-Evil: 1')").await;
    assert_eq!(
        shown,
        "the script `dir/test.js` made the request unusable: the value of the header `x-a` is not allowed"
            .replace("x-a", "X-A")
    );
    let shown = failure("sw.getHttpMessage().getRequestHeader().setURI('nowhere')").await;
    assert!(shown.contains("its URL cannot be read"), "{shown}");
    assert!(failure("sw.getHttpMessage().getRequestHeader = null").await.contains("TypeError"));
}

#[tokio::test]
async fn errors_do_not_show_what_the_script_keeps_or_was_given() {
    let text = processing(
        "throw new Error(sw.getSession().getValue('token') + ' ' + sw.getParam('key') + ' and more')",
    );
    let values = Values::restore(&BTreeMap::from([("token".to_owned(), "hunter2-token".into())]));
    let given = Parameters::from([("key".to_owned(), "hunter2-key".to_owned())]);
    let script = script(&text).unwrap();
    let error = script.process(&mut get("https://a.example/"), &values, &given).await.unwrap_err();
    assert!(error.to_string().ends_with("Error: *** *** and more"), "{error}");
    assert!(!format!("{error:?} {values:?} {script:?}").contains("hunter2"));
}

#[tokio::test]
async fn calls_from_many_tasks_are_answered_each_with_its_own() {
    let script = std::sync::Arc::new(
        script(&processing(
            "const h = sw.getHttpMessage().getRequestHeader(); h.setHeader('X-Path', h.getURI().getPath())",
        ))
        .unwrap(),
    );
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..50 {
        let script = script.clone();
        tasks.spawn(async move {
            let mut message = get(&format!("https://a.example/{number}"));
            script.process(&mut message, &Values::new(), &Parameters::new()).await.unwrap();
            assert_eq!(text(&message, "x-path"), format!("/{number}"));
        });
    }
    assert_eq!(tasks.join_all().await.len(), 50);
}
