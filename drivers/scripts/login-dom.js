// What a look at a page stands on: a function of a key, with which a preload script gives closed shadow roots away. It
// gives all elements, shadow roots included, and ways to ask what a person would see of them.
((key) => {
  const closed = (() => {
    const ask = (host) => host.attachShadow(key);
    try {
      ask(document.documentElement);
      return ask;
    } catch {
      return () => null;
    }
  })();
  const rootOf = (element) => element.shadowRoot || closed(element);

  const all = [];
  const walk = (root) => {
    for (const element of root.querySelectorAll('*')) {
      all.push(element);
      const shadow = rootOf(element);
      if (shadow) walk(shadow);
    }
  };
  walk(document);

  const parent = (element) => element.parentElement || (element.getRootNode() instanceof ShadowRoot ? element.getRootNode().host : null);
  const holds = (outer, inner) => {
    for (let at = inner; at; at = parent(at)) if (at === outer) return true;
    return false;
  };

  // Who would get a click in the middle of an element, seen through shadow roots.
  const hit = (element) => {
    const box = element.getBoundingClientRect();
    let root = document;
    let at = null;
    for (;;) {
      const next = root.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
      if (!next || next === at) return at;
      at = next;
      root = rootOf(at);
      if (!root) return at;
    }
  };

  const isVisible = (element) => {
    if (!element.isConnected) return false;
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) return false;
    const style = getComputedStyle(element);
    if (style.visibility !== 'visible' || style.display === 'none') return false;
    if (element.checkVisibility && !element.checkVisibility({ checkVisibilityCSS: true })) return false;
    const isClear = Number(style.opacity) === 0 || (element.checkVisibility && !element.checkVisibility({ checkOpacity: true }));
    // Styled boxes often have a transparent field over them, which takes the clicks.
    return !isClear || (element.tagName === 'INPUT' && hit(element) === element);
  };

  const text = (element) => (element?.innerText || element?.textContent || '').replace(/\s+/g, ' ').trim();
  const aria = (element) => {
    const named = element.getAttribute('aria-labelledby');
    const root = element.getRootNode();
    const others = named ? named.split(/\s+/).map((id) => text(root.getElementById?.(id))) : [];
    return [element.getAttribute('aria-label') || '', ...others].filter(Boolean).join(' ');
  };
  const label = (element) => {
    const own = element.tagName === 'INPUT' ? element.value || element.alt : text(element);
    const drawn = element.querySelector?.('svg title, img[alt]');
    return (own || aria(element) || element.title || text(drawn) || drawn?.alt || '').trim().slice(0, 60);
  };
  const labels = (element) => [...(element.labels || [])].map(text).concat(aria(element)).filter(Boolean).join(' ');
  const describe = (element) => [element.name, element.id, element.placeholder, element.title, element.getAttribute('autocomplete'),
    element.getAttribute('formcontrolname'), labels(element)].filter(Boolean).join(' ');
  const marks = (element) => [element.id, element.getAttribute('name'), element.getAttribute('class'), element.getAttribute('action'),
    element.getAttribute('aria-label')].filter(Boolean).join(' ');
  const name = (element) => element.name || element.id || element.getAttribute('aria-label') || element.placeholder || element.type;

  // What lies over an element so that a click would not reach it, as a whole layer.
  const overlay = (element) => {
    const top = hit(element);
    if (!top || holds(element, top) || holds(top, element) || top.closest('label')?.control === element) return null;
    let at = top;
    while (parent(at) && !holds(parent(at), element)) at = parent(at);
    const box = at.getBoundingClientRect();
    const own = element.getBoundingClientRect();
    // Floating labels and icons lie over fields by design.
    return box.width * box.height > own.width * own.height * 1.5 || at.matches('dialog, [role=dialog], [aria-modal=true]') ? at : null;
  };
  const floats = (element) => {
    for (let at = element; at && at !== document.body; at = parent(at)) {
      const style = getComputedStyle(at);
      if (at.matches('dialog, [role=dialog], [role=alertdialog], [aria-modal=true]') || style.position === 'fixed' || style.position === 'sticky') return at;
    }
    return null;
  };

  return { all, parent, holds, hit, isVisible, text, aria, label, labels, describe, marks, name, overlay, floats };
})
