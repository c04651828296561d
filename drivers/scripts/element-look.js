// How elements are seen by flows and by whoever records them: an expression whose value is an object of functions.
(() => {
  const INTERACTIVE = 'a, button, input, select, textarea, summary, label, option, [role], [onclick], [tabindex], [contenteditable]';
  const flat = (text) => (text || '').replace(/\s+/g, ' ').trim();
  // A preload script may give away closed shadow roots, for a key.
  const closed = (() => {
    const ask = (host) => host.attachShadow('{{key}}');
    try {
      ask(document.documentElement);
      return ask;
    } catch {
      return () => null;
    }
  })();
  const shadow = (element) => element.shadowRoot || closed(element);
  const rootsBelow = (root) => {
    const roots = [root];
    for (const element of root.querySelectorAll('*')) if (shadow(element)) roots.push(...rootsBelow(shadow(element)));
    return roots;
  };
  const everything = (scope) => rootsBelow(scope).flatMap((root) => [...root.querySelectorAll('*')]);

  const isVisible = (element) => {
    const box = element.getBoundingClientRect();
    if (box.width < 1 || box.height < 1) return false;
    const style = getComputedStyle(element);
    return style.visibility === 'visible' && style.display !== 'none'
      && (!element.checkVisibility || element.checkVisibility({ checkVisibilityCSS: true }));
  };

  const textOf = (element) => flat(element.tagName === 'INPUT' ? (/^(button|submit|reset)$/.test(element.type) ? element.value : '') : element.textContent);
  const TYPES = { checkbox: 'checkbox', radio: 'radio', button: 'button', submit: 'button', reset: 'button', image: 'button', range: 'slider', number: 'spinbutton', search: 'searchbox' };
  const TAGS = { A: 'link', BUTTON: 'button', SUMMARY: 'button', TEXTAREA: 'textbox', SELECT: 'combobox', OPTION: 'option', IMG: 'image', IFRAME: 'Iframe',
    LI: 'listitem', UL: 'list', OL: 'list', FORM: 'form', NAV: 'navigation', MAIN: 'main', DIALOG: 'dialog', LABEL: 'LabelText',
    H1: 'heading', H2: 'heading', H3: 'heading', H4: 'heading', H5: 'heading', H6: 'heading', P: 'paragraph', DIV: 'generic', SPAN: 'generic' };
  const roleOf = (element) => (element.getAttribute('role') || '').split(/\s+/)[0]
    || (element.tagName === 'INPUT' ? TYPES[element.type] || 'textbox' : TAGS[element.tagName] || '');
  const labelsOf = (element) => [...(element.labels || [])].map((label) => {
    const copy = label.cloneNode(true);
    for (const control of copy.querySelectorAll('input, select, textarea, button')) control.remove();
    return flat(copy.textContent);
  }).filter(Boolean).join(' ');
  const nameOf = (element) => {
    const root = element.getRootNode();
    const ids = (element.getAttribute('aria-labelledby') || '').split(/\s+/).filter(Boolean);
    const labelled = ids.map((id) => flat(root.getElementById?.(id)?.textContent)).filter(Boolean).join(' ');
    const content = /^(button|link|heading|option|menuitem|tab|checkbox|radio|switch)$/.test(roleOf(element)) ? textOf(element) : '';
    const image = flat(element.alt) || flat(element.querySelector?.('img[alt]')?.alt) || flat(element.querySelector?.('svg title')?.textContent);
    return labelled || flat(element.getAttribute('aria-label')) || labelsOf(element) || content || image
      || flat(element.getAttribute('title')) || flat(element.getAttribute('placeholder'));
  };

  const all = (root, css) => [...root.querySelectorAll(css)];
  const innermost = (found) => found.filter((element) => !found.some((other) => other !== element && element.contains(other)));
  const exactFirst = (found, value, words) => {
    const exact = found.filter((element) => words(element) === value);
    return exact.length ? exact : found;
  };
  const KINDS = {
    css(scope, css) {
      const own = all(scope, css);
      return own.length || scope !== document ? own : rootsBelow(document).slice(1).flatMap((root) => all(root, css));
    },
    pierce: (scope, css) => rootsBelow(scope).flatMap((root) => all(root, css)),
    xpath(scope, path) {
      const found = (root) => {
        const result = document.evaluate(path, root, null, 7, null);
        return Array.from({ length: result.snapshotLength }, (_, n) => result.snapshotItem(n)).filter((node) => node.nodeType === 1);
      };
      const own = found(scope);
      if (own.length || scope !== document) return own;
      return rootsBelow(document).slice(1).flatMap((root) => { try { return found(root); } catch { return []; } });
    },
    aria: (scope, name, role) => innermost(everything(scope).filter((element) =>
      (!role || roleOf(element) === role) && (!name || nameOf(element) === flat(name)) && (role || element.matches(INTERACTIVE) || roleOf(element)))),
    text(scope, value) {
      const words = flat(value);
      const found = everything(scope).filter((element) => !/^(SCRIPT|STYLE|NOSCRIPT|TEMPLATE|HTML|HEAD|TITLE)$/.test(element.tagName) && textOf(element).includes(words));
      return exactFirst(innermost(found), words, textOf);
    },
    link: (scope, value) => everything(scope).filter((element) => element.tagName === 'A' && textOf(element) === flat(value)),
    partialLink: (scope, value) => everything(scope).filter((element) => element.tagName === 'A' && textOf(element).includes(flat(value))),
  };
  const find = (steps) => {
    try {
      return steps.reduce((scopes, { kind, value, role }) =>
        [...new Set(scopes.flatMap((scope) => KINDS[kind]((scope !== document && shadow(scope)) || scope, value, role)))], [document]);
    } catch {
      return []; // A selector that this browser does not read finds nothing.
    }
  };

  // What an element looks like, by the names of the features.
  const LOOK = {
    tag: (element) => element.tagName.toLowerCase(),
    type: (element) => element.getAttribute('type') || '',
    role: roleOf,
    id: (element) => element.id,
    name: (element) => element.getAttribute('name') || '',
    label: nameOf,
    placeholder: (element) => element.getAttribute('placeholder') || '',
    text: textOf,
    autocomplete: (element) => element.getAttribute('autocomplete') || '',
    href: (element) => element.getAttribute('href') || '',
  };
  const isField = (element) => (/^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName) && !/^(button|submit|reset|image)$/.test(element.type)) || element.isContentEditable;
  return { INTERACTIVE, LOOK, everything, find, flat, isField, isVisible, nameOf, roleOf, shadow, textOf };
})()
