// Looks around in a page of a crawl: which elements can be used, with which fields, and how each is known again.
(() => {
  'use strict';
  const agent = window[Symbol.for('handstamp.crawl')];
  if (!agent || agent.enumerate) return;
  const guard = window[Symbol.for('handstamp.guard')];
  const { heard, delegate, isFrame, isReached, childRoot, parent, isVisible, text, nameOf, labelOf, roleOf, place, path, attributes, isRow,
    rowOf, isPlace, wordsOf, hrefOf, kindsOf, keysFor, globals, uncovers, targetOf, styleOf, CONTROLS, NATIVE, FIELD, BUTTONS, UNUSED } = agent;

  // Frames without an agent of their own are walked like a part of the page; the others tell by themselves.
  const walk = function* (root) {
    for (const label of root.querySelectorAll('label')) if (label.control && isVisible(label)) labels.set(label.control, label);
    for (let element = root.firstElementChild; element;) {
      yield element;
      const isShown = isDrawn(element);
      const shadow = isShown && childRoot(element);
      if (shadow) {
        delegate(shadow, given);
        yield* walk(shadow);
      }
      if (isFrame(element)) {
        const inner = isReached(element) ? null : bare(element);
        if (inner) yield* walk(inner);
        else frames.push(element);
      }
      // Of what is not shown only those fields matter for which something else stands; most of many pages is hidden.
      if (!isShown) yield* [...element.querySelectorAll(FIELDS)].filter((field) => field.type === 'file' || labels.has(field));
      element = (isShown && element.firstElementChild) || after(element, root);
    }
  };

  // What has no box of its own may hold something that has one.
  const isDrawn = (element) => !element.checkVisibility || element.checkVisibility() || styleOf(element).display === 'contents';

  const after = (element, root) => {
    let at = element;
    while (at && at !== root && !at.nextElementSibling) at = at.parentElement;
    return at && at !== root ? at.nextElementSibling : null;
  };

  const bare = (frame) => {
    try {
      return frame.contentDocument?.body ? frame.contentDocument : null;
    } catch {
      return null;
    }
  };

  // The fields that belong to a button: those of its form, or those of the nearest box around both.
  const allFor = (element) => {
    if (isSubmit(element)) return [...element.form.elements].filter(isField);
    if ((roleOf(element) !== 'button' && !BUTTONS.has(element.type)) || isBeside(element)) return [];
    for (let at = parent(element), up = 0; at && up < 5; at = parent(at), up += 1) {
      if (/^(BODY|HTML|MAIN|HEADER|NAV)$/.test(at.tagName)) return [];
      const fields = [...at.querySelectorAll(FIELDS)].filter(isField);
      if (fields.length) return isFormLike(at, element) ? fields : [];
      if (at.tagName === 'FORM') return [];
    }
    return [];
  };

  // What of it is filled. A form that shows what is known already, as of a profile, keeps the old password where the new one
  // stays empty.
  const fieldsFor = (element, fields = allFor(element)) => {
    const passwords = fields.filter((field) => field.type === 'password');
    const isNew = passwords.length > 1 || passwords.some((field) => field.autocomplete === 'new-password');
    return isNew && passwords.every(isOptional) && fields.some(isKnown) ? fields.filter((field) => !passwords.includes(field)) : fields;
  };

  const isOptional = (field) => !field.value && !field.required && field.getAttribute('aria-required') !== 'true';
  // Whether the application has filled it: a form that was refused shows what the crawl has typed, in this document or the last.
  const isKnown = (field) => SAID.has(field.type) && field.value !== '' && !agent.hasTyped(field.value)
    && ![0, 1, 2].some((variant) => agent.values(field, variant, {}).includes(field.value));

  const isSubmit = (element) => element.form && (element.type === 'submit' || element.type === 'image');

  // A plain button of a form that asks for passwords and has another button to send it: it opens or shows something there.
  const isBeside = (element) => {
    const all = [...(element.form?.elements ?? [])];
    return all.some((other) => other.type === 'password') && all.some((other) => isSubmit(other) && isVisible(other));
  };

  // A box with a few different buttons is a form; one with many, or with one in each row, is a list with filters.
  const isFormLike = (box, button) => {
    const buttons = [...box.querySelectorAll('button,a[href],[role=button],input[type=button],input[type=submit]')];
    return buttons.length <= 6 && buttons.filter((other) => nameOf(other) === nameOf(button)).length === 1;
  };

  const isField = (field) => FIELD.test(field.tagName) && !UNUSED.has(field.type) && !BUTTONS.has(field.type)
    && !field.disabled && !field.readOnly
    && (field.type === 'file' || isVisible(field) || [...(field.labels ?? [])].some(isVisible) || isDrawnOver(field));

  // Something else is drawn in the place of what takes the clicks.
  const isDrawnOver = (field) => OVERDRAWN.has(field.type) && getComputedStyle(field).opacity === '0'
    && field.getBoundingClientRect().width > 0 && isVisible(parent(field));

  const OVERDRAWN = new Set(['radio', 'checkbox', 'range']);
  agent.generation = 0;
  const seen = new WeakSet();
  let [lastRoute, lastChange] = ['', 0];
  const born = new WeakMap();
  const aired = new WeakSet();
  const closed = new WeakSet();
  // Made anew by each look: who is heard for by somebody above, who hears for others, and the frames.
  let given = new Map();
  let speaksForOthers = new Set();
  let frames = [];
  let labels = new Map();

  const candidates = () => {
    agent.forgetHeard();
    labels = new Map();
    for (const root of [window, document, document.documentElement, document.body].filter(Boolean)) delegate(root, given);
    const found = [];
    const taken = new Set();
    const hovered = uncovers();
    let looked = 0;
    for (const element of walk(document)) {
      looked += 1;
      if (looked > MOST_ELEMENTS || found.length >= MOST_ACTIONS) break;
      if (DULL.has(element.tagName) || element === document.body) continue;
      if (element.childElementCount && delegate(element, given)) speaksForOthers.add(element);
      const kinds = kindsOf(element, given, speaksForOthers);
      if (hovered.has(element) && !kinds.includes('hover')) kinds.unshift('hover');
      if (!kinds.length) continue;
      const target = targetOf(element, labels);
      if (!target || element.getAttribute('aria-disabled') === 'true' || element.closest('[inert]')) continue;
      const above = parent(element);
      if (above && taken.has(above) && !element.matches(NATIVE) && !heard(element, given).size) continue;
      taken.add(element);
      found.push({ element, target, kinds });
    }
    const worn = wrapped(found);
    return found.filter((one, index) => !isCarrier(one, found.slice(index + 1, index + 1 + CARRIED)) && !isTrim(one, taken)
      && !isWrap(one, worn.get(one.element)));
  };

  // Which buttons stand in each element that can be used, shadow roots looked into.
  const wrapped = (found) => {
    const [usable, worn] = [new Set(found.map(({ element }) => element)), new Map()];
    for (const { element, kinds } of found) {
      if (!kinds.includes('click') || !element.matches(NATIVE)) continue;
      for (let at = parent(element), up = 0; at && up < WRAPS; at = parent(at), up += 1) {
        if (usable.has(at)) worn.set(at, [...(worn.get(at) ?? []), element]);
      }
    }
    return worn;
  };

  // Who clicks in the middle of it clicks at the one button in it, as a web component and what is around it have one.
  const isWrap = ({ element, kinds }, buttons) => {
    if (buttons?.length !== 1 || !kinds.every((kind) => WORN.has(kind))) return false;
    const [button] = buttons;
    if (element.matches(CONTROLS) && button.getRootNode().host !== element) return false;
    const [name, inner] = [nameOf(element), nameOf(button)];
    return (!name || !inner || name === inner || name === text(button)) && covers(element, button);
  };

  // What is drawn around or over a control, and says nothing that it does not say, is no second thing to click at.
  const isTrim = ({ element, kinds }, taken) => {
    if (element.matches(NATIVE) || element.isContentEditable || element.hasAttribute('role') || !kinds.every((kind) => WORN.has(kind))) return false;
    // It may come after the last one that is looked at.
    const isUsed = (control) => taken.has(control) || Boolean(targetOf(control, labels));
    const says = (control, name) => !name || name === nameOf(control) || name === text(control);
    const isOf = (control) => control && control !== element && isUsed(control) && says(control, nameOf(element));
    const around = only(element);
    if (around) return isOf(around) && (!kinds.includes('hover') || around.matches(TICKED));
    const above = parent(element);
    const within = above?.closest(PRESSED);
    const beside = within ?? (above && only(above));
    return Boolean(beside) && isOf(beside) && covers(element, beside);
  };

  // The control of a box that has no other.
  const only = (box) => {
    const all = box.querySelectorAll(NATIVE);
    return all.length === 1 && all[0].matches(SET) ? all[0] : null;
  };

  const covers = (element, control) => {
    const [box, { left, top, width, height }] = [element.getBoundingClientRect(), control.getBoundingClientRect()];
    const [x, y] = [left + width / 2, top + height / 2];
    return box.left <= x && x <= box.right && box.top <= y && y <= box.bottom;
  };

  // A box around several things to click at hears for them.
  const isCarrier = ({ element }, next) => next.length === CARRIED && !element.matches(NATIVE) && !element.isContentEditable
    && styleOf(element).cursor !== 'pointer' && next.every((other) => element.contains(other.element));

  const enumerate = () => {
    given = new Map();
    speaksForOthers = new Set();
    frames = [];
    const found = candidates();
    const whole = globals();
    const owned = new Set();
    for (const one of found) {
      const isButton = one.kinds[0] === 'click' && !one.element.matches('summary,[type=checkbox],[type=radio]');
      const all = isButton ? allFor(one.element) : [];
      all.forEach((field) => owned.add(field));
      one.fields = fieldsFor(one.element, all);
    }
    agent.generation += 1;
    agent.current = [];
    const here = location.href;
    const fresh = lastRoute === here;
    const actions = [];
    const offer = (one, kind, fields, held) => {
      const told = describe(one.element, kind, fields, fresh && !seen.has(one.element), held);
      actions.push(told);
      agent.current.push({ ...one, kind, fields, held, signature: told.signature });
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
    const isChanged = agent.changes() !== lastChange;
    lastChange = agent.changes();
    return {
      url: /^about:/.test(here) ? document.baseURI : here, document: agent.random, title: document.title, generation: agent.generation, actions,
      opened: agent.takeOpened(), addresses: addresses(), idle: isNew ? [] : spent, changed: isChanged,
      passwords: [...document.querySelectorAll('input[type=password]')].filter(isVisible).length, scroll: agent.canScroll(),
      missing: guard?.missing() ?? [],
      hidden: document.hidden, asides: asides(new Set(found.map(({ element }) => element))), shut: shut(),
    };
  };

  const wholeAddress = (address) => {
    try {
      return address ? new URL(address, document.baseURI).href : '';
    } catch {
      return '';
    }
  };

  // Where a button sends its form, when that says so.
  const sends = (element) => {
    return isSubmit(element) ? wholeAddress(element.getAttribute('formaction') ?? element.form.getAttribute('action')) : '';
  };

  const handlerOf = (element) => (element.getAttribute('onclick') ?? '').slice(0, LONGEST_HANDLER);

  // Links and buttons that nobody can use now, each once: what they say tells whether their addresses are to be left alone.
  const asides = (used) => {
    const told = [];
    const tell = (element, target) => {
      const handler = handlerOf(element);
      if (used.has(element) || aired.has(element) || told.length >= MOST_ASIDES || !(target || handler)) return;
      aired.add(element);
      told.push({ target, handler, name: nameOf(element), words: wordsOf(element) });
    };
    for (const link of document.links) tell(link, hrefOf(link));
    for (const button of document.querySelectorAll('button,input[type=submit],input[type=image],[onclick]')) tell(button, sends(button));
    return told;
  };

  // All that was excluded as a whole, each once: what it names is not asked for by other ways either.
  const shut = () => (guard?.excluded() ?? []).filter((element) => !closed.has(element)).slice(0, MOST_SHUT).map((element) => {
    closed.add(element);
    return { html: element.outerHTML.slice(0, LONGEST_SHUT), base: document.baseURI };
  });

  // What stands where an element stood that has been drawn anew since the look: the same thing in the same order.
  const twin = (index) => {
    const { element, kind, signature } = agent.current[index];
    if (element.isConnected) return agent.current[index];
    const same = agent.current.filter((other) => other.signature === signature && other.kind === kind);
    const order = same.indexOf(agent.current[index]);
    given = new Map();
    speaksForOthers = new Set();
    const found = candidates().filter((other) => other.kinds.includes(kind)
      && describe(other.element, kind, [], false, agent.current[index].held).signature === signature)[order];
    if (!found) return null;
    const fields = agent.current[index].fields.length ? fieldsFor(found.element) : [];
    return { ...agent.current[index], ...found, fields };
  };

  // Where the page's head says that it goes on.
  const addresses = () => [
    ...[...document.querySelectorAll('meta[http-equiv=refresh i]')].map((meta) => /url\s*=\s*['"]?([^'"]+)/i.exec(meta.content)?.[1]),
    ...[...document.querySelectorAll('link[rel~=next],link[rel~=prev],link[rel~=help]')].map((link) => link.getAttribute('href')),
  ].map(wholeAddress).filter(Boolean);

  const describe = (element, kind, fields, isFresh, held) => {
    const row = isRow(element);
    const name = element === document.body ? '' : nameOf(element);
    const stable = attributes(element);
    const landmark = element.closest(LANDMARK);
    const isChrome = Boolean(landmark && !landmark.closest('main,article,section,dialog,[role=dialog],[role=main]'));
    const isFront = Boolean(element.closest(DIALOG));
    const isPart = isPlace(element) && !heard(element, given).has('click');
    return {
      kind, name, role: roleOf(element), tag: element.tagName.toLowerCase(),
      href: hrefOf(element), target: sends(element), handler: handlerOf(element), frame: '',
      signature: `${roleOf(element) || element.tagName.toLowerCase()}|${row ? '' : name}|${stable}|${place(element)}${held ? `|${held.join('+')}` : ''}`,
      row: rowOf(element), within: isPart,
      place: place(element), path: path(element), words: element === document.body ? '' : wordsOf(element),
      chrome: isChrome, shell: !element.closest(BODY), front: isFront || isFresh, born: born.get(element) ?? location.href,
      fields: fields.map((field) => field.name || field.id || labelOf(field)).slice(0, 30),
      passwords: fields.filter((field) => field.type === 'password').length,
      download: element.hasAttribute('download'), excluded: Boolean(guard?.excludes(element)),
      ends: kind !== 'link' && Boolean(guard?.endsSession(element)),
      ...(element.tagName === 'SELECT' ? { value: element.value, others: optionsOf(element).filter((option) => !option.selected).length } : {}),
      codes: element.tagName === 'SELECT' && [...element.options].filter((o) => /^[a-z]{2,3}([-_][A-Za-z]{2,4})?$/.test(o.value)).length > 1,
    };
  };

  const optionsOf = (list) => [...list.options].filter((option) => !option.disabled && option.value !== '');

  const FIELDS = 'input,select,textarea';
  const SAID = new Set(['text', 'email', 'tel', 'url']);
  const DULL = new Set(['SCRIPT', 'STYLE', 'LINK', 'META', 'HEAD', 'TITLE', 'BR', 'HR', 'OPTION', 'PATH', 'HTML', 'TEMPLATE']);
  const LANDMARK = 'header,nav,footer,aside,[role=banner],[role=navigation],[role=contentinfo],[role=complementary]';
  const DIALOG = 'dialog[open],[role=dialog],[role=alertdialog],[aria-modal=true],[role=menu],[role=listbox]';
  const BODY = 'main,article,section,form,dialog,[role=dialog],[role=main]';
  const TICKED = 'input[type=radio],input[type=checkbox],[role=radio],[role=checkbox],[role=switch]';
  const SET = 'input,select,textarea,[role=combobox],[role=radio],[role=checkbox],[role=switch]';
  const PRESSED = `button,[role=button],[role=tab],[role=option],[role=menuitem],${SET}`;
  const WORN = new Set(['click', 'hover', 'touch', 'press', 'focus']);
  const CARRIED = 3;
  const WRAPS = 4;
  const MOST_ELEMENTS = 20000;
  const MOST_ACTIONS = 600;
  const MOST_ASIDES = 500;
  const MOST_SHUT = 100;
  const LONGEST_SHUT = 20000;
  const LONGEST_HANDLER = 300;

  Object.assign(agent, { enumerate, twin, fieldsFor, optionsOf, framesHere: () => frames, DIALOG });
})();
