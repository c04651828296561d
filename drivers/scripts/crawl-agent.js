// Preloaded into every document of a crawl, after its hooks: watches what the page is busy with and who listens to what.
(() => {
  'use strict';
  const KEY = Symbol.for('handstamp.crawl');
  if (window[KEY]) return;

  const now = performance.now.bind(performance);
  const later = window.setTimeout.bind(window);
  const soon = window.requestAnimationFrame.bind(window);
  const Soon = Promise;
  const sourceOf = Function.prototype.toString;
  const random = Math.random().toString(36).slice(2);

  const { hook, wrap } = window[Symbol.for('handstamp.hook')];

  // Who listens to what, and with what: the handlers tell which keys and which elements below they are for.
  const listeners = new WeakMap();
  const heardOf = new Set();
  const { addEventListener } = EventTarget.prototype;
  const listen = (target, type, handler) => Reflect.apply(addEventListener, target, [type, handler, true]);
  hook(EventTarget.prototype, 'addEventListener', (call, self, [type, handler]) => {
    if (handler) {
      heardOf.add(type);
      const target = self ?? window;
      if (!listeners.has(target)) listeners.set(target, new Map());
      const types = listeners.get(target);
      if (!types.has(type)) types.set(type, new Set());
      types.get(type).add(handler);
    }
    return call();
  });
  hook(EventTarget.prototype, 'removeEventListener', (call, self, [type, handler]) => {
    const handlers = listeners.get(self ?? window)?.get(type);
    if (handlers?.delete(handler) && !handlers.size) listeners.get(self ?? window).delete(type);
    return call();
  });

  const closed = new WeakMap();
  hook(Element.prototype, 'attachShadow', (call, self) => {
    const root = call();
    closed.set(self, root);
    watch(root);
    return root;
  });

  // Steps in the history that keep the address can only be left by going back.
  let kept = 0;
  hook(History.prototype, 'pushState', (call, self, args) => {
    const before = location.href;
    const result = call();
    if (location.href === before) kept += 1;
    return result;
  });

  const calls = new Set();
  const track = () => {
    const one = { since: now() };
    calls.add(one);
    return () => {
      calls.delete(one);
      active = now();
    };
  };
  hook(window, 'fetch', (call) => {
    const done = track();
    const answer = call();
    Reflect.apply(Soon.prototype.then, answer, [done, done]);
    return answer;
  });
  hook(XMLHttpRequest.prototype, 'send', (call, self) => {
    listen(self, 'loadend', track());
    return call();
  });

  // A worker is waited for until it first has something to say.
  try {
    const construct = (target, args, kind) => {
      const worker = Reflect.construct(target, args, kind);
      const done = track();
      listen(worker, 'message', done);
      later(done, SHORT_TIMER);
      return worker;
    };
    Object.defineProperty(window, 'Worker', { ...Object.getOwnPropertyDescriptor(window, 'Worker'), value: wrap(Worker, { construct }) });
  } catch { /* a browser without it */ }

  // Timers that start timers in a chain are polling: nothing to wait for. Longer ones that come again and again
  // without a call to the server are decoration, and so are the longest once they are known to bring nothing to do.
  const timers = new Map();
  const decoration = new Map();
  let idle = new Set();
  const spent = new Set();
  let depth = 0;
  const polls = new Map();
  const isTracked = (callback, delay, kind) => {
    if (typeof callback !== 'function' || delay > LONG_TIMER || depth >= CHAIN) return false;
    if (delay <= BRIEF) return !isPoll(kind);
    decoration.set(kind, (decoration.get(kind) ?? 0) + 1);
    return decoration.get(kind) <= 2;
  };
  // Loops that await their timers show no chain: a kind that comes again and again while nothing changes is polling for good.
  const isPoll = (kind) => {
    const known = polls.get(kind);
    if (known?.count > MOST_POLLS) return true;
    polls.set(kind, { count: known?.changes === changes ? known.count + 1 : 1, changes });
    return false;
  };
  hook(window, 'setTimeout', (call, self, args) => {
    const [callback, delay = 0] = args;
    const kind = `${delay} ${typeof callback === 'function' ? Reflect.apply(sourceOf, callback, []).slice(0, 80) : ''}`;
    if (!isTracked(callback, delay, kind)) return call();
    const inner = depth + 1;
    let id = 0;
    const fire = function (...given) {
      timers.delete(id);
      if (delay > SHORT_TIMER) spent.add(kind);
      const [outer, before] = [depth, calls.size];
      depth = inner;
      try {
        return Reflect.apply(callback, this, given);
      } finally {
        depth = outer;
        active = now();
        if (calls.size > before) decoration.set(kind, -1e6);
      }
    };
    id = call([fire, ...args.slice(1)]);
    timers.set(id, { due: now() + Number(delay), long: delay > SHORT_TIMER && kind });
    return id;
  });
  hook(window, 'clearTimeout', (call, self, [id]) => {
    timers.delete(id);
    return call();
  });

  // Dialogs would stop the page until somebody answers; windows are noted, and closed from outside.
  const opened = [];
  hook(window, 'alert', () => undefined);
  hook(window, 'confirm', () => true);
  hook(window, 'prompt', (call, self, [, preset]) => preset || '1');
  hook(window, 'print', () => undefined);
  hook(window, 'open', (call, self, [url]) => {
    try {
      opened.push(new URL(url || 'about:blank', document.baseURI).href);
    } catch { /* no address */ }
    const other = call();
    if (other) windows.add(other);
    return other;
  });

  // What a page writes into a window and never closes counts as being loaded for ever, and whoever goes there waits for that.
  const windows = new Set();
  const takeOpened = () => {
    windows.forEach((other) => {
      try {
        if (other.closed) windows.delete(other);
        else if (other.document.readyState === 'loading') other.document.close();
      } catch { /* it shows another origin */ }
    });
    return opened.splice(0);
  };

  let active = now();
  let changes = 0;
  const observer = new MutationObserver((records) => {
    active = now();
    if (records.some(({ type }) => type !== 'attributes')) changes += 1;
  });
  const watch = (root) => observer.observe(root, {
    subtree: true, childList: true, characterData: true, attributes: true,
    attributeFilter: ['class', 'style', 'hidden', 'disabled', 'open', 'aria-hidden', 'aria-expanded', 'href', 'src'],
  });
  watch(document);

  // ---- quiet ----

  // A page that is about to be left is not at rest, however long the browser takes to ask for the next one.
  let leaving = 0;
  window.navigation?.addEventListener('navigate', ({ destination, downloadRequest }) => {
    if (!destination.sameDocument && downloadRequest === null) leaving = now();
  });
  window.navigation?.addEventListener('navigateerror', () => { leaving = 0; });

  const isBusy = (time) => {
    if (document.readyState === 'loading' || (leaving && time - leaving < LONG_LEAVE)) return true;
    for (const call of calls) if (time - call.since < LONG_CALL) return true;
    for (const [id, { due, long }] of timers) {
      // One that is due may be a little late.
      if (due < time - 200) timers.delete(id);
      else if (!(long && idle.has(long))) return true;
    }
    // The end of an animation matters for as long as somebody waits for it.
    const patient = heardOf.has('animationend') || heardOf.has('transitionend') ? SHORT_TIMER : BRIEF;
    // Nothing is drawn of a page that is hidden, so its animations stand still.
    return !document.hidden && document.getAnimations?.().some((animation) => {
      const { endTime, localTime } = animation.effect?.getComputedTiming() ?? {};
      return animation.playState === 'running' && endTime - localTime < patient;
    });
  };

  let patience = 1500;
  const settle = async (quiet, limit) => {
    const start = now();
    let frames = 0;
    const draw = () => { if ((frames += 1) < 2) soon(draw); };
    soon(draw);
    for (;;) {
      const time = now();
      // What is drawn may bring observers into play; what is not shown is never drawn.
      const busy = isBusy(time) || (frames < 2 && time - start < UNDRAWN);
      // What moves for ever is decoration: after a while only calls and timers count, and the next time sooner.
      const still = time - active >= quiet;
      const restless = !still && time - start > patience;
      if (restless) patience = Math.max(patience / 2, quiet * 2);
      if (!busy && (still || restless) && time - start >= Math.min(quiet, MINIMUM)) return true;
      if (time - start > limit) return false;
      await new Soon((done) => later(done, 15));
    }
  };

  // The agents of a page's frames speak through ports that only they know of.
  listen(window, 'message', (event) => {
    if (event.data?.[0] !== SECRET) return;
    event.stopImmediatePropagation();
    const [, method, args] = event.data;
    const [port] = event.ports;
    const answer = (value) => port.postMessage(value);
    if (METHODS.has(method)) Soon.resolve(agent[method](...args)).then(answer, () => answer(null));
  });

  const { MessageChannel } = window;
  const askFrame = (frame, method, args, limit) => new Soon((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (event) => done(event.data);
    frame.postMessage([SECRET, method, args], '*', [port2]);
    later(() => done(null), limit);
  });

  const SECRET = '{{secret}}';
  const METHODS = new Set(['ping', 'forceLast', 'observe', 'prepare', 'scrollOn']);
  const SHORT_TIMER = 1500;
  const LONG_TIMER = 3500;
  const BRIEF = 300;
  const CHAIN = 3;
  const MOST_POLLS = 10;
  const LONG_LEAVE = 3000;
  const LONG_CALL = 4000;
  const MINIMUM = 40;
  const UNDRAWN = 300;

  const agent = {
    document, random, listeners, heardOf, closed, opened, takeOpened, now, later, settle, askFrame, sourceOf,
    touch: () => { active = now(); },
    // Which of the longest timers are not worth waiting for; and those that have come to their end since this was asked last.
    forget: (kinds) => { idle = new Set(kinds); },
    spend: () => [...spent].filter((kind) => spent.delete(kind)),
    keptSteps: () => kept,
    changes: () => changes,
  };
  Object.defineProperty(window, KEY, { value: agent, enumerable: false });
})();
