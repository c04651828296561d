//! Scripts: what they ask for, where they lead, and which other scripts they load.

use super::{
    code::Code,
    find::{Find, What, is_method, is_path, is_relative_path, is_script},
    fold::{Folded, Names, fold},
    tables::tables,
    tokens::{Kind, tokens},
};

/// All addresses in a script.
pub(super) fn script(source: &str) -> Vec<Find> {
    let tokens = tokens(source);
    let code = Code::new(&tokens);
    let mut finds = tables(&code);
    let mut reader =
        Reader { code: &code, names: Names::default(), objects: Vec::new(), read: 0, finds: Vec::new() };
    reader.run();
    finds.append(&mut reader.finds);
    finds
}

/// Reads a script from its beginning to its end.
struct Reader<'c, 't, 'a> {
    code: &'c Code<'t, 'a>,
    names: Names<'a>,
    /// Where the braces around were opened.
    objects: Vec<usize>,
    /// Up to here expressions have been read already.
    read: usize,
    finds: Vec<Find>,
}

impl<'a> Reader<'_, '_, 'a> {
    fn run(&mut self) {
        for at in 0..self.code.tokens.len() {
            match self.code.kind(at) {
                Some(Kind::Sign("{")) => self.enter(at),
                Some(Kind::Sign("}")) => {
                    self.names.leave();
                    self.objects.pop();
                }
                Some(Kind::Sign("(")) => self.call(at),
                Some(Kind::Word(word)) if self.code.is(at + 1, "=") => self.assignment(at, word),
                Some(Kind::Word(_) | Kind::Text(_)) if self.code.is(at + 1, ":") => self.member(at),
                Some(Kind::Text(_) | Kind::Template(_)) if at >= self.read => self.word(at),
                Some(Kind::Note(note)) => self.note(note, at),
                _ => {}
            }
        }
    }

    /// A block, in which the parameters of its function hide what had their names.
    fn enter(&mut self, at: usize) {
        let behind = if at > 0 && self.code.is(at - 1, "=>") { at - 1 } else { at };
        let parameters = if behind > 0 && self.code.is(behind - 1, ")") {
            let open = self.code.pair(behind - 1);
            (open..behind).take(MOST_PARAMETERS).filter_map(|i| self.code.word(i)).collect()
        } else {
            Vec::new()
        };
        self.names.enter(parameters);
        self.objects.push(at);
    }

    fn assignment(&mut self, at: usize, name: &'a str) {
        let folded = fold(self.code, at + 2, &self.names);
        let is_member = at > 0 && (self.code.is(at - 1, ".") || self.code.is(at - 1, "?."));
        let value = folded.filter(|folded| folded.is_literal && self.is_whole(folded));
        if let Some(value) = &value {
            self.names.define_member(name, &value.text);
            let owner = at.checked_sub(2).and_then(|i| self.code.word(i)).filter(|_| is_member);
            if owner == Some("location") || (name == "location" && is_path(&value.text)) {
                self.read = self.read.max(value.end);
                self.push(What::Page, &value.text, at);
            }
        }
        if !is_member {
            self.names.define(name, value.map(|value| value.text));
        }
    }

    /// A member of an object that is written down: `url: '/x'`, `redirectTo: '/y'`.
    fn member(&mut self, at: usize) {
        let name = self.code.word(at).or_else(|| self.code.text(at)).unwrap_or_default();
        if is_path(name) {
            // Manifests name pages by their paths.
            self.finds.push(self.find(What::Word, name, at));
        }
        let Some(value) = fold(self.code, at + 2, &self.names).filter(|v| v.is_literal && self.is_whole(v))
        else {
            return;
        };
        self.names.define_member(name, &value.text);
        // A directive names its inputs after themselves: that is no page.
        if PAGE_MEMBERS.contains(&name) && value.text != name {
            self.read = self.read.max(value.end);
            self.push(What::Page, &value.text, at);
        } else if URL_MEMBERS.contains(&name) && (is_path(&value.text) || is_relative_path(&value.text)) {
            let method = self.objects.last().and_then(|open| self.method_in(*open));
            let fields = self.objects.last().map(|open| self.fields_in(*open)).unwrap_or_default();
            // An address that stands beside a method is called; one that stands alone may be a link.
            let what = if method.is_some() { What::Call } else { What::Word };
            self.read = self.read.max(value.end);
            self.finds.push(Find { method, fields, ..self.find(what, &value.text, at) });
        }
    }

    fn call(&mut self, open: usize) {
        let callee = self.code.callee(open);
        let Some(name) = callee.first().copied() else { return };
        let parts = self.code.parts(open);
        let first: Vec<Option<Folded>> = parts
            .iter()
            .take(2)
            .map(|at| fold(self.code, *at, &self.names).filter(|f| f.is_literal))
            .collect();
        let text = |n: usize| first.get(n).and_then(Option::as_ref).map(|folded| folded.text.as_str());
        let (method, target) = match (text(0), text(1)) {
            (Some(method), Some(target)) if is_method(method) => (Some(method), target),
            (Some(target), Some(method)) if is_method(method) => (Some(method), target),
            (Some(target), _) => (None, target),
            _ => return,
        };
        let options = parts.iter().skip(1).copied().find(|at| self.code.is(*at, "{"));
        let told = method.map(str::to_owned).or_else(|| options.and_then(|at| self.method_in(at)));
        let Some((what, method)) = kind_of_call(name, &callee, told.as_deref(), target) else { return };
        let fields = options.map(|at| self.fields(at, name)).unwrap_or_default();
        let ends = first.iter().flatten().map(|folded| folded.end).max();
        self.read = self.read.max(ends.unwrap_or_default());
        self.finds.push(Find { method, fields, ..self.find(what, target, open) });
    }

    /// A text that stands alone: it may be a path.
    fn word(&mut self, at: usize) {
        let mut begin = at;
        while begin > 1 && self.code.is(begin - 1, "+") && begin > self.read {
            begin = self.code.begin_of_operand(begin - 2);
        }
        let Some(folded) = fold(self.code, begin, &self.names) else { return };
        self.read = self.read.max(folded.end);
        if is_script(&folded.text) {
            self.push(What::Script, &folded.text, at);
        } else if folded.text.starts_with("#/") || folded.text.starts_with("#!/") {
            self.push(What::Page, &folded.text, at);
        } else if is_path(&folded.text) {
            self.push(What::Word, &folded.text, at);
        }
    }

    fn note(&mut self, note: &str, at: usize) {
        let url = note.rsplit("sourceMappingURL=").next().unwrap_or_default();
        let url = url.split(|c: char| c.is_whitespace() || c == '*').next().unwrap_or_default();
        if !url.is_empty() && !url.starts_with("data:") && url.len() < 300 {
            self.push(What::SourceMap, url, at);
        }
    }

    fn push(&mut self, what: What, target: &str, at: usize) {
        self.finds.push(self.find(what, target, at));
    }

    fn find(&self, what: What, target: &str, at: usize) -> Find {
        Find::new(what, target).at(self.code.tokens.get(at).map_or(0, |token| token.line))
    }

    /// Whether an expression ends where it was folded to, so that nothing is done with it any more.
    fn is_whole(&self, folded: &Folded) -> bool {
        !matches!(self.code.kind(folded.end), Some(Kind::Sign("." | "?" | "[" | "(" | "*" | "/" | "-")))
    }

    fn method_in(&self, open: usize) -> Option<String> {
        let members = self.code.members(open).into_iter();
        let mut named =
            members.filter(|(name, _)| matches!(*name, "method" | "type" | "httpMethod" | "verb"));
        named.find_map(|(_, at)| self.code.text(at).filter(|text| is_method(text)).map(str::to_owned))
    }

    /// The names of what a call sends: the members of the object itself, or of what its options name as the body.
    fn fields(&self, open: usize, callee: &str) -> Vec<String> {
        let is_body = matches!(callee, "post" | "put" | "patch");
        let inner = self.fields_in(open);
        if !inner.is_empty() || !is_body {
            return inner;
        }
        self.names_of(open)
    }

    fn fields_in(&self, open: usize) -> Vec<String> {
        let members = self.code.members(open).into_iter();
        let mut bodies = members.filter(|(name, _)| matches!(*name, "body" | "data" | "json"));
        let object = bodies.find_map(|(_, at)| (at..at + 6).find(|i| self.code.is(*i, "{")));
        object.map(|open| self.names_of(open)).unwrap_or_default()
    }

    fn names_of(&self, open: usize) -> Vec<String> {
        self.code.members(open).into_iter().map(|(name, _)| name.to_owned()).collect()
    }
}

/// What a call with this name and target asks for, and by which method; nothing when it is no such call.
fn kind_of_call(
    name: &str,
    callee: &[&str],
    told: Option<&str>,
    target: &str,
) -> Option<(What, Option<String>)> {
    let is_address = is_path(target) || is_relative_path(target);
    let upper = |method: &str| Some(method.to_ascii_uppercase());
    let verb = name.to_ascii_lowercase();
    let is_loose = callee.iter().any(|word| CLIENTS.contains(&word.to_ascii_lowercase().as_str()));
    let is_plain = is_loose && is_plain_name(target);
    match verb.as_str() {
        "import" | "importscripts" | "worker" | "sharedworker" if is_script(target) => {
            Some((What::Script, None))
        }
        "websocket" if !target.is_empty() => Some((What::Socket, None)),
        "eventsource" if is_address || is_plain_name(target) => Some((What::Call, upper("GET"))),
        "sendbeacon" if is_address => Some((What::Call, upper("POST"))),
        "navigate" | "navigatebyurl" | "pushstate" | "replacestate" | "assign" if is_address => {
            Some((What::Page, None))
        }
        "push" | "replace" if is_address && callee.iter().any(|w| NAVIGATORS.contains(w)) => {
            Some((What::Page, None))
        }
        "get" | "post" | "put" | "patch" | "delete" | "head" if is_address || is_plain => {
            Some((What::Call, upper(&verb)))
        }
        "del" if is_address => Some((What::Call, upper("DELETE"))),
        "getjson" if is_address || is_plain => Some((What::Call, upper("GET"))),
        "fetch" | "ajax" | "request" | "axios" | "load" if is_address || (is_plain && verb != "load") => {
            Some((What::Call, upper(told.unwrap_or("GET"))))
        }
        "open" if is_address && told.is_none() => Some((What::Page, None)),
        _ if is_address || (told.is_some() && is_plain) => Some((What::Call, upper(told?))),
        _ => None,
    }
}

/// A name without folder that only a call can make an address: `data.json`, `users`.
fn is_plain_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() < 100
        && !text.starts_with('{')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.{}?=&/".contains(c))
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
}

const PAGE_MEMBERS: &[&str] = &["redirectTo", "routerLink"];
const URL_MEMBERS: &[&str] = &["url", "uri", "endpoint", "href", "api", "action", "to"];
const CLIENTS: &[&str] =
    &["fetch", "axios", "http", "$http", "httpclient", "ajax", "getjson", "$", "jquery", "open"];
const NAVIGATORS: &[&str] =
    &["router", "$router", "history", "navigate", "navigator", "location", "useRouter"];
const MOST_PARAMETERS: usize = 30;

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str) -> Vec<String> {
        let told = |find: Find| {
            let method = find.method.map(|m| format!("{m} ")).unwrap_or_default();
            let fields =
                if find.fields.is_empty() { String::new() } else { format!(" {}", find.fields.join(",")) };
            format!("{:?} {method}{}{fields}", find.what, find.target)
        };
        script(source).into_iter().map(told).collect()
    }

    #[test]
    fn calls_are_found_with_their_methods() {
        assert_eq!(found("fetch('/api/a')"), ["Call GET /api/a"]);
        assert_eq!(
            found("fetch(`/api/${id}`, {method: 'PATCH', body: JSON.stringify({name, age: 1})})"),
            ["Call PATCH /api/{id} name,age"]
        );
        assert_eq!(found("axios.post('/api/a', {b: 1, c})"), ["Call POST /api/a b,c"]);
        assert_eq!(found("x.open('put','/api/a')"), ["Call PUT /api/a"]);
        assert_eq!(found("call('DELETE', `/api/a/${x.id}`)"), ["Call DELETE /api/a/{id}"]);
        assert_eq!(found("$.ajax({type:'POST',url:'/api/a',data:{q:1}})"), ["Call POST /api/a q"]);
        assert_eq!(found("this.http.get<User[]>(this.host + '/users')"), ["Call GET {host}/users"]);
        assert_eq!(found("new WebSocket('ws://a/live')"), ["Socket ws://a/live"]);
    }

    #[test]
    fn what_a_class_keeps_as_its_prefix_is_known_in_its_methods() {
        let source = "class A{hostServer='.';host=this.hostServer+'/rest/user';who(){return this.http.get(this.host+'/whoami')}}
            class B{host=this.hostServer+'/api/Cards';save(e){return this.http.post(this.host+'/',e)}}";
        let calls: Vec<String> = found(source).into_iter().filter(|f| f.starts_with("Call")).collect();
        assert_eq!(calls, ["Call GET ./rest/user/whoami", "Call POST ./api/Cards/"]);
    }

    #[test]
    fn a_parameter_hides_a_constant_of_its_name() {
        let source = "const e='/api';function f(e){return get(e+'/x')}function g(t){return get(e+'/y')}";
        assert_eq!(found(source), ["Word /api", "Call GET {value}/x", "Call GET /api/y"]);
    }

    #[test]
    fn pages_scripts_and_maps_are_told_apart() {
        assert_eq!(
            found(
                "router.push('/a');location.href='/b';import('./c-1f.js');go('#/d')\n//# sourceMappingURL=e.js.map"
            ),
            ["Page /a", "Page /b", "Script ./c-1f.js", "Page #/d", "SourceMap e.js.map"]
        );
        assert_eq!(found("r={routerLink:'/x'};d={inputs:{routerLink:'routerLink'}}"), ["Page /x"]);
        assert_eq!(found("m={'/posts':['a.js']}"), ["Word /posts", "Script a.js"]);
    }

    #[test]
    fn texts_that_are_no_paths_are_left() {
        for source in [
            "f('text/html')",
            "m.get('id')",
            "a['x/y']",
            "s.split('/')",
            "f('/a b')",
            "p.get('content-type')",
        ] {
            assert_eq!(found(source), [""; 0], "{source}");
        }
    }
}
