//! HTML: every attribute that holds an address, comments, scripts that stand inside, and forms with their fields.

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};
use serde_json::Value;

use super::{
    find::{Find, What, is_method, is_path, is_relative_path, is_script},
    headers::refresh,
    json::json,
    script::script,
};

/// What a document names.
#[derive(Debug, Default)]
pub(super) struct Html {
    /// What relative addresses start from, where the document says so.
    pub(super) base: Option<String>,
    pub(super) finds: Vec<Find>,
    /// The JSON that stands in it.
    pub(super) values: Vec<Value>,
    /// The tag whose text is being read, and the type that it gives.
    inside: Option<(String, String)>,
    /// Where the form around stands among the finds.
    form: Option<usize>,
}

/// All addresses in a document.
pub(super) fn html(text: &str) -> Html {
    let mut found = Html::default();
    found.read(text, 0);
    found
        .finds
        .iter_mut()
        .filter(|find| find.line == 0)
        .for_each(|find| find.line = line_of(text, &find.target));
    found
}

impl Html {
    fn read(&mut self, text: &str, deep: usize) {
        let mut emitter = DefaultEmitter::<()>::new_with_span();
        emitter.naively_switch_states(true);
        for Ok(token) in Tokenizer::new_with_emitter(text, emitter) {
            match token {
                Token::StartTag(tag) => self.tag(&tag, deep),
                Token::EndTag(tag) => {
                    self.inside = None;
                    if tag.name.as_slice() == b"form" {
                        self.form = None;
                    }
                }
                Token::String(text) => self.text(&String::from_utf8_lossy(&text), deep),
                Token::Comment(text) => self.comment(&String::from_utf8_lossy(&text), deep),
                _ => {}
            }
        }
    }

    fn tag(&mut self, tag: &StartTag<()>, deep: usize) {
        let name = String::from_utf8_lossy(&tag.name).into_owned();
        let attributes: Vec<(String, String)> = tag
            .attributes
            .iter()
            .map(|(name, value)| (lossy(name), lossy(value).trim().to_owned()))
            .collect();
        let value = |wanted: &str| {
            let found = attributes.iter().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.as_str()).unwrap_or_default()
        };
        self.inside = Some((name.clone(), value("type").to_ascii_lowercase()));
        match name.as_str() {
            "base" => self.base = self.base.take().or_else(|| Some(value("href").to_owned())),
            "form" => self.form(value("action"), value("method")),
            "input" | "select" | "textarea" => self.field(value("name")),
            _ => {}
        }
        for (attribute, text) in &attributes {
            if attribute == "srcdoc" && deep < DEEPEST {
                self.read(text, deep + 1);
            } else if attribute.starts_with("on") && text.contains(['\'', '"', '`']) {
                self.finds.extend(script(text));
            } else {
                self.finds.extend(attribute_find(&name, attribute, text, &value));
            }
        }
    }

    fn form(&mut self, action: &str, method: &str) {
        let is_post = method.eq_ignore_ascii_case("post");
        self.form = is_post.then_some(self.finds.len());
        let what = if is_post { What::Call } else { What::Page };
        self.finds.push(Find::new(what, action).by(if is_post { "POST" } else { "GET" }));
    }

    fn field(&mut self, name: &str) {
        if let Some(form) = self.form.and_then(|at| self.finds.get_mut(at))
            && !name.is_empty()
            && !form.fields.iter().any(|known| known == name)
        {
            form.fields.push(name.to_owned());
        }
    }

    fn text(&mut self, text: &str, deep: usize) {
        let Some((tag, kind)) = self.inside.clone() else { return };
        match tag.as_str() {
            "script" if kind.contains("json") || kind == "importmap" => {
                let Ok(value) = serde_json::from_str(text) else { return };
                self.finds.extend(json(&value));
                self.values.push(value);
            }
            "script" => self.finds.extend(script(text)),
            "noscript" | "iframe" | "noframes" | "noembed" | "template" | "xmp"
                if text.contains('<') && deep < DEEPEST =>
            {
                self.read(text, deep + 1);
            }
            _ => {}
        }
    }

    fn comment(&mut self, text: &str, deep: usize) {
        if text.contains('<') && deep < DEEPEST {
            let inside = self.inside.take();
            self.read(text, deep + 1);
            self.inside = inside;
        }
        let words = text.split(|c: char| c.is_whitespace() || "\"'`<>(),;=".contains(c));
        let paths = words.map(|word| word.trim_end_matches(['.', ':', '!'])).filter(|word| is_path(word));
        self.finds.extend(paths.map(|path| Find::new(What::Word, path)));
    }
}

/// What one attribute names.
fn attribute_find<'a>(tag: &str, attribute: &str, text: &str, other: &impl Fn(&str) -> &'a str) -> Vec<Find> {
    if text.is_empty()
        || text.starts_with("data:")
        || text.starts_with("javascript:")
        || text.starts_with("mailto:")
    {
        return Vec::new();
    }
    let one = |what| vec![Find::new(what, text)];
    let plain = attribute.strip_prefix("data-").unwrap_or(attribute);
    match (tag, plain) {
        ("base" | "form" | "html" | "svg" | "use" | "image", _)
        | (_, "xmlns" | "xlink:href" | "class" | "id" | "style") => Vec::new(),
        ("link", "href") => link(text, other("rel"), other("as")),
        ("script", "src") => one(What::Script),
        ("a" | "area", "href") | ("iframe" | "frame" | "embed" | "portal", "src") | ("object", "data") => {
            one(What::Page)
        }
        ("a", "ping") => text.split_whitespace().map(|t| Find::new(What::Call, t).by("POST")).collect(),
        ("meta", "content") if other("http-equiv").eq_ignore_ascii_case("refresh") => {
            refresh(text).map(|target| Find::new(What::Page, target)).into_iter().collect()
        }
        (_, "formaction") => {
            let method = Some(other("formmethod")).filter(|m| !m.is_empty()).unwrap_or("POST");
            vec![Find::new(What::Call, text).by(method)]
        }
        (_, "srcset") => {
            let parts = text.split(',').filter_map(|part| part.split_whitespace().next());
            parts.filter(|t| is_path(t)).map(|t| Find::new(What::Word, t)).collect()
        }
        (_, name) if name.starts_with("hx-") && is_method(&name[3..]) => {
            vec![Find::new(What::Call, text).by(&name[3..])]
        }
        _ if text.starts_with("#/") || text.starts_with("#!/") => one(What::Page),
        (_, name) if is_path(text) || (is_relative_path(text) && names_address(name)) => one(What::Word),
        _ => Vec::new(),
    }
}

fn link(text: &str, rel: &str, kind: &str) -> Vec<Find> {
    let rel = rel.to_ascii_lowercase();
    let what = match () {
        () if rel.contains("preconnect") || rel.contains("dns-prefetch") => return Vec::new(),
        () if rel.contains("service-desc") => What::Description,
        () if rel.contains("modulepreload") || is_script(text) || kind == "script" => What::Script,
        () if rel.contains("stylesheet") || rel.contains("icon") || kind == "style" || kind == "font" => {
            return Vec::new();
        }
        () if rel.contains("preload") || rel.contains("manifest") => What::Word,
        () => What::Page,
    };
    vec![Find::new(what, text)]
}

fn names_address(name: &str) -> bool {
    ["url", "href", "uri", "path", "src", "endpoint", "api", "action", "link", "route", "target"]
        .iter()
        .any(|word| name.contains(word))
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn line_of(text: &str, target: &str) -> usize {
    text.find(target).map_or(0, |at| text[..at].matches('\n').count() + 1)
}

const DEEPEST: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let told = |find: Find| {
            let method = find.method.map(|m| format!("{m} ")).unwrap_or_default();
            let fields =
                if find.fields.is_empty() { String::new() } else { format!(" {}", find.fields.join(",")) };
            format!("{:?} {method}{}{fields}", find.what, find.target)
        };
        html(text).finds.into_iter().map(told).collect()
    }

    #[test]
    fn every_place_of_an_address_is_read() {
        for (text, what) in [
            ("<a href='x?a=1&amp;b=2'>", "Page x?a=1&b=2"),
            ("<iframe src=/frame></iframe>", "Page /frame"),
            ("<div data-load-url=api/x>", "Word api/x"),
            ("<div data-go='#/settings'>", "Page #/settings"),
            ("<button formaction=/pay formmethod=post>", "Call POST /pay"),
            ("<div hx-delete=/x/1>", "Call DELETE /x/1"),
            ("<meta http-equiv=refresh content='3;url=/later'>", "Page /later"),
            ("<!-- old: <a href='/hidden'>x</a> -->", "Page /hidden"),
            ("<!-- see /debug/info. -->", "Word /debug/info"),
            ("<script>fetch('/api/x')</script>", "Call GET /api/x"),
            ("<script type=application/json>{\"route\": \"#/a/{id}\"}</script>", "Route #/a/{id}"),
            ("<button onclick=\"location.href='/on'\">", "Page /on"),
            ("<iframe srcdoc=\"<a href=/doc>\"></iframe>", "Page /doc"),
            ("<noscript><a href=/plain>x</a></noscript>", "Page /plain"),
            ("<img srcset='/pic/1 1x, /pic/2 2x'>", "Word /pic/1"),
            ("<link rel=modulepreload href=/a.js>", "Script /a.js"),
            ("<link rel=alternate href=/feed>", "Page /feed"),
        ] {
            assert!(found(text).iter().any(|f| f == what), "{text}: {:?}", found(text));
        }
    }

    #[test]
    fn forms_are_told_with_their_fields_and_bases_apart() {
        let text = "<base href=/app/><form method=post action=save><input name=a><select name=b></select></form><input name=c>";
        assert_eq!(found(text), ["Call POST save a,b"]);
        assert_eq!(html(text).base.as_deref(), Some("/app/"));
    }

    #[test]
    fn styles_pictures_and_names_are_left() {
        let text = "<link rel=stylesheet href=/a.css><img src=/a.png><svg xmlns='http://www.w3.org/2000/svg'><a href='javascript:x()'>";
        assert_eq!(found(text), [""; 0]);
    }
}
