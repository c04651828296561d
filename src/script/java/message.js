// ZAP's HttpMessage with its headers and bodies.
(function (host, types) {
  "use strict";

  const { bean } = types;
  const ArrayList = types["java.util.ArrayList"];
  const TreeSet = types["java.util.TreeSet"];
  const HttpCookie = types["java.net.HttpCookie"];
  const URI = types["org.apache.commons.httpclient.URI"];
  const HtmlParameter = types["org.parosproxy.paros.network.HtmlParameter"];
  const { Type } = HtmlParameter;
  const equalNames = (a, b) => String(a).toLowerCase() === String(b).toLowerCase();

  class HttpHeaderField {
    #name; #value;
    constructor(name, value) { this.#name = String(name); this.#value = String(value); }
    getName() { return this.#name; }
    getValue() { return this.#value; }
    toString() { return `${this.#name}: ${this.#value}`; }
  }
  types["org.parosproxy.paros.network.HttpHeaderField"] = bean(HttpHeaderField);

  class HttpHeader {
    static AUTHORIZATION = "Authorization"; static CONTENT_TYPE = "Content-Type"; static COOKIE = "Cookie";
    static CONTENT_LENGTH = "Content-Length"; static SET_COOKIE = "Set-Cookie"; static LOCATION = "Location";
    static HOST = "Host"; static REFERER = "Referer"; static USER_AGENT = "User-Agent"; static ACCEPT = "Accept";
    static X_CSRF_TOKEN = "X-Csrf-Token"; static X_REQUESTED_WITH = "X-Requested-With"; static ORIGIN = "Origin";
    static CONTENT_ENCODING = "Content-Encoding"; static TRANSFER_ENCODING = "Transfer-Encoding";
    static CONNECTION = "Connection"; static CACHE_CONTROL = "Cache-Control"; static PRAGMA = "Pragma";
    static WWW_AUTHENTICATE = "WWW-Authenticate"; static PROXY_AUTHORIZATION = "Proxy-Authorization";
    static HTTP = "http"; static HTTPS = "https"; static HTTP10 = "HTTP/1.0"; static HTTP11 = "HTTP/1.1";
    static CRLF = "\r\n"; static FORM_URLENCODED_CONTENT_TYPE = "application/x-www-form-urlencoded";
    static JSON_CONTENT_TYPE = "application/json"; static FORM_MULTIPART_CONTENT_TYPE = "multipart/form-data";
    static fieldsOf(header) { return header.#fields; }
    #fields; #version = "HTTP/1.1";
    constructor(fields = []) { this.#fields = fields.map(([name, value]) => [name, value]); }
    static parseLines(text) {
      return String(text).split(/\r?\n/).filter((line) => line.includes(":")).map((line) => {
        const at = line.indexOf(":");
        return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
      });
    }
    getHeader(name) {
      const wanted = String(name).toLowerCase();
      for (const field of this.#fields) if (field[0].toLowerCase() === wanted) return field[1];
      return null;
    }
    getHeaderValues(name) { return new ArrayList(this.#fields.filter(([n]) => equalNames(n, name)).map(([, v]) => v)); }
    getHeaders(...name) {
      if (name.length > 0) return this.getHeaderValues(name[0]);
      return new ArrayList(this.#fields.map(([n, v]) => new HttpHeaderField(n, v)));
    }
    setHeader(name, value) {
      const wanted = String(name).toLowerCase();
      let there = value == null;
      const left = [];
      for (const field of this.#fields) {
        if (field[0].toLowerCase() !== wanted) { left.push(field); continue; }
        if (!there) left.push([field[0], String(value)]);
        there = true;
      }
      this.#fields = left;
      if (!there) this.addHeader(name, value);
    }
    addHeader(name, value) { this.#fields.push([String(name), String(value)]); }
    hasHeader(name) { return this.getHeader(name) !== null; }
    getHeadersAsString() { return this.#fields.map(([n, v]) => `${n}: ${v}\r\n`).join(""); }
    getVersion() { return this.#version; }
    setVersion(version) { this.#version = String(version); }
    getContentLength() { return Number(this.getHeader("Content-Length") ?? -1); }
    setContentLength(length) { this.setHeader("Content-Length", String(length)); }
    getContentType() { return this.getHeader("Content-Type"); }
    getNormalisedContentTypeValue() { return this.getContentType()?.split(";")[0].trim().toLowerCase() ?? null; }
    hasContentType(...parts) { return parts.some((part) => (this.getNormalisedContentTypeValue() ?? "").includes(part.toLowerCase())); }
    getCharset() { return /charset\s*=\s*"?([^\s;"]+)/i.exec(this.getContentType() ?? "")?.[1] ?? null; }
    isJson() { return this.hasContentType("json"); }
    isHtml() { return this.hasContentType("html"); }
    isText() { return this.hasContentType("text", "html", "javascript", "json", "xml"); }
    isEmpty() { return this.#fields.length === 0; }
    toString() { return `${this.getPrimeHeader()}\r\n${this.getHeadersAsString()}\r\n`; }
    getPrimeHeader() { return ""; }
  }
  types["org.parosproxy.paros.network.HttpHeader"] = bean(HttpHeader);

  const pairs = (line) => (line ?? "").split(";").map((pair) => pair.trim()).filter((pair) => pair !== "").map((pair) => {
    const at = pair.indexOf("=");
    return at < 0 ? ["", pair] : [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
  });

  class HttpRequestHeader extends HttpHeader {
    static GET = "GET"; static POST = "POST"; static PUT = "PUT"; static DELETE = "DELETE"; static HEAD = "HEAD";
    static OPTIONS = "OPTIONS"; static PATCH = "PATCH"; static TRACE = "TRACE"; static CONNECT = "CONNECT";
    #method = "GET"; #uri = new URI("", true);
    // Either a method, a URI and a version, or the whole head as text.
    constructor(method, uri, version) {
      const lines = uri === undefined && typeof method === "string" ? method.split(/\r?\n/) : [];
      super(HttpHeader.parseLines(lines.slice(1).join("\n")));
      if (lines.length > 0) [method, uri, version] = lines[0].split(" ");
      if (method !== undefined) this.setMethod(method);
      if (uri !== undefined) this.setURI(typeof uri === "string" ? new URI(uri, true) : uri);
      if (version !== undefined) this.setVersion(version);
    }
    getMethod() { return this.#method; }
    setMethod(method) { this.#method = String(method).toUpperCase(); }
    getURI() { return this.#uri; }
    setURI(uri) { this.#uri = uri instanceof URI ? uri : new URI(String(uri), true); }
    getHostName() { return this.#uri.getHost(); }
    isSecure() { return this.#uri.getScheme() === "https"; }
    getSecure() { return this.isSecure(); }
    getHostPort() { const port = this.#uri.getPort(); return port > 0 ? port : this.isSecure() ? 443 : 80; }
    getPrimeHeader() { return `${this.#method} ${this.#uri} ${this.getVersion()}`; }
    getCookieParams() {
      return new TreeSet(pairs(this.getHeaderValues("Cookie").toArray().join("; "))
        .map(([name, value]) => new HtmlParameter(Type.cookie, name, value)));
    }
    setCookieParams(cookies) {
      const all = Array.from(cookies).filter((cookie) => cookie.getType() === Type.cookie);
      this.setCookies(all);
    }
    getHttpCookies() {
      return new ArrayList(pairs(this.getHeaderValues("Cookie").toArray().join("; "))
        .filter(([name]) => name !== "").map(([name, value]) => new HttpCookie(name, value)));
    }
    setCookies(cookies) {
      const line = Array.from(cookies).map((c) => c.getName() === "" ? c.getValue() : `${c.getName()}=${c.getValue()}`).join("; ");
      this.setHeader("Cookie", line === "" ? null : line);
    }
  }
  types["org.parosproxy.paros.network.HttpRequestHeader"] = bean(HttpRequestHeader);

  class HttpResponseHeader extends HttpHeader {
    #status = 0; #reason = "";
    constructor(text = "") {
      super(HttpHeader.parseLines(text.split(/\r?\n/).slice(1).join("\n")));
      const [, status, reason] = /^\S+ (\d{3}) ?([^\r\n]*)/.exec(text) ?? [];
      [this.#status, this.#reason] = [Number(status ?? 0), reason ?? ""];
    }
    getStatusCode() { return this.#status; }
    setStatusCode(status) { this.#status = Number(status); }
    getReasonPhrase() { return this.#reason; }
    setReasonPhrase(reason) { this.#reason = String(reason); }
    getPrimeHeader() { return `${this.getVersion()} ${this.#status} ${this.#reason}`; }
    getHttpCookies(_domain) {
      return new ArrayList(this.getHeaderValues("Set-Cookie").toArray().flatMap((line) => HttpCookie.parse(line).toArray()));
    }
    getCookieParams() { return new TreeSet(this.getHeaderValues("Set-Cookie").toArray().map((line) => new HtmlParameter(line))); }
  }
  // Both forms are called in the wild: `responseHeader.httpCookies` and `getHttpCookies("domain")`.
  Object.defineProperty(HttpResponseHeader.prototype, "httpCookies", { get() { return this.getHttpCookies(null); } });
  types["org.parosproxy.paros.network.HttpResponseHeader"] = bean(HttpResponseHeader);

  const unform = (text) => { try { return decodeURIComponent(text.replace(/\+/g, " ")); } catch { return text; } };
  const params = (text, type) => new TreeSet((text ?? "").split("&").filter((pair) => pair !== "").map((pair) => {
    const [, name, value] = /^([^=]*)=?([^]*)$/.exec(pair);
    return new HtmlParameter(type, unform(name), unform(value));
  }));
  const form = (all, type) => {
    const encode = types["java.net.URLEncoder"].encode;
    return Array.from(all).filter((p) => p.getType() === type).map((p) => `${encode(p.getName())}=${encode(p.getValue())}`).join("&");
  };

  // A body is read from the host when it is first asked for: most scripts never do.
  class HttpBody {
    #read; #content = null; #changed = false; #charset;
    constructor(content = "", charset = null) {
      this.#charset = charset;
      if (typeof content === "object" && content !== null && content.text) this.#read = content;
      else this.#content = typeof content === "string" ? content : bytes(content);
    }
    // What a script put into it, or null.
    static changeOf(body) { return body.#changed ? body.#content : null; }
    static contentOf(body) { return body.#content ?? body.getBytes(); }
    getCharset() { return this.#charset ?? "UTF-8"; }
    setCharset(charset) { this.#charset = charset; }
    getBytes() {
      if (this.#content === null) return this.#read.bytes();
      return typeof this.#content === "string" ? host.encode(this.#content, this.getCharset()) : this.#content;
    }
    toString() {
      if (this.#content === null) return this.#read.text(this.#charset ?? "");
      return typeof this.#content === "string" ? this.#content : host.decode(this.#content, this.getCharset());
    }
    length() { return this.#content === null ? this.#read.length() : this.getBytes().length; }
    setBody(content) {
      this.#content = content == null ? "" : typeof content === "object" && content[0] !== undefined && typeof content[0] === "number"
        ? bytes(content) : content instanceof Uint8Array ? content : String(content);
      this.#changed = true;
    }
    append(content) { this.setBody(this.toString() + String(content)); }
    setFormParams(all) { this.setBody(form(all, Type.form)); }
    setLength(length) { this.setBody(this.getBytes().slice(0, length)); }
    equals(other) { return other instanceof HttpBody && other.toString() === this.toString(); }
    toJSON() { return this.toString(); }
  }
  const bytes = (content) => content instanceof Uint8Array ? content : Uint8Array.from(content);
  bean(HttpBody);
  const network = "org.zaproxy.zap.network";
  for (const name of ["HttpBody", "HttpRequestBody", "HttpResponseBody"]) types[`${network}.${name}`] = HttpBody;

  class HttpMessage {
    #request; #requestBody; #response = new HttpResponseHeader(); #responseBody = new HttpBody(); #kept = {};
    constructor(start, body) {
      this.#request = start instanceof HttpRequestHeader ? start
        : start === undefined ? new HttpRequestHeader() : new HttpRequestHeader("GET", start, "HTTP/1.1");
      this.#requestBody = body instanceof HttpBody ? body : new HttpBody(body ?? "");
    }
    getRequestHeader() { return this.#request; }
    setRequestHeader(header) { this.#request = header instanceof HttpRequestHeader ? header : new HttpRequestHeader(String(header)); }
    getRequestBody() { return this.#requestBody; }
    setRequestBody(body) {
      const content = body instanceof HttpBody ? HttpBody.contentOf(body) : body;
      this.#requestBody.setBody(content);
    }
    getResponseHeader() { return this.#response; }
    setResponseHeader(header) { this.#response = header instanceof HttpResponseHeader ? header : new HttpResponseHeader(String(header)); }
    getResponseBody() { return this.#responseBody; }
    setResponseBody(body) { this.#responseBody = body instanceof HttpBody ? body : new HttpBody(String(body)); }
    getCookieParams() { return this.#request.getCookieParams(); }
    setCookieParams(cookies) { this.#request.setCookieParams(cookies); }
    getCookieParamsAsString() { return this.#request.getHeaderValues("Cookie").toArray().join("; "); }
    setCookies(cookies) { this.#request.setCookies(cookies); }
    getUrlParams() { return params(this.#request.getURI().getEscapedQuery(), Type.url); }
    setGetParams(all) { this.#request.getURI().setEscapedQuery(form(all, Type.url) || null); }
    getFormParams() { return params(this.#requestBody.toString(), Type.form); }
    setFormParams(all) { this.#requestBody.setFormParams(all); }
    cloneRequest() {
      const from = this.#request;
      const header = new HttpRequestHeader(from.getMethod(), from.getURI().clone(), from.getVersion());
      for (const [name, value] of HttpHeader.fieldsOf(from)) header.addHeader(name, value);
      return new HttpMessage(header, new HttpBody(HttpBody.contentOf(this.#requestBody)));
    }
    cloneAll() {
      const copy = this.cloneRequest();
      copy.setResponseHeader(this.#response.toString());
      copy.setResponseBody(new HttpBody(HttpBody.contentOf(this.#responseBody)));
      return copy;
    }
    getNote() { return this.#kept.note ?? ""; }
    setNote(note) { this.#kept.note = note; }
    getUserObject() { return this.#kept.user ?? null; }
    setUserObject(object) { this.#kept.user = object; }
    getRequestingUser() { return null; }
    getHttpSession() { return null; }
    getHistoryRef() { return null; }
    isWebSocketUpgrade() { return equalNames(this.#request.getHeader("Upgrade") ?? "", "websocket"); }
  }
  types["org.parosproxy.paros.network.HttpMessage"] = bean(HttpMessage);

  const body = (call, side, charset) => new HttpBody({
    text: (as) => host.text(call, side, as), bytes: () => host.bytes(call, side), length: () => host.length(call, side),
  }, charset);

  // A message of the host as a script sees it.
  types.wrap = function wrap(raw) {
    const header = new HttpRequestHeader(raw.method, raw.url, "HTTP/1.1");
    for (const [name, value] of raw.headers) header.addHeader(name, value);
    const message = new HttpMessage(header, body(raw.call, "request", header.getCharset()));
    const response = new HttpResponseHeader(raw.status === 0 ? "" : `HTTP/1.1 ${raw.status} ${raw.reason}`);
    for (const [name, value] of raw.answer) response.addHeader(name, value);
    message.setResponseHeader(response);
    message.setResponseBody(body(raw.call, "response", response.getCharset()));
    return message;
  };

  // What the host takes back: the request, and its body if that was changed.
  types.unwrap = function unwrap(message) {
    const header = message.getRequestHeader();
    const request = {
      method: header.getMethod(), url: header.getURI().toString(), headers: HttpHeader.fieldsOf(header),
    };
    const content = HttpBody.changeOf(message.getRequestBody());
    return { request: JSON.stringify(request), body: content === null ? null : host.binary(message.getRequestBody().getBytes()) };
  };
})
