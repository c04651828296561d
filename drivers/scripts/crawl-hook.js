// Preloaded first of a crawl's scripts: puts Proxies in the place of functions that the page calls, which print as what they stand
// for, so that the page cannot tell.
(() => {
  'use strict';
  const KEY = Symbol.for('handstamp.hook');
  if (window[KEY]) return;

  const sourceOf = Function.prototype.toString;
  const originals = new WeakMap();
  const originalOf = (value) => (originals.has(value) ? originalOf(originals.get(value)) : value);

  const wrap = (original, traps) => {
    const proxy = new Proxy(original, traps);
    originals.set(proxy, original);
    return proxy;
  };

  const hook = (object, name, around) => {
    try {
      const descriptor = Object.getOwnPropertyDescriptor(object, name);
      const apply = (target, self, args) => around((given = args) => Reflect.apply(target, self, given), self, args);
      Object.defineProperty(object, name, { ...descriptor, value: wrap(descriptor.value, { apply }) });
    } catch { /* a browser without it */ }
  };

  hook(Function.prototype, 'toString', (call, self) => (originals.has(self) ? Reflect.apply(sourceOf, originalOf(self), []) : call()));

  Object.defineProperty(window, KEY, { value: { hook, wrap }, enumerable: false });
})();
