// Preloaded before the agent of a crawl, a function of what to watch and what to leave alone: tells when parts of the session
// leave the browser's storage, which handlers would end it, and keeps a page awake that waits for somebody to fall asleep.
((watched, selectors) => {
  'use strict';
  const KEY = Symbol.for('handstamp.guard');
  if (window[KEY]) return;

  const CLICKS = new Set(['click', 'mousedown', 'mouseup', 'pointerdown', 'pointerup', 'touchstart', 'submit']);
  const STIRS = new Set(['mousemove', 'pointermove', 'keydown', 'keyup', 'scroll', 'wheel', 'touchstart']);
  const ENDS = /storage\b[^;]{0,40}\.(removeItem|clear)\s*\(|\b(log_?out|sign_?out|log_?off)\w*\s*\(|[/'"](log-?out|sign-?out)['"?]|cookie\s*=[^;]{0,60};?[^;]{0,60}(max-age=0|expires=Thu,? 01)/i;
  const LONGEST = 1500;
  const LONG = 2000;
  const STIR_EVERY = 1000;

  const sourceOf = Function.prototype.toString;
  const read = Storage.prototype.getItem;
  const every = window.setInterval.bind(window);
  const closest = Element.prototype.closest;
  const queryAll = Document.prototype.querySelectorAll;

  const { hook } = window[Symbol.for('handstamp.hook')];

  // ---- what would end the session, by the source of its handler: a hint only, for handlers call others ----

  const speaks = (handler) => {
    if (typeof handler !== 'function') return false;
    try {
      const source = Reflect.apply(sourceOf, handler, []);
      return source.length < LONGEST && ENDS.test(source);
    } catch {
      return false;
    }
  };

  const ending = new WeakSet();
  const awake = new Set();
  hook(EventTarget.prototype, 'addEventListener', (call, self, [type, handler]) => {
    const target = self ?? window;
    const listener = typeof handler === 'object' ? handler?.handleEvent : handler;
    if (CLICKS.has(type) && speaks(listener)) ending.add(target);
    if (STIRS.has(type) && (target === window || target === document || target === document.body)) awake.add(type);
    return call();
  });

  const endsSession = (element) => {
    if (ending.has(element) || speaks(element.onclick) || speaks(element.onmousedown)) return true;
    const react = Object.keys(element).find((name) => name.startsWith('__reactProps$'));
    return Boolean(react) && speaks(element[react]?.onClick);
  };

  // ---- pages that log out whoever does nothing for long ----

  for (const name of ['setTimeout', 'setInterval']) {
    hook(window, name, (call, self, args) => {
      const [callback, delay = 0] = args;
      return delay >= LONG && speaks(callback) ? call([() => undefined, ...args.slice(1)]) : call();
    });
  }

  const stir = () => {
    // Who listens for two kinds of activity on the whole page asks whether anybody is there.
    if (awake.size < 2) return;
    const at = { bubbles: true, cancelable: true, view: window, clientX: 1, clientY: 1 };
    for (const type of awake) {
      if (type.startsWith('key')) document.dispatchEvent(new KeyboardEvent(type, { key: 'Shift', code: 'ShiftLeft', bubbles: true }));
      else if (type === 'pointermove') document.dispatchEvent(new PointerEvent(type, at));
      else if (type === 'mousemove') document.dispatchEvent(new MouseEvent(type, at));
      else document.dispatchEvent(new Event(type, { bubbles: true }));
    }
  };
  if (window === window.top) every(stir, STIR_EVERY);

  // ---- the browser's copy of the session ----

  const has = (storage, name) => {
    try {
      return Reflect.apply(read, window[storage], [name]) !== null;
    } catch {
      return true;
    }
  };

  const missing = () => {
    const mine = watched[location.origin];
    if (!mine) return [];
    const cookies = mine.cookies.length ? document.cookie.split('; ').map((pair) => pair.split('=')[0]) : [];
    return [
      ...mine.localStorage.filter((name) => !has('localStorage', name)).map((name) => `localStorage \`${name}\``),
      ...mine.sessionStorage.filter((name) => !has('sessionStorage', name)).map((name) => `sessionStorage \`${name}\``),
      ...mine.cookies.filter((name) => !cookies.includes(name)).map((name) => `cookie \`${name}\``),
    ];
  };

  const excludes = (element) => selectors.some((selector) => {
    try {
      return Reflect.apply(closest, element, [selector]) !== null;
    } catch {
      return false;
    }
  });

  const excluded = () => selectors.flatMap((selector) => {
    try {
      return [...Reflect.apply(queryAll, document, [selector])];
    } catch {
      return [];
    }
  });

  Object.defineProperty(window, KEY, { value: { missing, excludes, excluded, endsSession }, enumerable: false });
})
