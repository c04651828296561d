// Says what can be done with an element of a page: by what it is, by what it listens to, and by how it looks.
(() => {
  'use strict';
  const agent = window[Symbol.for('handstamp.crawl')];
  if (!agent || agent.kindsOf) return;
  const { heard, own, keys, parent, isVisible, roleOf, hrefOf, isLink, BUTTONS } = agent;

  const styleOf = window.getComputedStyle.bind(window);

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

  const kindsOf = (element, given, speaksForOthers) => {
    const tag = element.tagName.toUpperCase();
    const types = heard(element, given);
    const more = extras(element, types);
    const leaving = more.filter((kind) => kind !== 'focus');
    if ((tag === 'A' || tag === 'AREA') && hrefOf(element)) return [isLink(element) ? 'link' : 'click', ...hovers(types), ...leaving];
    if (tag === 'SELECT') return ['select'];
    if (element.type === 'file' && tag === 'INPUT') return ['upload'];
    if (tag === 'TEXTAREA' || element.isContentEditable && !parent(element)?.isContentEditable) return [...more, 'input'];
    if (tag === 'INPUT') {
      if (UNUSED.has(element.type)) return [];
      return TEXTLESS.has(element.type) || element.readOnly ? ['click', ...leaving] : [...more.filter((kind) => kind !== 'key'), 'input'];
    }
    if (element.matches(NATIVE)) return ['click', ...leaving.filter((kind) => !isTwin(kind, types)), ...(SLIDERS.test(roleOf(element)) && !more.includes('key') ? ['key'] : [])];
    if (tag === 'BODY' || tag === 'HTML') return [];
    if (isSealed(element)) return ['click'];
    // A box that hears for what is in it is nothing to click at; a card with a button or two is.
    const inside = element.querySelectorAll(NATIVE).length;
    const isBox = inside > 2 || (inside > 0 && styleOf(element).cursor !== 'pointer') || speaksForOthers.has(element);
    const click = !isBox && (CLICKS.some((type) => types.has(type)) || (isPointer(element) && !element.closest('label')));
    const menu = !click && tag === 'LI' && element.querySelector(':scope > ul:not([hidden])');
    const others = isBox ? more.filter((kind) => BOXES.has(kind)) : more;
    const kinds = click ? ['click', ...others.filter((kind) => !isTwin(kind, types))] : [...hovers(types), ...others];
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

  // What a click does as well: it gives the focus, and for who hears both, Enter and the space bar stand for it.
  const isTwin = (kind, types) => kind === 'focus'
    || (kind === 'key' && CLICKS.some((type) => types.has(type)) && keysFor(types).every((held) => PRESSES.has(held.join(''))));

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
      for (const [type, handlers] of own(root)) all.set(type, [...(all.get(type) ?? []), ...handlers]);
    }
    for (const held of keysFor(all)) kinds.push({ kind: 'key', keys: held });
    for (const [type, kind] of [['dblclick', 'dblclick'], ['contextmenu', 'menu'], ['wheel', 'wheel']]) {
      if (!agent.passed.has(type) && all.get(type)?.some((handler) => !agent.selectorsOf(handler).length)) kinds.push({ kind });
    }
    if (agent.keptSteps() && all.has('popstate')) kinds.push({ kind: 'back' });
    return kinds;
  };

  // A box that is higher than what it shows has a shadow root that the parser made, and that nobody can look into.
  const isSealed = (element) => {
    if (element.childElementCount || !HOSTS.test(element.tagName) || agent.childRoot(element) || element.textContent.trim()) return false;
    const style = styleOf(element);
    const padding = parseFloat(style.paddingTop) + parseFloat(style.paddingBottom);
    if (element.clientHeight - padding < 10 || style.display !== 'block' || /flex|grid/.test(styleOf(element.parentElement).display)) return false;
    const own = element.computedStyleMap?.();
    return own?.get('height')?.value === 'auto' && parseFloat(style.minHeight || 0) === 0 && style.aspectRatio === 'auto'
      && ['::before', '::after'].every((part) => window.getComputedStyle(element, part).content === 'none');
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
      .filter(([trigger, whole]) => trigger && !trigger.includes('(') && isSelector(trigger) && isSelector(whole));
  };

  // What is left of a selector without its `:hover` need not be one.
  const isSelector = (text) => {
    try {
      document.createDocumentFragment().querySelector(text);
      return true;
    } catch {
      return false;
    }
  };

  // Where to point at for an element: itself, or what stands for it.
  const targetOf = (element, labels) => {
    if (isVisible(element) || element.type === 'file') return element;
    const isUsable = !element.checkVisibility || element.checkVisibility({ visibilityProperty: true });
    if (element.tagName === 'AREA') return document.querySelector(`img[usemap="#${CSS.escape(element.closest('map')?.name ?? '')}"]`);
    if (element.tagName === 'SLOT') return element.assignedElements().find(isVisible) ?? null;
    if (labels.has(element)) return labels.get(element);
    if (!isUsable) return null;
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) return [...element.children].find(isVisible) ?? null;
    return element.matches(NATIVE) ? element : null;
  };

  const CLICKS = ['click', 'mousedown', 'mouseup', 'pointerdown', 'pointerup'];
  const HOVERS = ['mouseenter', 'mouseover', 'mouseleave', 'mouseout', 'mousemove', 'pointerenter', 'pointerover', 'pointerleave',
    'pointerout', 'pointermove'];
  const KEYS = ['keydown', 'keyup', 'keypress'];
  const PRESSES = new Set(['\uE007', ' ']);
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
  const CONTROLS = 'a[href],area[href],button,input,select,textarea,summary,[onclick]';
  const NATIVE = `${CONTROLS},[role=button],[role=link],[role=tab],`
    + '[role=menuitem],[role=menuitemcheckbox],[role=menuitemradio],[role=option],[role=checkbox],[role=radio],[role=switch],'
    + '[role=combobox],[role=treeitem],[role=slider],[role=spinbutton]';
  const UNUSED = new Set(['hidden']);
  const TEXTLESS = new Set([...BUTTONS, ...UNUSED, 'file', 'checkbox', 'radio', 'range', 'color']);
  const HOSTS = /^(DIV|SPAN|SECTION|ARTICLE|ASIDE|MAIN|HEADER|FOOTER|NAV|P|H[1-6]|BLOCKQUOTE)$|-/;

  Object.assign(agent, { kindsOf, keysFor, globals, uncovers, targetOf, isSealed, styleOf, CONTROLS, NATIVE, UNUSED });
})();
