// Thinks up values that a field will take: by its type, its constraints, its label, what it complains about, and what the
// application has shown; preloaded after the crawl's agent.
(() => {
  'use strict';
  const agent = window[Symbol.for('handstamp.crawl')];
  if (!agent || agent.values) return;

  const fold = (text) => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');

  // All that a field is called by.
  const names = (field) => [field.name, field.id, agent.labelOf(field), field.getAttribute('formcontrolname'),
    field.getAttribute('placeholder'), field.getAttribute('autocomplete')].filter(Boolean);

  const given = (field, hints) => {
    const own = names(field).map(fold);
    return (hints.given ?? []).filter(([name]) => own.includes(fold(name))).map(([, value]) => value);
  };

  const seen = (field, hints) => names(field).flatMap((name) => hints.seen?.[name] ?? []);

  // Every value that comes into question, the best first. What was refused before is passed over by the caller.
  const values = (field, variant, hints) => {
    const said = given(field, hints);
    if (said.length) return said;
    const wide = DATES[field.type]?.(day(variant));
    if (wide) return [wide, field.min, field.max].filter(Boolean);
    const asked = demands(field, hints);
    const shown = seen(field, hints);
    switch (field.type) {
      case 'password': return [asked ? compose(asked, PASSWORD) : '', PASSWORD, PASSWORD.padEnd(field.minLength, 'x'),
        PASSWORD.slice(0, field.maxLength > 0 ? field.maxLength : 99), ...fromPattern(field)].filter(Boolean);
      case 'email': return [...(variant > 1 ? shown : []), mail(asked?.unique || variant)];
      case 'tel': return [...answers(asked), ...fromPattern(field), ...byExample(field), '+15550123456', '5550123456', '0123456789'];
      case 'url': return [...answers(asked), 'https://example.org/'];
      case 'range': return moved(field);
      case 'number': return numbers(field, variant, asked);
      case 'color': return ['#336699'];
      case 'search': return [...shown, ...words(variant)];
      default: return text(field, variant, asked, shown);
    }
  };

  const text = (field, variant, asked, shown) => {
    const label = byLabel(field, variant);
    const usual = [...label, ...(label.length ? [] : shown)];
    const made = asked ? [...answers(asked), compose(asked, usual[0] ?? 'test')] : [];
    return [...made, ...(variant > 1 ? shown : []), ...(field.pattern ? fromPattern(field) : []), ...byExample(field), ...usual,
      ...lengths(field), 'test', '1', '12345', 'abc@example.org'].filter((value) => value !== '');
  };

  const mail = (variant) => `crawl${variant || ''}@example.org`;
  const day = (variant) => new Date(Date.now() + (7 + variant) * DAY);

  const numbers = (field, variant, asked) => {
    const [from, to] = asked?.span ?? [];
    const least = asked?.above ?? from ?? Number(field.min || 1);
    const most = asked?.below ?? to ?? Number(field.max || 1e9);
    const step = Number(field.step) || 1;
    const usual = byLabel(field, variant).filter((value) => /^\d+$/.test(value));
    return [...answers(asked), ...usual, least + step * variant, least, most, (least + most) / 2, 1, 0, 100, 2030].map(String);
  };

  // A slider that stays where it stood counts as not answered.
  const moved = ({ min, max }) => {
    const [least, most] = [Number(min || 0), Number(max || 100)];
    return [Math.round((least + most) / 2), most, least].map(String);
  };

  // ---- what a field complains about ----

  // Texts around a field that tell what is wrong with it.
  const complaints = (field, hints) => {
    const root = field.getRootNode();
    const ids = `${field.getAttribute('aria-errormessage') ?? ''} ${field.getAttribute('aria-describedby') ?? ''}`;
    const told = ids.split(' ').filter(Boolean).map((id) => root.getElementById?.(id)).filter(Boolean);
    for (let at = agent.parent(field), up = 0; at && up < 4; at = agent.parent(at), up += 1) {
      if (at.querySelectorAll('input:not([type=hidden]),select,textarea').length > 1) break;
      told.push(...at.querySelectorAll(ERRORS));
    }
    const general = [...document.querySelectorAll(ERRORS)].filter((box) => !told.includes(box)).map(agent.text);
    const own = names(field).map(fold).filter((name) => name.length > 2);
    const mentions = (line) => own.some((name) => fold(line).includes(name));
    const server = (hints.refused ?? '').split(/[\n;{}[\]]|(?<=[.!])\s/).filter(mentions);
    // A count of letters complains about nothing.
    return [...new Set(told)].filter(agent.isVisible).map(agent.text).concat(general.filter(mentions), server)
      .filter((line) => /\p{L}/u.test(line)).join(' \n ').slice(0, 1000);
  };

  // The complaints as demands; nothing when there are none.
  const demands = (field, hints) => {
    const line = complaints(field, hints);
    return line ? read(line) : null;
  };

  const read = (line) => {
    const low = line.toLowerCase();
    const number = (expression) => { const found = expression.exec(low); return found ? Number(found[1]) : undefined; };
    const range = /(\d+)\s*(?:-|–|to|and|bis|und|à|et|y|a)\s*(\d+)\s*(?:[\p{L}-]+\s)?(?:char|letter|digit|zeichen|stell|caract|symbol)/u.exec(low);
    const between = /(?:between|zwischen|entre|from|von)\s+(-?\d+)\s+(?:and|und|et|y|to|bis)\s+(-?\d+)(?!\s*(?:char|letter|digit|zeichen|caract))/.exec(low);
    const exact = number(/(?:exactly|genau|exactement|exactamente)\s+(\d+)/)
      ?? number(/(?:must be|has to be|should be|needs to be|muss|doit faire|debe tener)\s+(\d+)\s*(?:char|letter|digit|zeichen|stell|caract|symbol)/);
    const span = /(?<![\d./:-])(\d+)\s*[-–]\s*(\d+)(?![\d./:-]|\s*(?:[\p{L}-]+\s)?(?:char|letter|digit|zeichen|stell|caract|symbol))/u.exec(low);
    const format = /\b((?:dd|mm|yyyy|yy|tt|jjjj|hh|ss|d|m)(?:[./: -](?:dd|mm|yyyy|yy|tt|jjjj|hh|ss|d|m))+)\b/.exec(low);
    const start = /(?:start|begin|beginn\w*|commenc\w*)s?\s+(?:with|mit|par)\s+["'“„«]?([^\s"'”“»,.]+)/i.exec(line);
    const end = /\bend(?:s|ing)?\s+(?:with|in|mit)\s+["'“„«]?([^\s"'”“»,]+?)["'”“»]?(?:[\s,]|\.?$)/i.exec(line);
    const choice = /(?:one of|allowed values?(?: are)?|must be either|choose from)\s*:?\s*["'“\[(]?([\p{L}\p{N}_-]+)/iu.exec(line);
    const example = /(?:e\.g\.|for example|example:|z\. ?b\.|such as|p\. ?ex\.|like)\s*:?\s*["'“«(]?([^\s"'”»)]*\p{N}[^\s"'”»),]*)/iu.exec(line);
    return {
      least: exact ?? (range ? Number(range[1]) : number(/(?:at least|minimum(?: length)?(?: of| is|:)?|min\.?|mindestens|au moins|al menos|longer than|not? shorter than|or more than)\s*(\d+)/)),
      most: exact ?? (range ? Number(range[2]) : number(/(?:at most|maximum(?: length)?(?: of| is|:)?|max\.?|no more than|not? (?:be )?longer than|höchstens|au plus|como máximo|up to|fewer than|shorter than)\s*(\d+)/)),
      above: between ? Number(between[1]) : number(/(?:greater than or equal to|at least|minimum(?: value)?(?: is|:)?|>=|≥|mindestens)\s*(-?\d+)(?!\d|\s*(?:\p{L}+[\s-])?(?:char|letter|digit|zeichen|stell|symbol|caract))/u) ?? next(number(/(?:greater|more|larger|higher) than\s*(-?\d+)(?!\d|\s*(?:\p{L}+[\s-])?(?:char|letter|digit|zeichen|stell|symbol|caract))/u)),
      below: between ? Number(between[2]) : number(/(?:less than or equal to|at most|maximum(?: value)?(?: is|:)?|<=|≤|höchstens)\s*(-?\d+)(?!\d|\s*(?:\p{L}+[\s-])?(?:char|letter|digit|zeichen|stell|symbol|caract))/u) ?? previous(number(/(?:less|smaller|lower) than\s*(-?\d+)(?!\d|\s*(?:\p{L}+[\s-])?(?:char|letter|digit|zeichen|stell|symbol|caract))/u)),
      upper: /upper|capital|großbuchst|majuscule|mayúscul/.test(low), lower: /lower ?-?case|kleinbuchst|minuscule|minúscul/.test(low),
      digits: /(?:only|just|must be|nur)\s+(?:\w+\s)?(?:digits|numbers|numeric|a number|an integer|ziffern|zahlen)|(?:digits|numbers|numeric|ziffern)\s+only|not a (?:valid )?number|\d\s*digits|\d\s*ziffern/.test(low),
      letters: /(?:only|just)\s+letters|letters only|alphabetic/.test(low),
      hasDigit: /\bdigit|\bnumber|ziffer|zahl\b|chiffre|número/.test(low), hasSpecial: /special|symbol|sonderzeichen|spécia|especial|punctuation/.test(low),
      mail: /e-?mail/.test(low) && /valid|format|gültig|valide|válid/.test(low), url: /\burl\b|web ?address|https?:\/\//.test(low),
      unique: /already|taken|in use|exists?\b|unique|vergeben|bereits|existe|déjà|ya está/.test(low) ? Math.floor(Math.random() * 90000) + 1000 : 0,
      future: /future|zukunft|later than|after today/.test(low), past: /\bpast\b|vergangenheit|before today|earlier/.test(low),
      span: span && Number(span[1]) < Number(span[2]) ? [Number(span[1]), Number(span[2])] : undefined,
      format: format?.[1], start: start?.[1], end: end?.[1], choice: choice?.[1], example: example?.[1],
    };
  };
  const next = (number) => (number === undefined ? undefined : number + 1);
  const previous = (number) => (number === undefined ? undefined : number - 1);

  // What a demand asks for outright.
  const answers = (asked) => {
    if (!asked) return [];
    const found = [];
    if (asked.example) found.push(asked.example);
    if (asked.choice) found.push(asked.choice);
    if (asked.format) found.push(formatted(asked.format, asked));
    if (asked.mail) found.push(mail(asked.unique));
    if (asked.url) found.push('https://example.org/');
    if (asked.above !== undefined && !asked.letters) found.push(String(asked.above));
    return found;
  };

  const formatted = (format, asked) => {
    const date = new Date(Date.now() + (asked.past ? -400 : 7) * DAY);
    const two = (number) => String(number).padStart(2, '0');
    const hasHours = /hh/.test(format);
    return format.replace(/yyyy|jjjj/, date.getFullYear()).replace(/yy/, two(date.getFullYear() % 100))
      .replace(/dd|tt|\bd\b/, two(date.getDate())).replace(/hh/, '12').replace(/mm|\bm\b/, hasHours ? '30' : two(date.getMonth() + 1)).replace(/ss/, '00');
  };

  // A text that meets what is asked of length, letters, beginning and end.
  const compose = (asked, base) => {
    let made = asked.digits ? '1234567890' : asked.letters ? 'abcdefgh' : base;
    if (asked.upper && !/\p{Lu}/u.test(made)) made = `A${made}`;
    if (asked.lower && !/\p{Ll}/u.test(made)) made += 'b';
    if (!asked.letters && !asked.digits) {
      if (asked.hasDigit && !/\d/.test(made)) made += '7';
      if (asked.hasSpecial && !/[^\p{L}\p{N}\s]/u.test(made)) made += '!';
    }
    if (asked.unique) made += asked.letters ? 'q' : asked.unique;
    const [head, tail] = [asked.start ?? '', asked.end ?? ''];
    const filler = asked.digits ? '1234567890' : 'abcdefghij';
    const inner = Math.max(0, (asked.least ?? 0) - head.length - tail.length);
    while (made.length < inner) made += filler.slice(0, inner - made.length);
    if (asked.most) made = made.slice(-Math.max(1, asked.most - head.length - tail.length));
    return (made.startsWith(head) ? made : head + made) + tail;
  };

  // ---- by label, example, pattern, length ----

  const byLabel = (field, variant) => {
    const label = names(field).join(' ').toLowerCase();
    const found = LABELS.find(([expression]) => expression.test(label));
    const values = found ? found[1] : [];
    return typeof values === 'function' ? values(variant) : values;
  };

  // A placeholder that looks like a value is one.
  const byExample = (field) => {
    const example = (field.placeholder ?? '').replace(/^\s*(e\.g\.|ex\.?:?|example:?|z\. ?b\.)\s*/i, '').trim();
    return /^\S*\d\S*$/.test(example) ? [example] : [];
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

  const PASSWORD = 'Hs!0aA9-crawl';
  const DAY = 86_400_000;
  const iso = (date) => date.toISOString();
  const DATES = {
    date: (date) => iso(date).slice(0, 10), month: (date) => iso(date).slice(0, 7), time: () => '12:30',
    'datetime-local': (date) => iso(date).slice(0, 16), week: (date) => `${date.getFullYear()}-W30`,
  };
  const ERRORS = '[role=alert],[aria-live=assertive],mat-error,[class*=error i],[class*=invalid i]:not(input):not(select):not(textarea):not(form),'
    + '[class*=danger i],[class*=warning i],[class*=help i],[class*=hint i]';
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

  agent.values = values;
  agent.complaints = complaints;
})();
