// Marks a page that asks for a passkey or a security key, for as long as it waits for one. Offers that fill in by themselves
// (conditional mediation) are not asking.
(() => {
  const container = globalThis.navigator?.credentials;
  if (!container?.get) return;
  const mark = Symbol.for('handstamp.passkey');
  const prototype = Object.getPrototypeOf(container);
  prototype.get = new Proxy(prototype.get, {
    apply(target, self, args) {
      const asked = Reflect.apply(target, self, args);
      const options = args[0];
      if (options?.publicKey && options.mediation !== 'conditional') {
        Object.defineProperty(globalThis, mark, { value: true, configurable: true });
        asked.then?.(() => delete globalThis[mark], () => {});
      }
      return asked;
    },
  });
})()
