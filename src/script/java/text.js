// Java's types for text: regular expressions, Base64, URL encoding, JSON, and a few of java.lang and java.util.
(function (host, types) {
  "use strict";

  const ArrayList = types["java.util.ArrayList"];

  class Matcher {
    #pattern; #text; #found = null; #at = 0;
    constructor(pattern, text) { this.#pattern = pattern; this.#text = String(text); }
    #run(source, from, sticky) {
      const regex = new RegExp(source, this.#pattern.jsFlags() + (sticky ? "y" : "g"));
      regex.lastIndex = from;
      this.#found = regex.exec(this.#text);
      if (this.#found) this.#at = regex.lastIndex + (this.#found[0] === "" ? 1 : 0);
      return this.#found !== null;
    }
    find() { return this.#run(this.#pattern.pattern(), this.#at, false); }
    matches() { return this.#run(`(?:${this.#pattern.pattern()})$(?!\\n)`, 0, true); }
    lookingAt() { return this.#run(this.#pattern.pattern(), 0, true); }
    group(which = 0) {
      if (!this.#found) throw new TypeError("no match found");
      return (typeof which === "string" ? this.#found.groups?.[which] : this.#found[which]) ?? null;
    }
    groupCount() { return new RegExp(`${this.#pattern.pattern()}|`).exec("").length - 1; }
    start() { return this.#found.index; }
    end() { return this.#found.index + this.#found[0].length; }
    reset() { this.#at = 0; this.#found = null; return this; }
    replaceAll(to) { return this.#text.replace(new RegExp(this.#pattern.pattern(), this.#pattern.jsFlags() + "g"), to); }
    replaceFirst(to) { return this.#text.replace(new RegExp(this.#pattern.pattern(), this.#pattern.jsFlags()), to); }
  }

  const FLAGS = [[2, "i"], [8, "m"], [32, "s"]];
  const escapeRegex = (text) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  class Pattern {
    static CASE_INSENSITIVE = 2; static MULTILINE = 8; static DOTALL = 32; static UNICODE_CASE = 64;
    #source; #flags;
    // A JavaScript expression has no \Q…\E: what stands between them is escaped instead.
    constructor(source, flags) { this.#source = source.replace(/\\Q([^]*?)(?:\\E|$)/g, (_, t) => escapeRegex(t)); this.#flags = flags; }
    static compile(source, flags = 0) {
      const inline = /^\(\?([ims]+)\)/.exec(source);
      const own = inline ? FLAGS.reduce((all, [bit, letter]) => inline[1].includes(letter) ? all | bit : all, 0) : 0;
      return new Pattern(inline ? source.slice(inline[0].length) : String(source), flags | own);
    }
    static matches(source, text) { return Pattern.compile(source).matcher(text).matches(); }
    static quote(text) { return `\\Q${text}\\E`; }
    matcher(text) { return new Matcher(this, text); }
    pattern() { return this.#source; }
    jsFlags() { return FLAGS.filter(([bit]) => this.#flags & bit).map(([, letter]) => letter).join(""); }
    toString() { return this.#source; }
  }
  types["java.util.regex.Pattern"] = Pattern;

  const bytesOf = (value) => typeof value === "string" ? host.encode(value, "UTF-8") : value;
  const encoder = (kind) => ({
    encodeToString: (value) => host.base64(bytesOf(value), kind),
    encode: (value) => host.encode(host.base64(bytesOf(value), kind), "UTF-8"),
    withoutPadding: () => encoder(`${kind}-bare`),
  });
  const decoder = (kind) => ({
    decode: (value) => host.unbase64(typeof value === "string" ? value : host.decode(value, "UTF-8"), kind),
  });
  types["java.util.Base64"] = {
    getEncoder: () => encoder("standard"), getUrlEncoder: () => encoder("url"), getMimeEncoder: () => encoder("standard"),
    getDecoder: () => decoder("standard"), getUrlDecoder: () => decoder("url"), getMimeDecoder: () => decoder("standard"),
  };

  types["java.net.URLEncoder"] = {
    encode: (text) => encodeURIComponent(text).replace(/%20/g, "+").replace(/[!'()~]/g,
      (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`),
  };
  types["java.net.URLDecoder"] = { decode: (text) => decodeURIComponent(String(text).replace(/\+/g, " ")) };
  types["java.nio.charset.StandardCharsets"] = { UTF_8: "UTF-8", ISO_8859_1: "ISO-8859-1", US_ASCII: "US-ASCII" };

  const wrap = (value) => value === undefined ? null
    : Array.isArray(value) ? new JSONArray(value)
    : value !== null && typeof value === "object" ? new JSONObject(value) : value;
  const parse = (from) => typeof from === "string" ? JSON.parse(from) : JSON.parse(JSON.stringify(from));
  function need(value, key, fit) {
    if (!fit(value)) throw new TypeError(`JSONObject[${JSON.stringify(key)}] is missing or of another type`);
    return value;
  }
  const getters = {
    getString(key) { return String(need(this.at(key), key, (v) => v != null)); },
    getInt(key) { return Math.trunc(need(Number(this.at(key)), key, Number.isFinite)); },
    getLong(key) { return this.getInt(key); },
    getDouble(key) { return need(Number(this.at(key)), key, Number.isFinite); },
    getBoolean(key) { return String(need(this.at(key), key, (v) => /^(true|false)$/i.test(String(v)))) === "true"; },
    getJSONObject(key) { return wrap(need(this.at(key), key, (v) => v !== null && typeof v === "object" && !Array.isArray(v))); },
    getJSONArray(key) { return wrap(need(this.at(key), key, Array.isArray)); },
    get(key) { return wrap(this.at(key)); },
    opt(key) { return wrap(this.at(key)); },
    optString(key, other = "") { const value = this.at(key); return value == null ? other : String(value); },
    toString() { return JSON.stringify(this.toJSON()); },
  };
  class JSONObject {
    #value;
    constructor(from = {}) { this.#value = parse(from); }
    static fromObject(from) { return new JSONObject(from); }
    at(key) { return Object.hasOwn(this.#value, key) ? this.#value[key] : undefined; }
    has(key) { return Object.hasOwn(this.#value, key); }
    containsKey(key) { return this.has(key); }
    isNull(key) { return this.at(key) == null; }
    put(key, value) { this.#value[key] = value; return this; }
    remove(key) { delete this.#value[key]; }
    keySet() { return new types["java.util.LinkedHashSet"](Object.keys(this.#value)); }
    keys() { return this.keySet().iterator(); }
    size() { return Object.keys(this.#value).length; }
    length() { return this.size(); }
    isEmpty() { return this.size() === 0; }
    toJSON() { return this.#value; }
  }
  class JSONArray {
    #value;
    constructor(from = []) { this.#value = parse(from); }
    static fromObject(from) { return new JSONArray(from); }
    at(index) { return this.#value[index]; }
    put(value) { this.#value.push(value); return this; }
    add(value) { this.#value.push(value); return true; }
    size() { return this.#value.length; }
    length() { return this.#value.length; }
    isEmpty() { return this.#value.length === 0; }
    iterator() { return new ArrayList(this.#value.map(wrap)).iterator(); }
    [Symbol.iterator]() { return this.#value.map(wrap)[Symbol.iterator](); }
    toJSON() { return this.#value; }
  }
  for (const type of [JSONObject, JSONArray]) {
    for (const [name, value] of Object.entries(getters)) {
      Object.defineProperty(type.prototype, name, { value, writable: true, configurable: true });
    }
  }
  for (const home of ["net.sf.json", "org.json"]) {
    types[`${home}.JSONObject`] = JSONObject;
    types[`${home}.JSONArray`] = JSONArray;
  }
  types["net.sf.json.JSONSerializer"] = { toJSON: (from) => wrap(parse(from)) };

  class JavaException extends Error {
    getMessage() { return this.message; }
  }
  for (const name of ["Exception", "RuntimeException", "IllegalArgumentException", "IllegalStateException"]) {
    types[`java.lang.${name}`] = JavaException;
  }
  Object.defineProperty(Error.prototype, "getMessage",
    { value() { return this.message; }, writable: true, configurable: true });

  class JavaDate extends Date {}
  types["java.util.Date"] = JavaDate;
  types["java.util.UUID"] = { randomUUID: () => ({ toString: () => host.uuid() }) };
  const say = (text = "") => host.print(String(text).toWellFormed());
  const out = { println: say, print: say };
  types["java.lang.System"] = {
    out, err: out, currentTimeMillis: () => Date.now(), nanoTime: () => Date.now() * 1e6,
    lineSeparator: () => "\n", getenv: () => null, getProperty: (_name, other = null) => other,
  };
  types["java.lang.Thread"] = {
    currentThread: () => ({ getId: () => 1, getName: () => "script" }),
    sleep() { throw new TypeError("a session script cannot wait: Thread.sleep is not offered"); },
  };
  types["java.lang.Math"] = Math;

  const logger = Object.fromEntries(["trace", "debug", "info", "warn", "error", "fatal"]
    .map((level) => [level, say]));
  Object.assign(logger, { isDebugEnabled: () => false, isInfoEnabled: () => false });
  for (const name of ["org.apache.logging.log4j.LogManager", "org.apache.log4j.Logger", "org.apache.log4j.LogManager"]) {
    types[name] = { getLogger: () => logger };
  }
})
