// ZAP's and Java's types for parts of a request: parameters, cookies and URIs.
(function (host, types) {
  "use strict";

  const ArrayList = types["java.util.ArrayList"];
  const HashSet = types["java.util.HashSet"];

  // Nashorn lets scripts write `message.requestHeader` for `message.getRequestHeader()`.
  types.bean = function bean(type) {
    for (const name of Object.getOwnPropertyNames(type.prototype)) {
      const stem = /^(?:get|is)([A-Z]\w*)$/.exec(name)?.[1];
      if (!stem || type.prototype[name].length > 0) continue;
      const property = /^[A-Z]{2}/.test(stem) ? stem : stem[0].toLowerCase() + stem.slice(1);
      if (property in type.prototype) continue;
      Object.defineProperty(type.prototype, property, {
        get() { return this[name](); },
        set(value) { this[`set${stem}`](value); },
        configurable: true,
      });
    }
    return type;
  };
  const { bean } = types;

  const kind = (name, ordinal) => Object.freeze({
    name: () => name, ordinal: () => ordinal, toString: () => name, toJSON: () => name,
    equals(other) { return other === this; }, compareTo: (other) => ordinal - other.ordinal(),
  });
  const KINDS = ["cookie", "form", "url", "header", "multipart"];
  const Type = Object.freeze(Object.assign(
    Object.fromEntries(KINDS.map((name, ordinal) => [name, kind(name, ordinal)])),
    { valueOf(name) { return name === undefined ? this : Type[name]; }, values: () => KINDS.map((name) => Type[name]) },
  ));

  class HtmlParameter {
    static Type = Type;
    #type; #name; #value; #flags = new HashSet();
    // Either a type, a name and a value, or the value of a Set-Cookie header.
    constructor(type, name, value) {
      if (name === undefined) {
        const [first, ...flags] = String(type).split(";");
        const [, key, rest] = /^([^=]*)=?([^]*)$/.exec(first);
        [this.#type, name, value] = [Type.cookie, key.trim(), rest.trim()];
        for (const flag of flags) this.#flags.add(flag.trim());
      } else {
        this.setType(type);
      }
      this.setName(name);
      this.setValue(value);
    }
    getType() { return this.#type; }
    setType(type) {
      if (!Object.values(Type).includes(type)) throw new TypeError("HtmlParameter: the type must be one of HtmlParameter.Type");
      this.#type = type;
    }
    getName() { return this.#name; }
    setName(name) {
      if (name == null) throw new TypeError("HtmlParameter: the name must not be null");
      this.#name = String(name);
    }
    getValue() { return this.#value; }
    setValue(value) { this.#value = value == null ? "" : String(value); }
    getFlags() { return this.#flags; }
    addFlag(flag) { this.#flags.add(flag); }
    compareTo(other) {
      return this.#type.compareTo(other.getType()) || this.#name.compareTo(other.getName()) ||
        this.#value.compareTo(other.getValue());
    }
    equals(other) { return other instanceof HtmlParameter && this.compareTo(other) === 0; }
    hashCode() { return this.toString().hashCode(); }
    toString() { return `HtmlParameter type = ${this.#type} name= ${this.#name} value=${this.#value}`; }
    toJSON() { return { type: this.#type, name: this.#name, value: this.#value }; }
  }
  types["org.parosproxy.paros.network.HtmlParameter"] = bean(HtmlParameter);
  types["org.parosproxy.paros.network.HtmlParameter.Type"] = Type;

  class HttpCookie {
    #name; #value; #more = new Map();
    constructor(name, value) {
      if (name == null || name === "") throw new TypeError("HttpCookie: the name must not be empty");
      this.#name = String(name);
      this.#value = value == null ? "" : String(value);
    }
    static parse(line) {
      const [first, ...attributes] = String(line).replace(/^set-cookie2?:/i, "").split(";");
      const [, name, value] = /^([^=]*)=?([^]*)$/.exec(first);
      const cookie = new HttpCookie(name.trim(), value.trim());
      for (const attribute of attributes) {
        const [, key, rest] = /^([^=]*)=?([^]*)$/.exec(attribute.trim());
        cookie.#more.set(key.toLowerCase(), rest);
      }
      return new ArrayList([cookie]);
    }
    getName() { return this.#name; }
    getValue() { return this.#value; }
    setValue(value) { this.#value = String(value); }
    getDomain() { return this.#more.get("domain") ?? null; }
    setDomain(domain) { this.#more.set("domain", domain); }
    getPath() { return this.#more.get("path") ?? null; }
    setPath(path) { this.#more.set("path", path); }
    getMaxAge() { return Number(this.#more.get("max-age") ?? -1); }
    setMaxAge(seconds) { this.#more.set("max-age", seconds); }
    getSecure() { return this.#more.has("secure"); }
    setSecure(on) { if (on) this.#more.set("secure", ""); else this.#more.delete("secure"); }
    isHttpOnly() { return this.#more.has("httponly"); }
    setHttpOnly(on) { if (on) this.#more.set("httponly", ""); else this.#more.delete("httponly"); }
    hasExpired() { return this.getMaxAge() === 0; }
    equals(other) { return other instanceof HttpCookie && other.toString() === this.toString(); }
    toString() { return `${this.#name}=${this.#value}`; }
    toJSON() { return { name: this.#name, value: this.#value }; }
  }
  types["java.net.HttpCookie"] = bean(HttpCookie);

  // See appendix B of RFC 3986.
  const SHAPE = /^(?:([^:/?#]+):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#([^]*))?$/;
  const decode = (text) => {
    try { return text === null ? null : decodeURIComponent(text); } catch { return text; }
  };
  const encode = (text, extra) => text === null ? null
    : text.replace(extra, encodeURIComponent).replace(/[^\x21-\x7e]|["<>\\^`{|}]/gu, encodeURIComponent);
  class URI {
    #scheme; #authority; #path; #query; #fragment;
    // Text that is not escaped yet gets its percent signs escaped too, as in ZAP's library.
    constructor(text, escaped = true) {
      const source = encode(String(text), escaped === false ? /%/g : /(?!)/g);
      const [, scheme, authority, path, query, fragment] = SHAPE.exec(source);
      [this.#scheme, this.#authority, this.#path] = [scheme ?? null, authority ?? null, path];
      [this.#query, this.#fragment] = [query ?? null, fragment ?? null];
    }
    static create(text) { return new URI(text, true); }
    getScheme() { return this.#scheme; }
    getAuthority() { return this.#authority; }
    getHost() { return this.#authority?.replace(/^.*@/, "").replace(/:\d*$/, "") ?? null; }
    getPort() { return Number(/:(\d+)$/.exec(this.#authority ?? "")?.[1] ?? -1); }
    getPath() { return decode(this.#path); }
    getEscapedPath() { return this.#path; }
    getRawPath() { return this.#path; }
    setPath(path) { this.#path = encode(String(path), /[%?#]/g); }
    setEscapedPath(path) { this.#path = encode(String(path), /[?#]/g); }
    getName() { return this.#path.slice(this.#path.lastIndexOf("/") + 1); }
    getQuery() { return decode(this.#query); }
    getEscapedQuery() { return this.#query; }
    getRawQuery() { return this.#query; }
    setQuery(query) { this.#query = query == null ? null : encode(String(query), /[%#]/g); }
    setEscapedQuery(query) { this.#query = query == null ? null : encode(String(query), /#/g); }
    getPathQuery() { return decode(this.getEscapedPathQuery()); }
    getEscapedPathQuery() { return this.#path + (this.#query === null ? "" : `?${this.#query}`); }
    getFragment() { return decode(this.#fragment); }
    getURI() { return decode(this.toString()); }
    getEscapedURI() { return this.toString(); }
    isAbsoluteURI() { return this.#scheme !== null; }
    clone() { return new URI(this.toString(), true); }
    equals(other) { return other instanceof URI && other.toString() === this.toString(); }
    toString() {
      return (this.#scheme === null ? "" : `${this.#scheme}:`) + (this.#authority === null ? "" : `//${this.#authority}`) +
        this.getEscapedPathQuery() + (this.#fragment === null ? "" : `#${this.#fragment}`);
    }
    toJSON() { return this.toString(); }
  }
  bean(URI);
  for (const name of ["org.apache.commons.httpclient.URI", "java.net.URI", "java.net.URL"]) types[name] = URI;
})
