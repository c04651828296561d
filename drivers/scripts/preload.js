// Puts back what belongs to one tab, before the page's own scripts: a function of (origin, items, mark).
// Only what is missing is written: a pop-up starts with a copy of its opener's storage.
// With a mark it remembers by itself that it ran; otherwise it leaves the list of its keys for whoever takes them back.
((origin, items, mark) => {
  try {
    if (location.origin !== origin) return;
    for (const [storage, entries] of [[sessionStorage, items.sessionStorage], [localStorage, items.localStorage]]) {
      if (!entries || !entries.length || (mark && storage.getItem(mark) !== null)) continue;
      const written = [];
      for (const { name, value } of entries) {
        if (storage.getItem(name) !== null) continue;
        try {
          storage.setItem(name, value);
          written.push(name);
        } catch {
          // There is no room for it; a shorter one may still fit.
        }
      }
      if (mark) storage.setItem(mark, '1');
      else if (written.length) Object.defineProperty(globalThis, Symbol.for('handstamp'), { value: written, configurable: true });
    }
  } catch {
    // An opaque origin, or storage that is switched off: there is nothing to put back.
  }
})
