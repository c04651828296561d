// Gives a tab its sessionStorage, once for each origin: a function of [{ origin, items: [{ name, value }] }].
// A mark tells that it ran. An application that clears the storage at logout takes the mark away too: it is put back when the page goes.
((all) => {
  try {
    const own = all.find(({ origin }) => origin === location.origin);
    if (!own) return;
    const storage = sessionStorage, mark = 'handstamp';
    const { getItem, setItem } = Storage.prototype, { apply } = Reflect;
    // A frame shares the storage of its page, and a pop-up begins with a copy of its opener's: there it was done.
    const isOf = (other) => {
      try {
        return other !== null && other !== window && other.location.origin === own.origin;
      } catch {
        return false;
      }
    };
    const isFirst = !isOf(top) && !isOf(parent) && !isOf(opener) && storage.getItem(mark) === null;
    if (isFirst) {
      for (const { name, value } of own.items) if (apply(getItem, storage, [name]) === null) apply(setItem, storage, [name, value]);
    }
    apply(setItem, storage, [mark, '1']);
    addEventListener('pagehide', () => apply(setItem, storage, [mark, '1']), { capture: true });
  } catch {
    // An opaque origin, or storage that is switched off: there is nothing to put back.
  }
})
