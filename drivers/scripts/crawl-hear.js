// Tells what the elements of a page listen to: by themselves, by their framework, or by somebody above them.
(() => {
  'use strict';
  const KEY = Symbol.for('handstamp.crawl');
  const agent = window[KEY];
  if (!agent || agent.heard) return;

  const source = (handler) => {
    const code = typeof handler === 'function' ? handler : handler?.handleEvent;
    return typeof code === 'function' ? Reflect.apply(agent.sourceOf, code, []).slice(0, MOST_SOURCE) : '';
  };

  // Types that a framework hears at its root.
  const passed = new Set();

  // What handlers are given to: type to handlers.
  let known = new WeakMap();
  const own = (target) => {
    if (!known.has(target)) known.set(target, listen(target));
    return known.get(target);
  };

  const listen = (target) => {
    const view = target.ownerDocument?.defaultView;
    const listeners = (!view || view === window ? agent.listeners : view[KEY]?.listeners)?.get(target);
    // Who listens to nearly everything passes it on.
    const isHub = [...(listeners?.keys() ?? [])].filter((type) => EVENTS.has(type)).length >= HUB;
    const all = new Map([...(isHub ? [] : listeners ?? [])].map(([type, handlers]) => [type, [...handlers]]));
    const add = (type, handler) => all.set(type, [...(all.get(type) ?? []), handler]);
    for (const type of EVENTS) if (typeof target[`on${type}`] === 'function') add(type, target[`on${type}`]);
    for (const [type, handler] of framework(target)) {
      passed.add(type);
      add(type, handler);
    }
    return all;
  };

  // Frameworks that hear everything at one root keep each element's handlers in properties of it.
  const framework = function* (element) {
    for (const name of Object.getOwnPropertyNames(element)) {
      // Other properties may be getters that do something.
      if (!/^(__reactProps\$|\$\$[a-z]|__[a-z]|jQuery\d)/.test(name)) continue;
      const value = element[name];
      if (name.startsWith('__reactProps$')) {
        for (const [prop, handler] of Object.entries(value ?? {})) {
          if (/^on[A-Z]/.test(prop) && typeof handler === 'function') yield [plain(prop.slice(2)), handler];
        }
      } else if (/^(\$\$|__)[a-z]+$/.test(name) && EVENTS.has(name.slice(2))) {
        yield [name.slice(2), Array.isArray(value) ? value[0] : value];
      } else if (/^jQuery\d+$/.test(name)) {
        for (const [type, entries] of Object.entries(value?.events ?? {})) {
          for (const { selector, handler } of [...entries]) if (!selector) yield [type, handler];
        }
      }
    }
    if (element.nodeType !== 1) return;
    for (const symbol of Object.getOwnPropertySymbols(element)) {
      const value = element[symbol];
      if (isPlain(value)) {
        for (const type of Object.keys(value)) if (EVENTS.has(type)) yield [type, value[type]];
      }
    }
  };

  const isPlain = (value) => typeof value === 'object' && value && [Object.prototype, null].includes(Object.getPrototypeOf(value));

  const plain = (name) => ({ doubleclick: 'dblclick' })[name.toLowerCase().replace(/capture$/, '')] ?? name.toLowerCase().replace(/capture$/, '');

  // The elements below that a handler is for, as selectors, by what its source asks of them.
  const asked = new WeakMap();
  const selectors = (handler) => {
    if (!handler || asked.has(handler)) return asked.get(handler) ?? [];
    const text = source(handler);
    const found = [];
    for (const [expression, make] of QUESTIONS) {
      for (const match of text.matchAll(expression)) found.push(make(match));
    }
    const good = [...new Set(found)].filter((selector) => {
      try {
        document.createDocumentFragment().querySelector(selector);
        return true;
      } catch {
        return false;
      }
    });
    asked.set(handler, good);
    return good;
  };

  // Which elements below a root its listeners are for: element to type to handlers.
  const delegate = (root, given) => {
    const note = (element, type, handler) => {
      if (!given.has(element)) given.set(element, new Map());
      const types = given.get(element);
      types.set(type, [...(types.get(type) ?? []), handler]);
    };
    const scope = root === window ? document : root;
    let count = 0;
    const pass = (type, handler, list) => {
      for (const selector of list) {
        for (const element of [...scope.querySelectorAll(selector)].slice(0, MOST_DELEGATED)) {
          if (GENERAL.test(selector) && element.children.length > 3) continue;
          count += 1;
          note(element, type, handler);
        }
      }
    };
    for (const [type, handlers] of own(root)) {
      if (EVENTS.has(type)) for (const handler of handlers) pass(type, handler, selectors(handler));
    }
    for (const name of Object.getOwnPropertyNames(root)) {
      if (!/^jQuery\d+$/.test(name)) continue;
      for (const [type, entries] of Object.entries(root[name]?.events ?? {})) {
        for (const { selector, handler } of [...entries]) if (selector) pass(type, handler, [selector]);
      }
    }
    return count;
  };

  const heard = (element, given) => {
    const all = new Map(own(element));
    for (const [type, handlers] of given?.get(element) ?? []) all.set(type, [...(all.get(type) ?? []), ...handlers]);
    return all;
  };

  // The keys that handlers ask for, each with what is held down meanwhile.
  const keys = (handlers) => {
    const found = new Map();
    for (const text of handlers.map(source)) {
      if (!/\b(key|code|keyCode|which)\b/.test(text)) continue;
      const held = HELD.filter(([expression]) => expression.test(text)).map(([, key]) => key);
      const add = (name, label = name) => name && found.set(label, [...held, name]);
      // Names of keys are hardly anything else; single letters count only next to what was pressed.
      for (const [, , name] of text.matchAll(/(['"`])(\w{3,14})\1/g)) if (KEYS[name.toLowerCase()] && /[A-Z]/.test(name)) add(keyOf(name), name);
      const alias = /\{[^}]*\bkey\s*:\s*(\w+)/.exec(text)?.[1];
      if (alias) for (const [, , name] of text.matchAll(new RegExp(`\\b${alias}\\s*={2,3}\\s*(['"\`])(.{1,14}?)\\1`, 'g'))) add(keyOf(name), name);
      for (const [, , name] of text.matchAll(/\b(?:key|code)\)?(?:\.to\w+\(\))?\s*={2,3}\s*(['"`])(.{1,14}?)\1/g)) add(keyOf(name), name);
      for (const [, , name] of text.matchAll(/(['"`])([^'"`]{1,14})\1\s*={2,3}\s*[\w.]*\b(?:key|code)\b/g)) add(keyOf(name), name);
      if (/switch/.test(text)) for (const [, , name] of text.matchAll(/case\s*(['"`])(.{1,14}?)\1/g)) add(keyOf(name), name);
      for (const [, list] of text.matchAll(/\[([^\]]{1,120})\]\.includes\(\s*[\w.]*\b(?:key|code)\b/g)) {
        for (const [, name] of list.matchAll(/['"`]([^'"`]{1,14})['"`]/g)) add(keyOf(name), name);
      }
      for (const [, code] of text.matchAll(/\b(?:keyCode|which)\)?\s*={2,3}\s*(\d{1,3})/g)) add(ofCode(Number(code)));
    }
    return [...found.values()].slice(0, MOST_KEYS);
  };

  const keyOf = (name) => KEYS[name.toLowerCase()] ?? ([...name].length === 1 ? name : /^(?:key|digit)(.)$/i.exec(name)?.[1].toLowerCase());
  const ofCode = (code) => {
    if (code >= 112 && code <= 123) return String.fromCharCode(0xE031 + code - 112);
    return CODES[code] ?? (code >= 48 && code <= 90 ? String.fromCharCode(code).toLowerCase() : undefined);
  };

  const EVENTS = new Set(['click', 'dblclick', 'auxclick', 'contextmenu', 'mousedown', 'mouseup', 'pointerdown', 'pointerup',
    'touchstart', 'touchend', 'touchmove', 'mouseenter', 'mouseover', 'mouseleave', 'mouseout', 'mousemove', 'pointerenter',
    'pointerover', 'pointerleave', 'pointerout', 'pointermove', 'keydown', 'keyup', 'keypress', 'focus', 'blur', 'focusin', 'focusout',
    'wheel', 'mousewheel', 'dragstart', 'dragover', 'drop', 'change', 'input', 'submit']);
  const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const QUESTIONS = [
    [/\.(?:closest|matches|webkitMatchesSelector)\(\s*(['"`])((?:(?!\1).)+)\1/g, (match) => match[2].replace(/\\(['"`])/g, '$1')],
    [/\bdataset\.(\w+)/g, (match) => `[data-${kebab(match[1])}]`],
    [/\bdataset\[\s*['"](\w+)/g, (match) => `[data-${kebab(match[1])}]`],
    [/\b[gh][ea][ts]Attribute\(\s*['"](data-[\w-]+|on-[\w-]+|action|command)['"]/g, (match) => `[${match[1]}]`],
    [/\btarget\.id\s*={2,3}\s*['"]([\w-]+)['"]/g, (match) => `#${CSS.escape(match[1])}`],
    [/\b(?:tagName|nodeName|localName)[^=!;{}]{0,20}={2,3}\s*['"](\w+)['"]/g, (match) => match[1].toLowerCase()],
    [/\bclassList\.contains\(\s*['"]([\w-]+)['"]/g, (match) => `.${CSS.escape(match[1])}`],
    [/\bclassName\s*={2,3}\s*['"]([\w-]+)['"]/g, (match) => `.${CSS.escape(match[1])}`],
  ];
  // Selectors that ask where a click was, rather than for something to click at.
  const GENERAL = /^(?:[a-z]+|#[\w-]+|\.[\w-]+)$/;
  const HELD = [[/(?<![!\w.])(?:\w+\.)?(?:ctrlKey|metaKey)\b/, '\uE009'], [/(?<![!\w.])(?:\w+\.)?altKey\b/, '\uE00A'], [/(?<![!\w.])(?:\w+\.)?shiftKey\b/, '\uE008']];
  const KEYS = {
    enter: '\uE007', escape: '\uE00C', esc: '\uE00C', space: ' ', ' ': ' ', spacebar: ' ', tab: '\uE004', backspace: '\uE003', delete: '\uE017',
    arrowup: '\uE013', arrowdown: '\uE015', arrowleft: '\uE012', arrowright: '\uE014', up: '\uE013', down: '\uE015', left: '\uE012',
    right: '\uE014', home: '\uE011', end: '\uE010', pageup: '\uE00E', pagedown: '\uE00F', insert: '\uE016', slash: '/', period: '.', comma: ',',
    minus: '-', equal: '=',
  };
  for (let number = 1; number <= 12; number += 1) KEYS[`f${number}`] = String.fromCharCode(0xE030 + number);
  const CODES = { 8: KEYS.backspace, 9: KEYS.tab, 13: KEYS.enter, 27: KEYS.escape, 32: ' ', 33: KEYS.pageup, 34: KEYS.pagedown, 35: KEYS.end,
    36: KEYS.home, 37: KEYS.left, 38: KEYS.up, 39: KEYS.right, 40: KEYS.down, 45: KEYS.insert, 46: KEYS.delete, 191: '/' };
  const HUB = 12;
  const MOST_SOURCE = 20000;
  const MOST_DELEGATED = 200;
  const MOST_KEYS = 8;

  Object.assign(agent, { heard, own, selectorsOf: selectors, delegate, keys, source, passed, forgetHeard: () => { known = new WeakMap(); }, EVENTS, ENTER: KEYS.enter });
})();
