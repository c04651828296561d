// Says what the elements of a page of a crawl are called, where they stand, and what they lead to.
(() => {
  'use strict';
  const agent = window[Symbol.for('handstamp.crawl')];
  if (!agent || agent.nameOf) return;

  const childRoot = (element) => element.shadowRoot ?? agent.closed.get(element);

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
      || (FIELD.test(element.tagName) ? labelOf(element) : text(element)) || element.title || element.alt || image || slotted(element))
      .slice(0, 100);
  };

  // What a button in a shadow root shows of its host, else what the host is called.
  const slotted = (element) => {
    const host = BARE.test(element.tagName) ? element.getRootNode().host : null;
    if (!host) return '';
    const shown = [...element.querySelectorAll('slot')].flatMap((slot) => slot.assignedNodes({ flatten: true }));
    return shown.map((node) => node.textContent).join(' ').replace(/\s+/g, ' ').trim() || host.getAttribute('aria-label') || host.title || '';
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
    // What an opener controls is told by some while it is open alone.
    .filter(({ name, value }) => STABLE.test(name) && value.length < 80
      && !(name === 'aria-controls' && element.hasAttribute('aria-haspopup')))
    .map(({ name, value }) => `${name}=${value}`).sort().join('&');

  // A row of a list is known by what it is, not by what it says.
  const isRow = (element) => {
    if (NAMED.has(roleOf(element)) || !element.parentElement) return false;
    if (element.tagName === 'TR' || /\d/.test(attributes(element))) return true;
    const like = (other) => other.tagName === element.tagName && other.childElementCount === element.childElementCount;
    return [...element.parentElement.children].filter(like).length >= 4;
  };

  // What the entries of a long row have in common when they have no roles of their own: their tag and the classes of their neighbours.
  const rowOf = (element) => {
    if (NAMED.has(roleOf(element)) || !element.classList.length) return '';
    const beside = (way) => {
      const found = [];
      for (let at = element[way]; at && found.length < ROW; at = at[way]) if (at.tagName === element.tagName) found.push(at);
      return found;
    };
    const near = [...beside('previousElementSibling'), ...beside('nextElementSibling')];
    const shared = [...element.classList].filter((name) => near.filter((other) => other.classList.contains(name)).length >= ROW);
    return shared.length ? [element.tagName.toLowerCase(), ...shared.sort()].join('.') : '';
  };

  // Whether a link leads to a place in the page that is open; what is hidden is shown by it, as by a tab.
  const isPlace = (element) => {
    if (element.tagName !== 'A' || isLink(element) || element.hasAttribute('role')) return false;
    const fragment = decode(/^[^#]*#(.+)$/.exec(element.getAttribute('href') ?? '')?.[1] ?? '');
    const there = fragment && (document.getElementById(fragment) ?? document.getElementsByName(fragment)[0]);
    return fragment === 'top' || Boolean(there && (there.checkVisibility?.() ?? true));
  };

  const decode = (text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  };

  const wordsOf = (element) => [nameOf(element).slice(0, 60), element.title, element.id, element.getAttribute('name'),
    element.getAttribute('class'), element.getAttribute('data-testid'), element.getAttribute('data-icon'),
    element.getAttribute('data-action'), element.getAttribute('formaction'), element.getAttribute('onclick'),
    ...[...element.querySelectorAll('svg,i,use,[class*=icon]')].slice(0, 3)
      .map((icon) => `${icon.getAttribute('class') ?? ''} ${icon.getAttribute('href') ?? ''} ${icon.getAttribute('data-icon') ?? ''}`),
  ].filter((word) => typeof word === 'string' && word).join(' | ').slice(0, 400);

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

  const ROLES = { A: 'link', AREA: 'link', BUTTON: 'button', SELECT: 'combobox', TEXTAREA: 'textbox', SUMMARY: 'button' };
  const NAMED = new Set(['button', 'link', 'tab', 'menuitem', 'menuitemcheckbox', 'menuitemradio', 'combobox', 'textbox',
    'checkbox', 'radio', 'switch']);
  const ROW = 4;
  const BARE = /^(BUTTON|A)$/;
  const FIELD = /^(INPUT|SELECT|TEXTAREA)$/;
  const BUTTONS = new Set(['button', 'submit', 'reset', 'image']);
  const STABLE = /^(id|name|type|aria-controls|data-(?!v-|react|ember|radix|state|expanded|active|selected|label).+)$/;

  Object.assign(agent, {
    childRoot, parent, isVisible, text, nameOf, labelOf, roleOf, place, path, attributes, isRow, rowOf, isPlace, wordsOf, hrefOf, isLink, FIELD, BUTTONS,
  });
})();
