// Fills the fields of a form with values that it will take; preloaded after the crawl's agent.
(() => {
  'use strict';
  const agent = window[Symbol.for('handstamp.crawl')];
  if (!agent || agent.fill) return;

  // Sets values as typing does, also where a framework has put its own setter on the element.
  const setter = (field, property) => {
    const Kind = field.ownerDocument.defaultView[PROTOTYPES[field.tagName]] ?? field.constructor;
    return Object.getOwnPropertyDescriptor(Kind.prototype, property)?.set;
  };

  const put = (field, property, value) => {
    field.focus?.({ preventScroll: true });
    const set = setter(field, property);
    if (set) set.call(field, value);
    else field[property] = value;
    for (const type of ['keydown', 'input', 'keyup', 'change']) {
      const Kind = type.startsWith('key') ? KeyboardEvent : type === 'input' ? InputEvent : Event;
      field.dispatchEvent(new Kind(type, { bubbles: true, composed: true }));
    }
    field.dispatchEvent(new FocusEvent('blur'));
  };

  const fill = (fields, variant) => {
    const passwords = `Hs!${variant}aA9-crawl`;
    return fields.map((field) => one(field, variant, passwords)).filter(Boolean);
  };

  const one = (field, variant, password) => {
    try {
      if (field.tagName === 'SELECT') return choose(field, variant);
      if (field.isContentEditable) {
        field.focus();
        field.textContent = 'hello';
        field.dispatchEvent(new InputEvent('input', { bubbles: true }));
        return field.id;
      }
      if (field.type === 'checkbox') return field.checked ? '' : (field.click(), field.name);
      if (field.type === 'radio') return radio(field, variant);
      // What the application has filled in is the best guess of all.
      if (field.value && variant === 0 && field.checkValidity() && field.type !== 'search') return field.name;
      const value = candidates(field, variant, password).find((text) => fits(field, text));
      if (value !== undefined) put(field, 'value', value);
      return field.name || field.id;
    } catch {
      return '';
    }
  };

  const fits = (field, text) => {
    const before = field.value;
    setter(field, 'value')?.call(field, text);
    const good = field.value !== '' && field.checkValidity();
    setter(field, 'value')?.call(field, before);
    return good;
  };

  const choose = (field, variant) => {
    const options = [...field.options].filter((option) => !option.disabled && option.value !== '');
    const others = options.filter((option) => option.index !== field.selectedIndex);
    const option = others[variant % Math.max(others.length, 1)] ?? options[0];
    if (option) put(field, 'value', option.value);
    return field.name || field.id;
  };

  const radio = (field, variant) => {
    const group = [...field.getRootNode().querySelectorAll('input[type=radio]')].filter((other) => other.name === field.name);
    if (group[variant % group.length] !== field || field.checked) return '';
    field.click();
    return field.name;
  };

  const candidates = (field, variant, password) => {
    const number = (extra) => numbers(field, variant).concat(extra);
    const wide = DATES[field.type]?.(new Date(Date.now() + (7 + variant) * DAY));
    if (wide) return [wide, field.min, field.max].filter(Boolean);
    switch (field.type) {
      case 'password': return [password];
      case 'email': return [`crawl${variant || ''}@example.org`];
      case 'tel': return ['+15550123456', '5550123456', '0123456789'];
      case 'url': return ['https://example.org/'];
      case 'number': case 'range': return number([]);
      case 'color': return ['#336699'];
      case 'search': return words(variant);
      default: return [...byLabel(field, variant), ...fromPattern(field), ...lengths(field), 'test', '1', '12345', 'abc@example.org'];
    }
  };

  const numbers = (field, variant) => {
    const [least, most] = [Number(field.min || 1), Number(field.max || 1e9)];
    const step = Number(field.step) || 1;
    return [least + step * variant, least, most, (least + most) / 2, 1, 0, 100, 2030].map(String);
  };

  const byLabel = (field, variant) => {
    const label = `${field.autocomplete ?? ''} ${field.name} ${field.id} ${agent.labelOf(field)} ${field.placeholder ?? ''}`.toLowerCase();
    const found = LABELS.find(([expression]) => expression.test(label));
    const values = found ? found[1] : [];
    return typeof values === 'function' ? values(variant) : values;
  };

  // Words that the page shows are what its search will find.
  const words = (variant) => {
    const shown = [...document.querySelectorAll('main h2,main h3,main li,main td,main a,h2,h3,td,li')].slice(0, 200)
      .filter(agent.isVisible).map(agent.text).join(' ').match(/\p{L}{4,12}/gu) ?? [];
    const unique = [...new Set(shown)];
    return [unique[variant * 3], unique[0], 'a'].filter(Boolean);
  };

  const lengths = (field) => {
    const least = Math.max(field.minLength, 1);
    const text = 'A fine day to look around, and nothing to complain about. '.repeat(Math.ceil(least / 50));
    const most = field.maxLength > 0 ? field.maxLength : Math.max(least, field.tagName === 'TEXTAREA' ? 40 : 12);
    return [text.slice(0, Math.max(most, least)).trim(), 'x'.repeat(least)];
  };

  // One text that a pattern takes: first alternatives, fewest repetitions.
  const fromPattern = (field) => {
    if (!field.pattern) return [];
    let at = 0;
    const source = field.pattern;
    const sequence = () => {
      let text = '';
      while (at < source.length && source[at] !== ')' && source[at] !== '|') text += repeated(atom());
      while (source[at] === '|') {
        at += 1;
        sequence();
      }
      return text;
    };
    const atom = () => {
      const sign = source[at++];
      if (sign === '(') {
        if (source[at] === '?') at += source[at + 1] === '<' ? source.slice(at).indexOf('>') + 1 : 2;
        const text = sequence();
        at += 1;
        return text;
      }
      if (sign === '[') return oneOf();
      if (sign === '\\') return ({ d: '1', w: 'a', s: ' ', b: '' })[source[at]] !== undefined ? { d: '1', w: 'a', s: ' ', b: '' }[source[at++]] : source[at++];
      if (sign === '.') return 'a';
      return sign === '^' || sign === '$' ? '' : sign;
    };
    const oneOf = () => {
      const end = source.indexOf(']', at + 1);
      const body = source.slice(at, end);
      at = end + 1;
      const regex = new RegExp(`[${body}]`);
      return [...'1aA-_ .@+/'].find((letter) => regex.test(letter)) ?? body[0];
    };
    const repeated = (text) => {
      const count = /^\{(\d+)(,\d*)?\}|^[?*+]/.exec(source.slice(at));
      if (!count) return text;
      at += count[0].length;
      if (count[1]) return text.repeat(Number(count[1]));
      return count[0] === '+' ? text : '';
    };
    try {
      return [sequence()];
    } catch {
      return [];
    }
  };

  const DAY = 86_400_000;
  const iso = (date) => date.toISOString();
  const DATES = {
    date: (date) => iso(date).slice(0, 10), month: (date) => iso(date).slice(0, 7), time: () => '12:30',
    'datetime-local': (date) => iso(date).slice(0, 16), week: (date) => `${date.getFullYear()}-W30`,
  };
  const LABELS = [
    [/user.?name|login|benutzer/, (variant) => [`crawler${variant}`]],
    [/e-?mail|correo/, (variant) => [`crawl${variant || ''}@example.org`]],
    [/phone|mobile|tel\b|telefon/, ['5550123456', '+15550123456']],
    [/post.?code|\bzip|postal|\bplz\b/, ['12345', '1234', 'SW1A 1AA']],
    [/card.?(number|no)|cc-number|pan\b/, ['4111111111111111', '4111 1111 1111 1111']],
    [/cvv|cvc|security.?code/, ['123', '1234']],
    [/expir|valid.?(until|thru)/, ['12/30', '12/2030', '1230']],
    [/year|jahr/, ['2030', '30']],
    [/month|monat/, ['12', '1']],
    [/date|datum/, [new Date(Date.now() + 7 * DAY).toISOString().slice(0, 10), '01/02/2030']],
    [/search|query|such|\bq\b/, words],
    [/amount|price|quantity|count|number|age|anzahl|menge/, (variant) => [String(10 + variant), '1', '100']],
    [/url|link|website/, ['https://example.org/']],
    [/colou?r/, ['#336699']],
    [/city|town|stadt|ort\b/, ['Springfield']],
    [/country|land\b/, ['Germany', 'DE']],
    [/street|address|adresse|strasse/, ['1 Main Street']],
    [/first.?name|given|vorname/, ['Robin']],
    [/last.?name|family|surname|nachname/, ['Miller']],
    [/name/, (variant) => [`Robin Miller${variant ? ` ${variant}` : ''}`, `robin${variant || ''}`]],
  ];
  const PROTOTYPES = { INPUT: 'HTMLInputElement', SELECT: 'HTMLSelectElement', TEXTAREA: 'HTMLTextAreaElement' };

  agent.fill = fill;
})();
