// Preloaded into every document of a crawl, first of its scripts: watches what the page is busy with and who listens to what.
(() => {
  'use strict';
  const KEY = Symbol.for('handstamp.crawl');
  if (window[KEY]) return;

  const now = performance.now.bind(performance);
  const later = window.setTimeout.bind(window);
  const Soon = Promise;
  const sourceOf = Function.prototype.toString;
  const random = Math.random().toString(36).slice(2);

  // ---- hooks: Proxies, so that the page cannot tell ----

  const hook = (object, name, around) => {
    try {
      const descriptor = Object.getOwnPropertyDescriptor(object, name);
      const apply = (target, self, args) => around((given = args) => Reflect.apply(target, self, given), self, args);
      Object.defineProperty(object, name, { ...descriptor, value: new Proxy(descriptor.value, { apply }) });
    } catch { /* a browser without it */ }
  };

  const listeners = new WeakMap();
  hook(EventTarget.prototype, 'addEventListener', (call, self, [type]) => {
    if (EVENTS.has(type)) {
      const target = self ?? window;
      if (!listeners.has(target)) listeners.set(target, new Set());
      listeners.get(target).add(type);
    }
    return call();
  });

  const closed = new WeakMap();
  hook(Element.prototype, 'attachShadow', (call, self) => {
    const root = call();
    closed.set(self, root);
    watch(root);
    return root;
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
    self.addEventListener('loadend', track(), { once: true });
    return call();
  });

  // Timers that start timers in a chain are polling: nothing to wait for. Longer ones that come again and again
  // without a call to the server are decoration.
  const timers = new Map();
  const decoration = new Map();
  let depth = 0;
  const isTracked = (callback, delay, kind) => {
    if (typeof callback !== 'function' || delay > SHORT_TIMER || depth >= CHAIN) return false;
    if (delay <= BRIEF) return true;
    decoration.set(kind, (decoration.get(kind) ?? 0) + 1);
    return decoration.get(kind) <= 2;
  };
  hook(window, 'setTimeout', (call, self, args) => {
    const [callback, delay = 0] = args;
    const kind = `${delay} ${typeof callback === 'function' ? sourceOf.call(callback).slice(0, 80) : ''}`;
    if (!isTracked(callback, delay, kind)) return call();
    const inner = depth + 1;
    let id = 0;
    const fire = function (...given) {
      timers.delete(id);
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
    timers.set(id, now() + Number(delay));
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
      opened.push(new URL(url ?? 'about:blank', document.baseURI).href);
    } catch { /* no address */ }
    return call();
  });

  let active = now();
  const observer = new MutationObserver(() => { active = now(); });
  const watch = (root) => observer.observe(root, {
    subtree: true, childList: true, characterData: true, attributes: true,
    attributeFilter: ['class', 'style', 'hidden', 'disabled', 'open', 'aria-hidden', 'aria-expanded', 'href', 'src'],
  });
  watch(document);

  // ---- quiet ----

  const isBusy = (time) => {
    if (document.readyState === 'loading') return true;
    for (const call of calls) if (time - call.since < LONG_CALL) return true;
    for (const [id, due] of timers) {
      if (due > time) return true;
      if (due < time - 200) timers.delete(id);
    }
    // Nothing is drawn of a page that is hidden, so its animations stand still.
    return !document.hidden && document.getAnimations?.().some((animation) => {
      const { endTime, localTime } = animation.effect?.getComputedTiming() ?? {};
      return animation.playState === 'running' && endTime - localTime < BRIEF;
    });
  };

  let patience = 1500;
  const settle = async (quiet, limit) => {
    const start = now();
    for (;;) {
      const time = now();
      const busy = isBusy(time);
      // What moves for ever is decoration: after a while only calls and timers count, and the next time sooner.
      const still = time - active >= quiet;
      const restless = !still && time - start > patience;
      if (restless) patience = Math.max(patience / 2, quiet * 2);
      if (!busy && (still || restless) && time - start >= Math.min(quiet, MINIMUM)) return true;
      if (time - start > limit) return false;
      await new Soon((done) => later(done, 15));
    }
  };

  const EVENTS = new Set(['click', 'dblclick', 'contextmenu', 'mousedown', 'mouseup', 'pointerdown', 'pointerup', 'touchstart',
    'mouseenter', 'mouseover', 'pointerenter', 'keydown', 'keyup', 'keypress', 'change', 'input', 'submit']);
  const SHORT_TIMER = 1500;
  const BRIEF = 300;
  const CHAIN = 3;
  const LONG_CALL = 4000;
  const MINIMUM = 40;

  const touch = () => { active = now(); };
  Object.defineProperty(window, KEY, {
    value: { document, random, listeners, closed, opened, EVENTS, now, settle, touch }, enumerable: false,
  });
})();
