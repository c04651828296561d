// What stands at hand in a script: Java, package paths, print, ScriptVars, and the session wrapper.
(function (host, types, scriptName) {
  "use strict";

  const { wrap, unwrap, bean } = types;
  for (const name of ["wrap", "unwrap", "bean"]) delete types[name];
  const LinkedHashMap = types["java.util.LinkedHashMap"];
  const text = (value) => value === undefined || value === null ? null : String(value);
  const json = (value, what) => {
    if (value === undefined || value === null) return null;
    const written = JSON.stringify(value);
    if (written === undefined) throw new TypeError(`${what} cannot be kept: it is a ${typeof value}, not data`);
    return written;
  };
  const unjson = (value) => value == null ? null : JSON.parse(value);

  // The first argument of the per-script calls is a script's name, or the context of the running one.
  const home = (of) => `script:${typeof of === "string" ? of : scriptName}`;
  const all = (scope) => new LinkedHashMap(JSON.parse(host.globals(scope)));
  types["org.zaproxy.zap.extension.script.ScriptVars"] = Object.freeze({
    getGlobalVar: (key) => text(unjson(host.global("", String(key)))),
    setGlobalVar: (key, value) => host.setGlobal("", String(key), json(text(value))),
    getGlobalVars: () => all(""),
    getGlobalCustomVar: (key) => unjson(host.global("custom", String(key))),
    setGlobalCustomVar: (key, value) => host.setGlobal("custom", String(key), json(value, `the variable \`${key}\``)),
    getGlobalCustomVars: () => all("custom"),
    getScriptVar: (of, key) => text(unjson(host.global(home(of), String(key)))),
    setScriptVar: (of, key, value) => host.setGlobal(home(of), String(key), json(text(value))),
    getScriptVars: (of) => all(home(of)),
    getScriptCustomVar: (of, key) => unjson(host.global(`custom ${home(of)}`, String(key))),
    setScriptCustomVar: (of, key, value) => host.setGlobal(`custom ${home(of)}`, String(key), json(value, `the variable \`${key}\``)),
    getScriptCustomVars: (of) => all(`custom ${home(of)}`),
  });
  types["com.stackhawk.hste.extension.script.ScriptVars"] = types["org.zaproxy.zap.extension.script.ScriptVars"];
  types["org.zaproxy.zap.utils.Stats"] = Object.freeze({ incCounter() {}, decCounter() {}, setHighwaterMark() {} });

  const names = Object.keys(types).sort();
  const unknown = (name) => new TypeError(
    `the Java type \`${name}\` is not offered to session scripts\nhint: these are: ${names.join(", ")}`);
  const type = (name) => {
    if (!Object.hasOwn(types, name)) throw unknown(name);
    return types[name];
  };

  // A package path like `org.parosproxy.paros.network`, where a name in capitals must be a type.
  const path = (prefix) => new Proxy(function () {}, {
    get(_, key) {
      if (typeof key === "symbol" || key === "toString" || key === "valueOf") return () => `[JavaPackage ${prefix}]`;
      const name = prefix === "" ? key : `${prefix}.${key}`;
      if (Object.hasOwn(types, name)) return types[name];
      if (/^[A-Z]/.test(key)) throw unknown(name);
      return path(name);
    },
    apply() { throw unknown(prefix); },
    construct() { throw unknown(prefix); },
  });
  const within = (pkg) => {
    const prefix = /^\[JavaPackage (.*)\]$/.exec(String(pkg))?.[1];
    return names.filter((name) => prefix !== undefined && name.startsWith(`${prefix}.`) && !name.slice(prefix.length + 1).includes("."));
  };
  const simple = (name) => name.slice(name.lastIndexOf(".") + 1);
  const named = (value) => names.find((name) => types[name] === value);

  const offer = (all) => {
    for (const [name, value] of Object.entries(all)) {
      Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
    }
  };
  const say = (...given) => host.print(given.map(String).join(" ").toWellFormed());

  // For `with (new JavaImporter(…)) { … }`.
  function JavaImporter(...parts) {
    const found = {};
    for (const part of parts) {
      const direct = named(part);
      for (const name of direct ? [direct] : within(part)) found[simple(name)] = types[name];
    }
    return found;
  }

  offer({
    Java: Object.freeze({
      type, from: (list) => Array.from(list), to: (list, kind) => /^byte/.test(String(kind)) ? Uint8Array.from(list) : Array.from(list),
      synchronized: (f) => f, isJavaObject: () => false, isType: (value) => named(value) !== undefined,
      extend() { throw new TypeError("Java.extend is not offered to session scripts"); },
    }),
    Packages: path(""), org: path("org"), java: path("java"), javax: path("javax"), net: path("net"), com: path("com"),
    JavaImporter,
    importClass: (...all) => {
      for (const each of all) {
        const name = named(each);
        if (name === undefined) throw new TypeError("importClass: this is no Java type");
        offer({ [simple(name)]: each });
      }
    },
    importPackage: (...all) => { for (const each of all) for (const name of within(each)) offer({ [simple(name)]: types[name] }); },
    load: (what) => {
      if (!/^nashorn:/.test(String(what))) throw new TypeError("load is not offered to session scripts: they have no files");
    },
    print: say, println: say,
    console: Object.freeze({ log: say, info: say, warn: say, error: say, debug: say }),
    context: Object.freeze({ toString: () => scriptName }),
    "zap.script.name": scriptName,
  });

  class Session {
    getValue(key) { return unjson(host.value(String(key))); }
    setValue(key, value) { host.setValue(String(key), json(value, `the session value \`${key}\``)); }
  }
  class SessionWrapper {
    #message; #session = new Session();
    constructor(message) { this.#message = message; }
    getHttpMessage() { return this.#message; }
    getSession() { return this.#session; }
    getParam(name) { return host.parameter(String(name)) ?? null; }
  }
  bean(SessionWrapper);

  // Runs one of the script's functions on a message; once that has ended, `finish` gives back what became of it.
  let current = null;
  return {
    start(script, raw) {
      current = wrap(JSON.parse(raw));
      return script(new SessionWrapper(current));
    },
    finish() {
      const message = current;
      current = null;
      return unwrap(message);
    },
  };
})
