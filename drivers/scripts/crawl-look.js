// Looks around in a page of a crawl: which elements can be used, what they are called, and how each is known again.
(() => {
  'use strict';
  const KEY = Symbol.for('handstamp.crawl');
  const agent = window[KEY];
  if (!agent || agent.enumerate) return;
  const { heard, own, delegate, keys, isFrame, isReached } = agent;

  const styleOf = window.getComputedStyle.bind(window);

  const childRoot = (element) => element.shadowRoot ?? agent.closed.get(element);

  // Frames without an agent of their own are walked like a part of the page; the others tell by themselves.
  const walk = function* (root) {
    for (const element of root.querySelectorAll('*')) {
      yield element;
      const shadow = childRoot(element);
      if (shadow) {
        delegate(shadow, given);
        yield* walk(shadow);
      }
      if (!isFrame(element)) continue;
      const inner = isReached(element) ? null : bare(element);
      if (inner) yield* walk(inner);
      else frames.push(element);
    }
  };

  const bare = (frame) => {
    try {
      return frame.contentDocument?.body ? frame.contentDocument : null;
    } catch {
      return null;
    }
  };

  const parent = (element) => element.parentElement ?? element.getRootNode()?.host ?? null;

  const isVisible = (element) => {
    if (element.checkVisibility && !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return false;
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) return false;
    return box.right + scrollX > 0 && box.bottom + scrollY > 0;
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
    const tag = element.tagName.toUpperCase();
    const types = heard(element, given);
    const more = extras(element, types);
    const leaving = more.filter((kind) => kind !== 'focus');
    if ((tag === 'A' || tag === 'AREA') && hrefOf(element)) return [isLink(element) ? 'link' : 'click', ...hovers(types), ...leaving];
    if (tag === 'SELECT') return ['select'];
    if (tag === 'TEXTAREA' || element.isContentEditable && !parent(element)?.isContentEditable) return [...more, 'input'];
    if (tag === 'INPUT') {
      if (UNUSED.has(element.type)) return [];
      if (element.type === 'file') return ['upload'];
      return TEXTLESS.has(element.type) || element.readOnly ? ['click', ...leaving] : [...more.filter((kind) => kind !== 'key'), 'input'];
    }
    if (element.matches(NATIVE)) return ['click', ...leaving, ...(SLIDERS.test(roleOf(element)) && !more.includes('key') ? ['key'] : [])];
    if (tag === 'BODY' || tag === 'HTML') return [];
    // A box that hears for what is in it is nothing to click at; a card with a button or two is.
    const inside = element.querySelectorAll(NATIVE).length;
    const isBox = inside > 2 || (inside > 0 && styleOf(element).cursor !== 'pointer') || speaksForOthers.has(element);
    const click = !isBox && (CLICKS.some((type) => types.has(type)) || (isPointer(element) && !element.closest('label')));
    const menu = !click && tag === 'LI' && element.querySelector(':scope > ul:not([hidden])');
    const kinds = [...(click ? ['click'] : hovers(types)), ...(isBox ? more.filter((kind) => BOXES.has(kind)) : more)];
    return menu && !isVisible(menu) && !kinds.length ? ['hover'] : kinds;
  };

  // A click moves the pointer onto an element, but a link leads away.
  const hovers = (types) => (HOVERS.some((type) => types.has(type)) ? ['hover'] : []);

  const extras = (element, types) => {
    const has = (names) => names.some((name) => types.has(name));
    const isPressed = has(DOWNS) && has(UPS);
    const isDragged = has(DOWNS) && (has(MOVES) || [...DOWNS].some((type) => types.get(type)?.some((handler) => DRAGS.test(agent.source(handler)))) || isDragHeard());
    return [
      ...(types.has('dblclick') ? ['dblclick'] : []),
      ...(types.has('contextmenu') ? ['menu'] : []),
      ...(types.has('auxclick') ? ['aux'] : []),
      ...(isPressed ? ['press'] : []),
      ...(isDragged || types.has('dragstart') ? ['drag'] : []),
      ...(types.has('drop') ? ['drop'] : []),
      ...(has(TOUCHES) ? ['touch'] : []),
      ...(has(WHEELS) ? ['wheel'] : []),
      ...(has(FOCUSES) ? ['focus'] : []),
      ...(has(KEYS) && !(has(CLICKS) && element.matches(NATIVE) && !keysFor(types).length) ? ['key'] : []),
    ];
  };

  const keysFor = (types) => keys(KEYS.flatMap((type) => types.get(type) ?? []));

  const isDragHeard = () => [window, document].some((root) => {
    const types = own(root);
    return MOVES.some((type) => types.has(type)) && UPS.some((type) => types.has(type));
  });

  // What the whole page hears: keys that are told by name, and gestures that are meant for no element.
  const globals = () => {
    const kinds = [];
    const all = new Map();
    for (const root of [window, document, document.documentElement, document.body].filter(Boolean)) {
      delegate(root, given);
      for (const [type, handlers] of own(root)) all.set(type, [...(all.get(type) ?? []), ...handlers]);
    }
    for (const held of keysFor(all)) kinds.push({ kind: 'key', keys: held });
    for (const [type, kind] of [['dblclick', 'dblclick'], ['contextmenu', 'menu'], ['wheel', 'wheel']]) {
      if (all.get(type)?.some((handler) => !agent.selectorsOf(handler).length)) kinds.push({ kind });
    }
    if (agent.keptSteps() && all.has('popstate')) kinds.push({ kind: 'back' });
    return kinds;
  };

  // Where rules show something while the pointer is over something else: what has to be hovered over.
  const uncovers = () => {
    const found = new Set();
    for (const [trigger, whole] of hoverRules()) {
      for (const hidden of [...document.querySelectorAll(whole)].slice(0, 20)) {
        if (isVisible(hidden) || !(hidden.matches(NATIVE) || hidden.querySelector(NATIVE))) continue;
        const near = [...document.querySelectorAll(trigger)].filter((element) => element.contains(hidden)
          || element.parentElement?.contains(hidden)).pop();
        if (near && isVisible(near)) found.add(near);
      }
    }
    return found;
  };

  let rules = { count: -1, pairs: [] };
  const hoverRules = () => {
    const sheets = [...document.styleSheets, ...(document.adoptedStyleSheets ?? [])];
    const lists = sheets.map((sheet) => {
      try {
        return [...sheet.cssRules];
      } catch {
        return [];
      }
    });
    const count = lists.reduce((sum, list) => sum + list.length, 0);
    if (rules.count !== count) rules = { count, pairs: lists.flatMap((list) => list.flatMap(pairsOf)).slice(0, 200) };
    return rules.pairs;
  };

  const pairsOf = (rule) => {
    if (!rule.selectorText) return [...(rule.cssRules ?? [])].flatMap(pairsOf);
    if (!rule.selectorText.includes(':hover') || !SHOWS.some((property) => rule.style?.[property])) return [];
    return rule.selectorText.split(/,(?![^(]*\))/).map((part) => part.trim()).filter((part) => /:hover\S*[\s>+~]+\S/.test(part))
      .map((part) => [part.slice(0, part.indexOf(':hover')), part.replaceAll(':hover', '')])
      .filter(([trigger]) => trigger && !trigger.includes('('));
  };

  const hrefOf = (element) => {
    const href = element.href?.baseVal ?? (typeof element.href === 'string' ? element.href : '');
    try {
      return href && new URL(href, document.baseURI).href;
    } catch {
      return '';
    }
  };

  const isLink = (link) => {
    const href = hrefOf(link);
    if (!/^https?:/.test(href)) return false;
    const [address, fragment] = href.split('#');
    return address !== location.href.split('#')[0] || /^!?\//.test(fragment ?? '') || fragment === undefined;
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
    && !field.disabled && !field.readOnly && (field.type === 'file' || isVisible(field) || [...(field.labels ?? [])].some(isVisible));

  agent.generation = 0;
  const seen = new WeakSet();
  let lastRoute = '';
  const born = new WeakMap();
  // Made anew by each look: who is heard for by somebody above, who hears for others, and the frames.
  let given = new Map();
  let speaksForOthers = new Set();
  let frames = [];

  // Where to point at for an element: itself, or what stands for it.
  const targetOf = (element) => {
    // Fields for files are hidden behind nicer buttons more often than not.
    if (isVisible(element) || element.type === 'file') return element;
    const isUsable = !element.checkVisibility || element.checkVisibility({ visibilityProperty: true });
    if (element.tagName === 'AREA') return document.querySelector(`img[usemap="#${CSS.escape(element.closest('map')?.name ?? '')}"]`);
    if (element.tagName === 'SLOT') return element.assignedElements().find(isVisible) ?? null;
    if (element.labels?.length) return [...element.labels].find(isVisible) ?? null;
    if (!isUsable) return null;
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) return [...element.children].find(isVisible) ?? null;
    return element.matches(NATIVE) ? element : null;
  };

  const candidates = () => {
    const found = [];
    const taken = new Set();
    const hovered = uncovers();
    let looked = 0;
    for (const element of walk(document)) {
      looked += 1;
      if (looked > MOST_ELEMENTS || found.length >= MOST_ACTIONS) break;
      if (DULL.has(element.tagName) || element === document.body) continue;
      if (element.childElementCount && delegate(element, given)) speaksForOthers.add(element);
      const kinds = kindsOf(element);
      if (hovered.has(element) && !kinds.includes('hover')) kinds.unshift('hover');
      if (!kinds.length) continue;
      const target = targetOf(element);
      if (!target || element.getAttribute('aria-disabled') === 'true' || element.closest('[inert]')) continue;
      const above = parent(element);
      if (above && taken.has(above) && !element.matches(NATIVE) && !heard(element, given).size) continue;
      taken.add(element);
      found.push({ element, target, kinds });
    }
    return found;
  };

  const enumerate = () => {
    given = new Map();
    speaksForOthers = new Set();
    frames = [];
    const whole = globals();
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
    const offer = (one, kind, fields, held) => {
      actions.push(describe(one.element, kind, fields, fresh && !seen.has(one.element), held));
      agent.current.push({ ...one, kind, fields, held });
    };
    for (const { element, target, kinds, fields } of found) {
      const isOwned = owned.has(element) && !(element.tagName === 'SELECT' && heard(element).has('change') && !element.form);
      if (element.disabled && !fields.length) continue;
      for (const kind of kinds) {
        if (isOwned && kind !== 'focus') continue;
        const all = kind === 'key' ? keysFor(heard(element, given)) : [];
        for (const held of all.length ? all : [undefined]) offer({ element, target }, kind, kind === 'click' ? fields : [], held);
      }
    }
    if (document.body) for (const { kind, keys: held } of whole) offer({ element: document.body, target: document.body }, kind, [], held);
    const isNew = found.some(({ element }) => !seen.has(element)) || lastRoute !== here;
    found.forEach(({ element }) => {
      seen.add(element);
      if (!born.has(element)) born.set(element, here);
    });
    lastRoute = here;
    const spent = agent.spend();
    return {
      url: /^about:/.test(here) ? document.baseURI : here, document: agent.random, title: document.title, generation: agent.generation, actions,
      opened: agent.opened.splice(0), addresses: addresses(), idle: isNew ? [] : spent,
      passwords: [...document.querySelectorAll('input[type=password]')].filter(isVisible).length, scroll: agent.canScroll(),
      hidden: document.hidden,
    };
  };

  // Where the page's head says that it goes on.
  const addresses = () => [
    ...[...document.querySelectorAll('meta[http-equiv=refresh i]')].map((meta) => /url\s*=\s*['"]?([^'"]+)/i.exec(meta.content)?.[1]),
    ...[...document.querySelectorAll('link[rel~=next],link[rel~=prev],link[rel~=help]')].map((link) => link.getAttribute('href')),
  ].filter(Boolean).map((address) => {
    try {
      return new URL(address, document.baseURI).href;
    } catch {
      return '';
    }
  }).filter(Boolean);

  const describe = (element, kind, fields, isFresh, held) => {
    const row = isRow(element);
    const name = element === document.body ? '' : nameOf(element);
    const stable = attributes(element);
    const landmark = element.closest(LANDMARK);
    const isChrome = Boolean(landmark && !landmark.closest('main,article,section,dialog,[role=dialog],[role=main]'));
    const isFront = Boolean(element.closest(DIALOG));
    return {
      kind, name, role: roleOf(element), tag: element.tagName.toLowerCase(),
      href: hrefOf(element), frame: '',
      signature: `${roleOf(element) || element.tagName.toLowerCase()}|${row ? '' : name}|${stable}|${place(element)}${held ? `|${held.join('+')}` : ''}`,
      place: place(element), path: path(element), words: element === document.body ? '' : wordsOf(element),
      chrome: isChrome, front: isFront || isFresh, born: born.get(element) ?? location.href,
      fields: fields.map((field) => field.name || field.id || labelOf(field)).slice(0, 30),
      passwords: fields.filter((field) => field.type === 'password').length,
      download: element.hasAttribute('download'),
      codes: element.tagName === 'SELECT' && [...element.options].filter((o) => /^[a-z]{2,3}([-_][A-Za-z]{2,4})?$/.test(o.value)).length > 1,
    };
  };

  const CLICKS = ['click', 'mousedown', 'mouseup', 'pointerdown', 'pointerup'];
  const HOVERS = ['mouseenter', 'mouseover', 'mouseleave', 'mouseout', 'mousemove', 'pointerenter', 'pointerover', 'pointerleave',
    'pointerout', 'pointermove'];
  const KEYS = ['keydown', 'keyup', 'keypress'];
  const DOWNS = ['mousedown', 'pointerdown'];
  const UPS = ['mouseup', 'pointerup'];
  const MOVES = ['mousemove', 'pointermove'];
  const TOUCHES = ['touchstart', 'touchend', 'touchmove'];
  const WHEELS = ['wheel', 'mousewheel'];
  const FOCUSES = ['focus', 'blur', 'focusin', 'focusout'];
  const DRAGS = /(mouse|pointer)move|PointerCapture/;
  const BOXES = new Set(['drag', 'drop', 'key', 'wheel', 'menu', 'dblclick']);
  const SLIDERS = /^(slider|spinbutton)$/;
  const SHOWS = ['display', 'visibility', 'opacity', 'height', 'maxHeight', 'width', 'transform', 'left', 'top', 'clip', 'clipPath'];
  const ROLES = { A: 'link', AREA: 'link', BUTTON: 'button', SELECT: 'combobox', TEXTAREA: 'textbox', SUMMARY: 'button' };
  const NAMED = new Set(['button', 'link', 'tab', 'menuitem', 'menuitemcheckbox', 'menuitemradio', 'combobox', 'textbox',
    'checkbox', 'radio', 'switch']);
  const NATIVE = 'a[href],area[href],button,input,select,textarea,summary,[onclick],[role=button],[role=link],[role=tab],'
    + '[role=menuitem],[role=menuitemcheckbox],[role=menuitemradio],[role=option],[role=checkbox],[role=radio],[role=switch],'
    + '[role=combobox],[role=treeitem],[role=slider],[role=spinbutton]';
  const FIELDS = 'input,select,textarea';
  const FIELD = /^(INPUT|SELECT|TEXTAREA)$/;
  const BUTTONS = new Set(['button', 'submit', 'reset', 'image']);
  const UNUSED = new Set(['hidden']);
  const TEXTLESS = new Set([...BUTTONS, ...UNUSED, 'file', 'checkbox', 'radio', 'range', 'color']);
  const DULL = new Set(['SCRIPT', 'STYLE', 'LINK', 'META', 'HEAD', 'TITLE', 'BR', 'HR', 'OPTION', 'PATH', 'HTML', 'TEMPLATE']);
  const STABLE = /^(id|name|type|aria-controls|data-(?!v-|react|ember|radix|state|expanded|active|selected|label).+)$/;
  const LANDMARK = 'header,nav,footer,aside,[role=banner],[role=navigation],[role=contentinfo],[role=complementary]';
  const DIALOG = 'dialog[open],[role=dialog],[role=alertdialog],[aria-modal=true],[role=menu],[role=listbox]';
  const MOST_ELEMENTS = 20000;
  const MOST_ACTIONS = 600;

  Object.assign(agent, { enumerate, childRoot, parent, isVisible, text, nameOf, labelOf, roleOf, hrefOf, framesHere: () => frames, DIALOG, NATIVE });
})();
