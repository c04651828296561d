// The methods that Java's strings have and JavaScript's lack, as Nashorn gives them to scripts.
(function (host, types) {
  "use strict";

  // Bytes go to the host as text with one character a byte.
  host.binary = (bytes) => {
    let text = "";
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return text;
  };
  const { decode, base64, encode } = host;
  host.encode = (text, charset) => encode(text.toWellFormed(), charset);
  host.decode = (bytes, charset) => decode(host.binary(bytes), charset);
  host.base64 = (bytes, kind) => base64(host.binary(bytes), kind);

  const isText = (value) => typeof value === "string" || value instanceof String;
  const methods = {
    equals(other) { return isText(other) && String(this) === String(other); },
    equalsIgnoreCase(other) { return isText(other) && this.toLowerCase() === other.toLowerCase(); },
    isEmpty() { return this.length === 0; },
    isBlank() { return this.trim().length === 0; },
    strip() { return this.trim(); },
    contains(part) { return this.includes(part); },
    matches(pattern) { return types["java.util.regex.Pattern"].matches(pattern, String(this)); },
    replaceFirst(pattern, to) { return this.replace(new RegExp(pattern, "u"), to); },
    compareTo(other) { return String(this) < other ? -1 : String(this) > other ? 1 : 0; },
    getBytes(charset) { return host.encode(String(this), String(charset ?? "UTF-8")); },
    toCharArray() { return Array.from({ length: this.length }, (_, i) => this[i]); },
    hashCode() {
      let hash = 0;
      for (let i = 0; i < this.length; i++) hash = (Math.imul(hash, 31) + this.charCodeAt(i)) | 0;
      return hash;
    },
  };
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(String.prototype, name, { value, writable: true, configurable: true });
  }

  function valueOf(...given) { return given.length === 0 ? this : String(given[0]); }
  Object.defineProperty(String, "valueOf", { value: valueOf, writable: true, configurable: true });

  function JavaString(content = "", charset = "UTF-8") {
    if (content instanceof Uint8Array) return new String(host.decode(content, String(charset)));
    return new String(Array.isArray(content) ? content.join("") : content);
  }
  JavaString.valueOf = (value) => Array.isArray(value) ? value.join("") : String(value);
  JavaString.join = (separator, ...parts) =>
    (parts.length === 1 && typeof parts[0] !== "string" ? Array.from(parts[0]) : parts).join(separator);
  types["java.lang.String"] = JavaString;

  class StringBuilder {
    #text;
    constructor(text) { this.#text = typeof text === "string" ? text : ""; }
    append(value) { this.#text += String(value); return this; }
    length() { return this.#text.length; }
    setLength(length) { this.#text = this.#text.slice(0, length); }
    toString() { return this.#text; }
  }
  types["java.lang.StringBuilder"] = StringBuilder;
  types["java.lang.StringBuffer"] = StringBuilder;

  function number(parse, text) {
    const value = parse(text);
    if (Number.isNaN(value)) throw new TypeError(`\`${text}\` is no number`);
    return value;
  }
  const whole = { parse: (text) => number((t) => /^[+-]?\d+$/.test(t) ? Number(t) : NaN, String(text)) };
  types["java.lang.Integer"] = { TYPE: "int", MAX_VALUE: 2147483647, MIN_VALUE: -2147483648,
    parseInt: whole.parse, valueOf: whole.parse, toString: String };
  types["java.lang.Long"] = { TYPE: "long", parseLong: whole.parse, valueOf: whole.parse, toString: String };
  types["java.lang.Boolean"] = { TYPE: "boolean", TRUE: true, FALSE: false,
    parseBoolean: (text) => String(text).toLowerCase() === "true", toString: String };
  for (const name of ["Byte", "Short", "Void"]) types[`java.lang.${name}`] = { TYPE: name.toLowerCase() };
})
