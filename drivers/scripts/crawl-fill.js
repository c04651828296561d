// Fills the fields of a form so that it is accepted, and mends what it complains about; preloaded after the crawl's values.
(() => {
  'use strict';
  const agent = window[Symbol.for('handstamp.crawl')];
  if (!agent || agent.fill) return;
  const { values, complaints, settle, isVisible, parent, text, fieldsFor, optionsOf } = agent;

  // Sets values as typing does, also where a framework has put its own setter on the element.
  const setter = (field, property) => {
    const Kind = field.ownerDocument.defaultView[PROTOTYPES[field.tagName]] ?? field.constructor;
    return Object.getOwnPropertyDescriptor(Kind.prototype, property)?.set;
  };

  const put = (field, property, value) => {
    field.focus?.({ preventScroll: true });
    typed.add(value);
    const set = setter(field, property);
    if (set) set.call(field, value);
    else field[property] = value;
    for (const type of ['keydown', 'input', 'keyup', 'change']) {
      const Kind = type.startsWith('key') ? KeyboardEvent : type === 'input' ? InputEvent : Event;
      field.dispatchEvent(new Kind(type, { bubbles: true, composed: true }));
    }
    leave(field);
  };

  const leave = (field) => {
    field.dispatchEvent(new FocusEvent('blur'));
    field.dispatchEvent(new FocusEvent('focusout', { bubbles: true }));
  };

  // Fills all fields, then what else the form asks for, then mends twice what is complained about. Gives the names of what was filled.
  const fill = async (fields, variant, hints = {}, button = null) => {
    const before = new Map(fields.map((field) => [field, complaints(field, hints)]));
    const hasComplaint = variant > 0 && [...before.values()].some(Boolean);
    const filled = fields.map((field) => one(field, variant, hints, hasComplaint)).filter(Boolean);
    if (!button || !fields.length) return filled;
    await choices(box(fields, button));
    for (let round = 0; round < MENDS; round += 1) {
      await settle(SHORT, PATIENCE);
      // What was filled may have brought more fields: a choice that depends on another.
      const late = fieldsFor(button).filter((field) => !before.has(field));
      late.forEach((field) => {
        before.set(field, '');
        one(field, variant, hints, false);
      });
      const all = [...before.keys()].filter((field) => field.isConnected && !late.includes(field));
      const isStuck = isOff(button);
      const wrong = all.filter((field) => isWrong(field, hints, before.get(field), isStuck));
      if (!late.length && !wrong.length && !isStuck) break;
      (wrong.length ? wrong : all.filter((field) => !field.value)).forEach((field) => one(field, variant + round + 1, hints, true));
    }
    return filled;
  };

  const isOff = (button) => button.disabled || button.getAttribute('aria-disabled') === 'true';
  // Whether a field is marked as wrong, or something is said about it that was not said before.
  const isWrong = (field, hints, before, isStuck) => {
    if (!isText(field)) return false;
    const [invalid, isMarked] = [field.getAttribute('aria-invalid'), INVALID.test(field.className)];
    if (invalid === 'true' || (field.willValidate && !field.checkValidity()) || (isStuck && isMarked)) return true;
    if (invalid === 'false') return false;
    const said = complaints(field, hints);
    return Boolean(said) && (said !== before || isMarked);
  };
  const isText = (field) => !['checkbox', 'radio', 'file'].includes(field.type) && field.tagName !== 'SELECT';

  const one = (field, variant, hints, isMending) => {
    try {
      if (field.tagName === 'SELECT') return choose(field, variant, hints);
      if (field.type === 'file') return upload(field, variant);
      if (field.isContentEditable) return write(field);
      if (field.type === 'checkbox') return field.checked ? '' : (field.click(), field.name);
      if (field.type === 'radio') return radio(field, variant);
      // What the application has filled in is the best guess of all.
      const isGood = field.value && field.checkValidity() && field.type !== 'search' && field.type !== 'range' && !matches(field, hints.given);
      if (isGood && (variant === 0 || (isMending && !complaints(field, hints)))) return field.name;
      if (variant > 0 && field.value) refuse(field);
      const fitting = values(field, variant, hints).filter((candidate) => fits(field, candidate));
      const value = fitting.find((candidate) => !refused.get(field)?.has(candidate))
        ?? fitting.find((candidate) => variant === 0 || candidate !== field.value);
      if (value !== undefined) put(field, 'value', value);
      else leave(field);
      return field.name || field.id;
    } catch {
      return '';
    }
  };

  // What was typed into this document so far.
  const typed = new Set();

  // What a field has had is not what will be taken.
  const refused = new WeakMap();
  const refuse = (field) => refused.set(field, (refused.get(field) ?? new Set()).add(field.value));

  const matches = (field, given = []) => given.some(([name]) => [field.name, field.id, agent.labelOf(field)].includes(name));

  const write = (field) => {
    field.focus();
    field.textContent = 'A fine day';
    for (const type of ['input', 'keyup', 'change']) field.dispatchEvent(new Event(type, { bubbles: true, composed: true }));
    leave(field);
    return field.id;
  };

  const fits = (field, text) => {
    const before = field.value;
    setter(field, 'value')?.call(field, text);
    const isLong = field.maxLength > 0 && text.length > field.maxLength;
    const isShort = field.minLength > 0 && text.length < field.minLength;
    const good = field.value !== '' && !isLong && !isShort && field.checkValidity();
    setter(field, 'value')?.call(field, before);
    return good;
  };

  const choose = (field, variant, hints) => {
    const options = optionsOf(field);
    const said = (hints.given ?? []).find(([name]) => matches(field, [[name]]));
    const asked = said && options.find((option) => option.value === said[1] || text(option) === said[1]);
    const others = options.filter((option) => option.index !== field.selectedIndex);
    const back = [...field.options].find((option) => option.value === hints.back);
    const option = back ?? asked ?? others[variant % Math.max(others.length, 1)] ?? options[0];
    if (option && field.multiple) option.selected = true;
    if (option) put(field, 'value', option.value);
    return field.name || field.id;
  };

  const radio = (field, variant) => {
    const all = field.form ? [...field.form.elements] : [...field.getRootNode().querySelectorAll('input[type=radio]')];
    const group = all.filter((other) => other.type === 'radio' && other.name === field.name && !other.disabled);
    if (group[variant % group.length] !== field || field.checked) return '';
    field.click();
    return field.name;
  };

  // ---- files ----

  const upload = (field, variant) => {
    const transfer = new (field.ownerDocument.defaultView.DataTransfer)();
    transfer.items.add(sample(field, variant));
    field.files = transfer.files;
    for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, { bubbles: true, composed: true }));
    return field.name || field.id;
  };

  // A small file of a kind that the field accepts; where it does not say which, one that it is called by, then others.
  const sample = (field, variant) => {
    const accepted = (field.accept || guesses(field)[variant % KINDS.length]).split(',').map((word) => word.trim().toLowerCase());
    const kind = accepted.map((word) => FILES.find(([name, type]) => word === type || word === name
      || (word.endsWith('/*') && type.startsWith(word.slice(0, -1))))).find(Boolean);
    const [name, type, body] = kind ?? (accepted[0].startsWith('.') ? [accepted[0], 'application/octet-stream', 'handstamp'] : FILES[0]);
    const bytes = body.startsWith('base64,') ? Uint8Array.from(atob(body.slice(7)), (letter) => letter.charCodeAt(0)) : body;
    return new File([bytes], `sample${name}`, { type });
  };

  const guesses = (field) => {
    const words = `${agent.labelOf(field)} ${field.name} ${field.id} ${text(field.form ?? parent(field)).slice(0, 300)}`;
    return PICTURE.test(words) ? [KINDS[1], ...KINDS.filter((kind) => kind !== KINDS[1])] : KINDS;
  };

  // ---- what is no field of HTML: lists that are drawn, radio groups, check boxes and sliders by role ----

  const box = (fields, button) => {
    let at = button.form ?? parent(button);
    while (at && !fields.every((field) => at.contains(field) || field.form === at)) at = parent(at);
    return at && !/^(BODY|HTML)$/.test(at.tagName) ? at : null;
  };

  const choices = async (form) => {
    if (!form) return;
    const unanswered = [...form.querySelectorAll(DRAWN)].filter((widget) => isVisible(widget) && !isAnswered(widget));
    for (const widget of unanswered.slice(0, MOST_DRAWN)) await answer(widget);
  };

  const isAnswered = (widget) => {
    const role = widget.getAttribute('role');
    if (role === 'combobox') return Boolean(widget.value) || Boolean(widget.querySelector('[aria-selected=true],[class*=value-text]'));
    if (role === 'checkbox') return widget.getAttribute('aria-checked') === 'true';
    return Boolean(widget.querySelector('[aria-checked=true],[aria-selected=true],input:checked'));
  };

  const answer = async (widget) => {
    const role = widget.getAttribute('role');
    if (role === 'checkbox') return press(widget);
    if (role === 'radiogroup') return press([...widget.querySelectorAll('[role=radio],input[type=radio]')].find((radio) => !radio.disabled));
    if (role === 'combobox') {
      press(widget);
      await settle(SHORT, PATIENCE);
    }
    const list = document.getElementById(widget.getAttribute('aria-controls') ?? widget.getAttribute('aria-owns') ?? '') ?? document;
    const options = [...(role === 'listbox' ? widget : list).querySelectorAll('[role=option]')];
    press(options.filter(isVisible).find((option) => option.getAttribute('aria-disabled') !== 'true' && text(option)));
    await settle(SHORT, PATIENCE);
    return undefined;
  };

  const press = (element) => element && agent.press(element);

  const MENDS = 2;
  const INVALID = /(^|[-_\s])invalid(\s|$)/;
  const MOST_DRAWN = 12;
  const SHORT = 40;
  const PATIENCE = 1000;
  const DRAWN = '[role=combobox]:not(input),input[role=combobox][readonly],[role=listbox],[role=radiogroup],[role=checkbox][aria-required=true]';
  const KINDS = ['text/plain', 'image/png', 'application/pdf', 'application/json', 'application/xml', 'application/zip'];
  const PICTURE = /image|photo|picture|avatar|logo|bild|foto|imagen/i;
  const FILES = [
    ['.txt', 'text/plain', 'a fine day\n'],
    ['.png', 'image/png', 'base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='],
    ['.gif', 'image/gif', 'base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7'],
    ['.jpg', 'image/jpeg', 'base64,/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA='],
    ['.jpeg', 'image/jpeg', 'base64,/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA='],
    ['.svg', 'image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'],
    ['.pdf', 'application/pdf', '%PDF-1.1\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n'],
    ['.csv', 'text/csv', 'id,name\n1,Robin\n'],
    ['.json', 'application/json', '{"id":1,"name":"Robin"}\n'],
    ['.xml', 'application/xml', '<?xml version="1.0"?>\n<items><item id="1"/></items>\n'],
    ['.xml', 'text/xml', '<?xml version="1.0"?>\n<items><item id="1"/></items>\n'],
    ['.yaml', 'application/yaml', 'id: 1\n'],
    ['.html', 'text/html', '<!doctype html><title>sample</title>\n'],
    ['.md', 'text/markdown', '# sample\n'],
    ['.zip', 'application/zip', 'base64,UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=='],
  ];
  const PROTOTYPES = { INPUT: 'HTMLInputElement', SELECT: 'HTMLSelectElement', TEXTAREA: 'HTMLTextAreaElement' };

  agent.fill = fill;
  agent.hasTyped = (value) => typed.has(value);
})();
