// Looks around in a page of a crawl: which elements can be used, what they are called, and how each is known again.
(() => {
  'use strict';
  const KEY = Symbol.for('handstamp.crawl');
  const agent = window[KEY];
  if (!agent || agent.enumerate) return;
  const { EVENTS } = agent;

  const styleOf = window.getComputedStyle.bind(window);

  const childRoot = (element) => element.shadowRoot ?? agent.closed.get(element);

  const inner = (frame) => {
    try {
      return frame.contentWindow?.[KEY]?.document ?? frame.contentDocument;
    } catch {
      return null;
    }
  };

  const walk = function* (root) {
    for (const element of root.querySelectorAll('*')) {
      yield element;
      const shadow = childRoot(element);
      if (shadow) yield* walk(shadow);
      if (element.tagName === 'IFRAME' && inner(element)) yield* walk(inner(element));
    }
  };

  const parent = (element) => element.parentElement ?? element.getRootNode()?.host ?? null;

  const isVisible = (element) => {
    if (element.checkVisibility && !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return false;
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) return false;
    return box.right + scrollX > 0 && box.bottom + scrollY > 0;
  };

  const heard = (element) => {
    const own = new Set(listenersOf(element));
    for (const type of EVENTS) if (typeof element[`on${type}`] === 'function') own.add(type);
    const key = reactKey(element);
    for (const name of Object.keys((key && element[key]) || {})) {
      const type = name.slice(2).toLowerCase();
      if (name.startsWith('on') && EVENTS.has(type)) own.add(type);
    }
    return own;
  };

  const listenersOf = (element) => {
    const view = element.ownerDocument.defaultView;
    return (view === window ? agent.listeners : view?.[KEY]?.listeners)?.get(element) ?? [];
  };

  // React hears everything at its root, and keeps each element's handlers in a property of a random name.
  let react;
  const reactKey = (element) => {
    react ??= Object.keys(element).find((name) => name.startsWith('__reactProps$'));
    return react;
  };

  const text = (element) => (element.innerText ?? element.textContent ?? '').replace(/\s+/g, ' ').trim();

  const nameOf = (element) => {
    const labelled = (element.getAttribute('aria-labelledby') ?? '').split(' ').filter(Boolean)
      .map((id) => element.getRootNode().getElementById?.(id)).filter(Boolean).map(text).join(' ');
    const image = element.querySelector?.('img[alt]')?.alt;
    return (element.getAttribute('aria-label') || labelled || (BUTTONS.has(element.type) && element.value)
      || (FIELD.test(element.tagName) ? labelOf(element) : text(element)) || element.title || element.alt || image || '')
      .slice(0, 100);
  };

  const labelOf = (field) => [...(field.labels ?? [])].map(text).join(' ') || field.getAttribute('aria-label')
    || field.placeholder || field.name || '';

  const roleOf = (element) => element.getAttribute('role') || ROLES[element.tagName] || '';

  // Where it stands, without positions, so that the rows of a list stand in one place.
  const place = (element) => {
    const steps = [];
    for (let at = element; at && steps.length < 6; at = parent(at)) {
      const id = at.id && !/\d/.test(at.id) && at.id.length < 40 ? `#${at.id}` : '';
      const role = at.getAttribute('role');
      steps.push(at.tagName.toLowerCase() + id + (role ? `[${role}]` : ''));
      if (id && at !== element) break;
    }
    return steps.reverse().join('>');
  };

  const path = (element) => {
    const steps = [];
    for (let at = element; at && at.tagName !== 'HTML'; at = parent(at)) {
      if (at.id && !/\d{3}/.test(at.id)) {
        steps.push(`#${CSS.escape(at.id)}`);
        break;
      }
      const same = [...(at.parentNode?.children ?? [])].filter((other) => other.tagName === at.tagName);
      const nth = same.length > 1 ? `:nth-of-type(${same.indexOf(at) + 1})` : '';
      steps.push(at.tagName.toLowerCase() + nth);
    }
    return steps.reverse().join('>');
  };

  const attributes = (element) => [...element.attributes]
    .filter(({ name, value }) => STABLE.test(name) && value.length < 80)
    .map(({ name, value }) => `${name}=${value}`).sort().join('&');

  // A row of a list is known by what it is, not by what it says.
  const isRow = (element) => {
    if (NAMED.has(roleOf(element)) || !element.parentElement) return false;
    if (element.tagName === 'TR' || /\d/.test(attributes(element))) return true;
    const like = (other) => other.tagName === element.tagName && other.childElementCount === element.childElementCount;
    return [...element.parentElement.children].filter(like).length >= 4;
  };

  const wordsOf = (element) => [nameOf(element).slice(0, 60), element.title, element.id, element.getAttribute('name'),
    element.getAttribute('class'), element.getAttribute('data-testid'), element.getAttribute('data-icon'),
    element.getAttribute('data-action'), element.getAttribute('formaction'),
    ...[...element.querySelectorAll('svg,i,use,[class*=icon]')].slice(0, 3)
      .map((icon) => `${icon.getAttribute('class') ?? ''} ${icon.getAttribute('href') ?? ''} ${icon.getAttribute('data-icon') ?? ''}`),
  ].filter((word) => typeof word === 'string' && word).join(' | ').slice(0, 400);

  const isPointer = (element) => {
    if (styleOf(element).cursor !== 'pointer') return false;
    const above = parent(element);
    if (!above || styleOf(above).cursor !== 'pointer') return !isListOfEquals(element);
    return isListOfEquals(above) && !above.closest(NATIVE);
  };

  const isListOfEquals = (element) => {
    const kinds = new Set([...element.children].map((child) => `${child.tagName} ${child.className}`));
    return element.childElementCount >= 3 && kinds.size === 1 && element.tagName !== 'TR' && !element.matches(NATIVE);
  };

  const kindsOf = (element) => {
    const tag = element.tagName;
    if (tag === 'A' || tag === 'AREA') {
      if (element.hasAttribute('href')) return [isLink(element) ? 'link' : 'click'];
    }
    if (tag === 'SELECT') return ['select'];
    if (tag === 'TEXTAREA' || element.isContentEditable && !parent(element)?.isContentEditable) return ['input'];
    if (tag === 'INPUT') return TEXTLESS.has(element.type) ? (UNUSED.has(element.type) ? [] : ['click']) : ['input'];
    if (element.matches(NATIVE)) return ['click', ...extras(heard(element))];
    const own = heard(element);
    if (tag === 'BODY' || tag === 'HTML') return [];
    // A box that hears for what is in it is nothing to click at; a card with a button or two is.
    const inside = element.querySelectorAll(NATIVE).length;
    if (inside > 2 || (inside > 0 && styleOf(element).cursor !== 'pointer')) return [];
    const click = CLICKS.some((type) => own.has(type)) || (isPointer(element) && !element.closest('label'));
    const menu = !click && element.tagName === 'LI' && element.querySelector(':scope > ul:not([hidden])');
    const kinds = [...(click ? ['click'] : []), ...extras(own)];
    return menu && !isVisible(menu) && !kinds.length ? ['hover'] : kinds;
  };

  const extras = (own) => [
    ...(own.has('dblclick') ? ['dblclick'] : []),
    ...(!CLICKS.some((type) => own.has(type)) && own.has('contextmenu') ? ['menu'] : []),
    ...(!CLICKS.some((type) => own.has(type)) && HOVERS.some((type) => own.has(type)) ? ['hover'] : []),
    ...(!CLICKS.some((type) => own.has(type)) && KEYS.some((type) => own.has(type)) ? ['key'] : []),
  ];

  const isLink = (link) => {
    if (!/^https?:/.test(link.href)) return false;
    const [address, fragment] = [link.href.split('#')[0], link.hash];
    return address !== location.href.split('#')[0] || /^#!?\//.test(fragment) || (!fragment && !link.href.endsWith('#'));
  };

  // The fields that belong to a button: those of its form, or those of the nearest box around both.
  const fieldsFor = (element) => {
    const isSubmit = element.form && (element.type === 'submit' || element.type === 'image');
    if (isSubmit) return [...element.form.elements].filter(isField);
    if (roleOf(element) !== 'button' && !BUTTONS.has(element.type)) return [];
    for (let at = parent(element), up = 0; at && up < 5; at = parent(at), up += 1) {
      if (/^(BODY|HTML|MAIN|HEADER|NAV)$/.test(at.tagName)) return [];
      const fields = [...at.querySelectorAll(FIELDS)].filter(isField);
      if (fields.length) return isFormLike(at, element) ? fields : [];
      if (at.tagName === 'FORM') return [];
    }
    return [];
  };

  // A box with a few different buttons is a form; one with many, or with one in each row, is a list with filters.
  const isFormLike = (box, button) => {
    const buttons = [...box.querySelectorAll('button,a[href],[role=button],input[type=button],input[type=submit]')];
    return buttons.length <= 6 && buttons.filter((other) => nameOf(other) === nameOf(button)).length === 1;
  };

  const isField = (field) => FIELD.test(field.tagName) && !UNUSED.has(field.type) && !BUTTONS.has(field.type)
    && !field.disabled && !field.readOnly && (isVisible(field) || [...(field.labels ?? [])].some(isVisible));

  agent.generation = 0;
  let seen = new WeakSet();
  let lastRoute = '';
  const born = new WeakMap();

  const candidates = () => {
    const found = [];
    const taken = new Set();
    let looked = 0;
    for (const element of walk(document)) {
      looked += 1;
      if (looked > MOST_ELEMENTS || found.length >= MOST_ACTIONS) break;
      if (DULL.has(element.tagName)) continue;
      const kinds = kindsOf(element);
      if (!kinds.length) continue;
      const label = element.type === 'checkbox' || element.type === 'radio' ? [...(element.labels ?? [])].find(isVisible) : null;
      const target = isVisible(element) ? element : label;
      if (!target || element.getAttribute('aria-disabled') === 'true') continue;
      const above = parent(element);
      if (above && taken.has(above) && !element.matches(NATIVE) && !listenersOf(element).size) continue;
      taken.add(element);
      found.push({ element, target, kinds });
    }
    return found;
  };

  const enumerate = () => {
    const found = candidates();
    const owned = new Set();
    for (const one of found) {
      const isButton = one.kinds[0] === 'click' && !one.element.matches('summary,[type=checkbox],[type=radio]');
      one.fields = isButton ? fieldsFor(one.element) : [];
      one.fields.forEach((field) => owned.add(field));
    }
    agent.generation += 1;
    agent.current = [];
    const here = location.href;
    const fresh = lastRoute === here;
    const actions = [];
    for (const { element, target, kinds, fields } of found) {
      if (owned.has(element) && !(element.tagName === 'SELECT' && heard(element).has('change') && !element.form)) continue;
      if (element.disabled && !fields.length) continue;
      for (const kind of kinds) {
        actions.push(describe(element, kind, fields, fresh && !seen.has(element)));
        agent.current.push({ element, target, kind, fields });
      }
    }
    found.forEach(({ element }) => {
      seen.add(element);
      if (!born.has(element)) born.set(element, here);
    });
    lastRoute = here;
    return {
      url: here, document: agent.random, title: document.title, generation: agent.generation, actions, opened: agent.opened.splice(0),
      passwords: [...document.querySelectorAll('input[type=password]')].filter(isVisible).length,
      hidden: document.hidden, tall: document.documentElement.scrollHeight > innerHeight * 1.4,
    };
  };

  const describe = (element, kind, fields, isFresh) => {
    const row = isRow(element);
    const name = nameOf(element);
    const stable = attributes(element);
    const landmark = element.closest(LANDMARK);
    const isChrome = Boolean(landmark && !landmark.closest('main,article,section,dialog,[role=dialog],[role=main]'));
    const isFront = Boolean(element.closest(DIALOG));
    return {
      kind, name, role: roleOf(element), tag: element.tagName.toLowerCase(),
      href: element.href?.baseVal ?? (typeof element.href === 'string' ? element.href : ''),
      signature: `${roleOf(element) || element.tagName.toLowerCase()}|${row ? '' : name}|${stable}|${place(element)}`,
      place: place(element), path: path(element), words: wordsOf(element),
      chrome: isChrome, front: isFront || isFresh, born: born.get(element) ?? location.href,
      fields: fields.map((field) => field.name || field.id || labelOf(field)).slice(0, 30),
      passwords: fields.filter((field) => field.type === 'password').length,
      download: element.hasAttribute('download'),
      codes: element.tagName === 'SELECT' && [...element.options].filter((o) => /^[a-z]{2,3}([-_][A-Za-z]{2,4})?$/.test(o.value)).length > 1,
    };
  };

  const CLICKS = ['click', 'mousedown', 'mouseup', 'pointerdown', 'pointerup', 'touchstart'];
  const HOVERS = ['mouseenter', 'mouseover', 'pointerenter'];
  const KEYS = ['keydown', 'keyup', 'keypress'];
  const ROLES = { A: 'link', AREA: 'link', BUTTON: 'button', SELECT: 'combobox', TEXTAREA: 'textbox', SUMMARY: 'button' };
  const NAMED = new Set(['button', 'link', 'tab', 'menuitem', 'menuitemcheckbox', 'menuitemradio', 'combobox', 'textbox',
    'checkbox', 'radio', 'switch']);
  const NATIVE = 'a[href],area[href],button,input,select,textarea,summary,[onclick],[role=button],[role=link],[role=tab],'
    + '[role=menuitem],[role=menuitemcheckbox],[role=menuitemradio],[role=option],[role=checkbox],[role=radio],[role=switch],'
    + '[role=combobox],[role=treeitem]';
  const FIELDS = 'input,select,textarea';
  const FIELD = /^(INPUT|SELECT|TEXTAREA)$/;
  const BUTTONS = new Set(['button', 'submit', 'reset', 'image']);
  const UNUSED = new Set(['hidden', 'file']);
  const TEXTLESS = new Set([...BUTTONS, ...UNUSED, 'checkbox', 'radio', 'range', 'color']);
  const DULL = new Set(['SCRIPT', 'STYLE', 'LINK', 'META', 'HEAD', 'TITLE', 'BR', 'HR', 'OPTION', 'PATH', 'HTML', 'TEMPLATE']);
  const STABLE = /^(id|name|type|aria-controls|data-(?!v-|react|ember|radix|state|expanded|active|selected|label).+)$/;
  const LANDMARK = 'header,nav,footer,aside,[role=banner],[role=navigation],[role=contentinfo],[role=complementary]';
  const DIALOG = 'dialog[open],[role=dialog],[role=alertdialog],[aria-modal=true],[role=menu],[role=listbox]';
  const MOST_ELEMENTS = 20000;
  const MOST_ACTIONS = 600;

  Object.assign(agent, { enumerate, childRoot, parent, isVisible, text, nameOf, labelOf, DIALOG });
})();
