//! What the engine can ask of us: session values, variables, parameters, bodies, and a line in the log.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use bytes::Bytes;
use rquickjs::{Ctx, Exception, Function, Object, Result, TypedArray};

use super::{Globals, Limits, Message, Values, kept::plain, text};

/// The side of the engine that is ours.
pub(super) struct Host {
    script: String,
    limits: Limits,
    globals: Globals,
    calls: Cell<u32>,
    call: RefCell<Option<Call>>,
}

/// What one call of a script may see.
struct Call {
    number: u32,
    request: Bytes,
    response: Bytes,
    values: Values,
    parameters: BTreeMap<String, String>,
}

impl Host {
    pub(super) fn new(script: &str, limits: Limits, globals: Globals) -> Rc<Self> {
        let (calls, call) = (Cell::new(0), RefCell::new(None));
        Rc::new(Self { script: script.to_owned(), limits, globals, calls, call })
    }

    /// Opens a message, the session's values and the parameters to the script, and returns the call's number.
    pub(super) fn open(
        &self,
        message: &Message,
        values: &Values,
        parameters: &BTreeMap<String, String>,
    ) -> u32 {
        let number = self.calls.get().wrapping_add(1);
        self.calls.set(number);
        *self.call.borrow_mut() = Some(Call {
            number,
            request: message.body.clone(),
            response: message.response_body.clone(),
            values: values.clone(),
            parameters: parameters.clone(),
        });
        number
    }

    /// Takes them away again: what a script keeps of a message has no body from then on.
    pub(super) fn close(&self) {
        *self.call.borrow_mut() = None;
    }

    /// Puts stars where a text has one of the values that scripts keep or a parameter.
    pub(super) fn mask(&self, text: &str) -> String {
        let mut secrets = self.globals.read(|kept| kept.all().flat_map(leaves).collect::<Vec<_>>());
        if let Some(call) = &*self.call.borrow() {
            secrets.extend(call.values.read(|kept| kept.all().flat_map(leaves).collect::<Vec<_>>()));
            secrets.extend(call.parameters.values().cloned());
        }
        secrets.retain(|secret| secret.len() >= SHORTEST);
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "***"))
    }

    fn print(&self, text: &str) {
        if tracing::enabled!(tracing::Level::DEBUG) {
            let end = text.char_indices().nth(LONGEST_LINE).map_or(text.len(), |(end, _)| end);
            tracing::debug!(script = self.script, "{}", self.mask(&text[..end]));
        }
    }

    fn body(&self, ctx: &Ctx<'_>, call: u32, side: &str) -> Result<Bytes> {
        let body = self.call.borrow().as_ref().filter(|open| open.number == call).map(|open| match side {
            "request" => open.request.clone(),
            _ => open.response.clone(),
        });
        let body =
            body.ok_or_else(|| Exception::throw_type(ctx, "this message belongs to an earlier call"))?;
        let (length, limit) = (body.len(), self.limits.body);
        if length > limit {
            let text = format!("the {side} body of {length} bytes is over the limit of {limit}");
            return Err(Exception::throw_range(ctx, &text));
        }
        Ok(body)
    }

    fn length(&self, call: u32, side: &str) -> usize {
        let open = self.call.borrow();
        let open = open.as_ref().filter(|open| open.number == call);
        open.map_or(0, |open| if side == "request" { open.request.len() } else { open.response.len() })
    }

    fn values(&self) -> Option<Values> {
        self.call.borrow().as_ref().map(|open| open.values.clone())
    }

    fn value(&self, key: &str) -> Option<String> {
        self.values()?.read(|kept| kept.get("", key).map(str::to_owned))
    }

    fn parameter(&self, name: &str) -> Option<String> {
        self.call.borrow().as_ref()?.parameters.get(name).cloned()
    }
}

/// The object that the prelude asks us through.
pub(super) fn object<'js>(ctx: &Ctx<'js>, host: &Rc<Host>) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    offer_kept(ctx, &object, host)?;
    offer_bodies(ctx, &object, host)?;
    offer_text(ctx, &object)?;
    let own = host.clone();
    object.set("print", Function::new(ctx.clone(), move |text: String| own.print(&text))?)?;
    Ok(object)
}

fn offer_kept<'js>(ctx: &Ctx<'js>, object: &Object<'js>, host: &Rc<Host>) -> Result<()> {
    let own = host.clone();
    object.set("value", Function::new(ctx.clone(), move |key: String| own.value(&key))?)?;
    let own = host.clone();
    let set_value = move |ctx: Ctx<'js>, key: String, json: Option<String>| {
        let room = own.values().is_some_and(|values| values.put(&key, json));
        room_or_throw(&ctx, room, "session value", &key)
    };
    object.set("setValue", Function::new(ctx.clone(), set_value)?)?;
    let own = host.clone();
    let global =
        move |scope: String, key: String| own.globals.read(|kept| kept.get(&scope, &key).map(str::to_owned));
    object.set("global", Function::new(ctx.clone(), global)?)?;
    let own = host.clone();
    let set_global = move |ctx: Ctx<'js>, scope: String, key: String, json: Option<String>| {
        room_or_throw(&ctx, own.globals.put(&scope, &key, json), "variable", &key)
    };
    object.set("setGlobal", Function::new(ctx.clone(), set_global)?)?;
    let own = host.clone();
    object.set("globals", Function::new(ctx.clone(), move |scope: String| all(&own.globals, &scope))?)?;
    let own = host.clone();
    object.set("parameter", Function::new(ctx.clone(), move |name: String| own.parameter(&name))?)
}

fn offer_bodies<'js>(ctx: &Ctx<'js>, object: &Object<'js>, host: &Rc<Host>) -> Result<()> {
    let own = host.clone();
    let as_text = move |ctx: Ctx<'js>, call: u32, side: String, charset: String| {
        own.body(&ctx, call, &side).map(|body| text::decode(&body, &charset))
    };
    object.set("text", Function::new(ctx.clone(), as_text)?)?;
    let own = host.clone();
    let bytes = move |ctx: Ctx<'js>, call: u32, side: String| {
        own.body(&ctx, call, &side).and_then(|body| TypedArray::new_copy(ctx, body))
    };
    object.set("bytes", Function::new(ctx.clone(), bytes)?)?;
    let own = host.clone();
    object.set("length", Function::new(ctx.clone(), move |call: u32, side: String| own.length(call, &side))?)
}

fn offer_text<'js>(ctx: &Ctx<'js>, object: &Object<'js>) -> Result<()> {
    let encode = |ctx: Ctx<'js>, text: String, charset: String| {
        TypedArray::new_copy(ctx, text::encode(&text, &charset))
    };
    object.set("encode", Function::new(ctx.clone(), encode)?)?;
    let decode = |bytes: String, charset: String| text::decode(&text::unlatin(&bytes), &charset);
    object.set("decode", Function::new(ctx.clone(), decode)?)?;
    let base64 = |bytes: String, kind: String| engine(&kind).encode(text::unlatin(&bytes));
    object.set("base64", Function::new(ctx.clone(), base64)?)?;
    let unbase64 = |ctx: Ctx<'js>, text: String, kind: String| match engine(&kind).decode(text.trim()) {
        Ok(bytes) => TypedArray::new_copy(ctx, bytes),
        Err(_) => Err(Exception::throw_type(&ctx, "this is no Base64")),
    };
    object.set("unbase64", Function::new(ctx.clone(), unbase64)?)?;
    object.set("uuid", Function::new(ctx.clone(), uuid)?)
}

fn room_or_throw(ctx: &Ctx<'_>, room: bool, what: &str, key: &str) -> Result<()> {
    if room {
        return Ok(());
    }
    Err(Exception::throw_range(ctx, &format!("there is no room for the {what} `{key}`")))
}

/// The variables of a scope as one JSON object.
fn all(globals: &Globals, scope: &str) -> String {
    let entries: serde_json::Map<String, serde_json::Value> = globals.read(|kept| {
        kept.scope(scope)
            .filter_map(|(name, json)| Some((name.to_owned(), serde_json::from_str(json).ok()?)))
            .collect()
    });
    serde_json::Value::Object(entries).to_string()
}

/// The texts within a JSON text, down to the leaves.
fn leaves(json: &str) -> Vec<String> {
    fn collect(value: &serde_json::Value, into: &mut Vec<String>) {
        match value {
            serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, into)),
            serde_json::Value::Object(entries) => entries.values().for_each(|item| collect(item, into)),
            leaf => into.push(plain(&leaf.to_string())),
        }
    }
    let mut into = Vec::new();
    collect(&serde_json::from_str(json).unwrap_or_default(), &mut into);
    into
}

/// Java's kinds of Base64, all of which read text with or without padding here.
fn engine(kind: &str) -> GeneralPurpose {
    let alphabet = if kind.starts_with("url") { &alphabet::URL_SAFE } else { &alphabet::STANDARD };
    let config = GeneralPurposeConfig::new()
        .with_encode_padding(!kind.ends_with("-bare"))
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    GeneralPurpose::new(alphabet, config)
}

/// A random UUID. See 5.4 of RFC 9562.
fn uuid() -> String {
    let (version, variant) = (0x4_u128 << 76, 0x2_u128 << 62);
    let bits = rand::random::<u128>() & !(0xf << 76) & !(0x3 << 62) | version | variant;
    let hex = format!("{bits:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// Kept texts that are shorter are not masked: they would hide every `true` and `1`.
const SHORTEST: usize = 5;

/// Characters of a printed line that go to the log.
const LONGEST_LINE: usize = 2000;
