// Tells what a person does in a document: a function of (look, report), put into every document before its own scripts.
// Only trusted events count. What is typed into a password field is never told.
((look, report) => {
  const { stringify } = JSON;
  const { LOOK, find, flat, isField, nameOf, roleOf, shadow, textOf } = look;
  const numbers = new WeakMap();
  const passwords = new WeakSet();
  const own = Math.random().toString(36).slice(2);
  let count = 0;
  let entered = -1e9;

  const idOf = (element) => {
    if (!numbers.has(element)) numbers.set(element, `${own}:${(count += 1)}`);
    return numbers.get(element);
  };
  const quoted = (text) => `"${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"')}"`;
  const isMade = (id) => /\d{3,}|[0-9a-f]{8}|^[:\d]|:r\w*:/i.test(id);

  // The position of an element in its root, from the nearest ancestor that has an id of its own.
  const pathOf = (element) => {
    const steps = [];
    for (let at = element; at; at = at.parentElement) {
      if (at !== element && at.id && !isMade(at.id)) return [`#${CSS.escape(at.id)}`, ...steps].join(' > ');
      const same = [...(at.parentNode?.children || [])].filter((other) => other.localName === at.localName);
      steps.unshift(same.length > 1 ? `${at.localName}:nth-of-type(${same.indexOf(at) + 1})` : at.localName);
    }
    return steps.join(' > ');
  };
  // CSS selectors of an element in its own root, best first.
  const cssOf = (element) => {
    const found = [];
    for (const name of ['data-testid', 'data-test', 'data-test-id', 'data-qa', 'data-cy']) {
      if (element.getAttribute(name)) found.push(`[${name}=${quoted(element.getAttribute(name))}]`);
    }
    if (element.id && !isMade(element.id)) found.push(`#${CSS.escape(element.id)}`);
    const name = element.getAttribute('name');
    if (name) found.push(`${element.localName}[name=${quoted(name)}]`);
    const holder = element.getAttribute('placeholder');
    if (holder) found.push(`${element.localName}[placeholder=${quoted(holder)}]`);
    const root = element.getRootNode();
    return [...found.filter((css) => root.querySelectorAll(css).length === 1), pathOf(element)];
  };
  const hostsOf = (element) => {
    const hosts = [];
    for (let root = element.getRootNode(); root instanceof ShadowRoot; root = root.host.getRootNode()) hosts.unshift(cssOf(root.host)[0]);
    return hosts;
  };
  const isOnly = (steps, element) => {
    const found = find(steps);
    return found.length === 1 && found[0] === element;
  };
  const selectorsOf = (element) => {
    const hosts = hostsOf(element);
    const css = cssOf(element).map((one) => (hosts.length ? [...hosts, one] : one));
    const [name, role, text] = [nameOf(element), roleOf(element), isField(element) ? '' : textOf(element)];
    const words = [];
    if (name && name.length < 80 && isOnly([{ kind: 'aria', value: name, role }], element)) words.push(`aria/${name}${role ? `[role=${quoted(role)}]` : ''}`);
    if (text && text.length < 60 && isOnly([{ kind: 'text', value: text }], element)) words.push(`text/${text}`);
    // The position comes last: it is the first to change.
    return [...css.slice(0, -1), ...words, css[css.length - 1]];
  };
  const featuresOf = (element) => {
    const features = {};
    for (const [name, read] of Object.entries(LOOK)) {
      const value = name === 'text' && isField(element) ? '' : flat(read(element));
      if (value && value.length < 80) features[name] = value;
    }
    if (passwords.has(element)) features.type = 'password';
    return features;
  };

  const frames = () => {
    const path = [];
    for (let at = window; at !== at.parent; at = at.parent) {
      let index = null;
      for (let n = 0; n < at.parent.length; n += 1) if (at.parent[n] === at) index = n;
      const selectors = [];
      try {
        const element = at.frameElement;
        for (const name of ['id', 'name', 'title']) {
          const value = element.getAttribute(name);
          if (value && !isMade(value)) selectors.push(`${element.localName}[${name}=${quoted(value)}]`);
        }
      } catch { /* The frame lies in a document of another origin: its number is all that can be known. */ }
      path.unshift({ index, selectors });
    }
    return path;
  };
  const tell = (act, element, more = {}) => {
    const it = element && element !== document.body && element !== document.documentElement ? element : null;
    report(stringify({
      act, frames: frames(), ...more, element: it && idOf(it), selectors: it ? selectorsOf(it) : [], features: it ? featuresOf(it) : {},
    }));
  };

  const isCheck = (element) => element.tagName === 'INPUT' && /^(checkbox|radio)$/.test(element.type);
  const isText = (element) => isField(element) && !isCheck(element) && element.tagName !== 'SELECT' && element.type !== 'file';
  // What a click is meant for: the nearest thing around it that can be clicked.
  const meant = (element) => element.closest('a, button, summary, [role=button], [role=link], [role=menuitem], [role=tab], [role=option], [onclick], label, input, select, textarea') || element;
  // The innermost element: events do not tell what lies in closed shadow roots.
  const targetOf = (event) => {
    let at = event.composedPath()[0];
    if (!(at instanceof Element)) return document.body;
    for (let root = shadow(at); root; root = shadow(at)) {
      const inner = /click/.test(event.type) && event.detail ? root.elementFromPoint(event.clientX, event.clientY) : root.activeElement;
      if (!inner || inner === at) break;
      at = inner;
    }
    return at;
  };
  const when = (type, then) => addEventListener(type, (event) => {
    if (!event.isTrusted) return;
    try { then(event, targetOf(event)); } catch { /* Whatever the page is, its person is not disturbed. */ }
  }, { capture: true, passive: true });

  when('click', (event, at) => {
    const element = meant(at);
    if (isText(element) || isCheck(element) || element.matches('select, option')) return;
    // The control of a label is clicked too, and tells itself.
    if (element.tagName === 'LABEL' && element.control) return;
    // Enter in a field clicks the button of its form.
    if (event.detail === 0 && event.timeStamp - entered < 200) return;
    tell('click', element);
  });
  when('dblclick', (event, at) => { if (!isText(meant(at))) tell('doubleClick', meant(at)); });
  // Of check boxes and lists, too: unlike `change` it leaves shadow roots.
  when('input', (event, element) => {
    if (isCheck(element)) return tell('check', element, { checked: element.checked });
    if (element.tagName === 'SELECT') return tell('select', element, { value: element.value, label: flat(element.selectedOptions[0]?.label) });
    if (!isText(element)) return undefined;
    if (element.type === 'password') passwords.add(element);
    const isPassword = passwords.has(element);
    const isCode = element.autocomplete === 'one-time-code' || /otp|totp|2fa|mfa|one.?time|authenticat|verification.?code/i.test(`${element.name} ${element.id} ${nameOf(element)}`);
    const value = isPassword ? '' : element.value ?? element.textContent;
    return tell('type', element, { isPassword, isCode, value });
  });
  when('keydown', (event, element) => {
    if (event.isComposing) return;
    if (event.key === 'Enter') {
      if (!isText(element) || element.tagName === 'TEXTAREA' || element.isContentEditable) return;
      entered = event.timeStamp;
      tell('press', element, { key: 'Enter' });
    } else if (event.key === 'Escape' || (/^Arrow(Down|Up)$/.test(event.key) && isText(element) && !/^(number|range|date|time)/.test(element.type))) {
      tell('press', element, { key: event.key });
    }
  });
  if (window === window.parent) report(stringify({ act: 'page', frames: [], url: location.href }));
})
