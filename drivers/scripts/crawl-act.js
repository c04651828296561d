// Acts in a page of a crawl: fills what belongs to an action, fires it, and waits until the page is at rest.
(() => {
  'use strict';
  const KEY = Symbol.for('handstamp.crawl');
  const agent = window[KEY];
  if (!agent || agent.act) return;
  const { settle, enumerate, childRoot, parent, isVisible, nameOf, DIALOG } = agent;

  const isCovered = (target) => {
    const box = target.getBoundingClientRect();
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    let at = document.elementFromPoint(x, y);
    while (at && childRoot(at)?.elementFromPoint(x, y) && childRoot(at).elementFromPoint(x, y) !== at) {
      at = childRoot(at).elementFromPoint(x, y);
    }
    for (; at; at = parent(at)) if (at === target) return false;
    return true;
  };

  const fire = (target, types) => {
    const box = target.getBoundingClientRect();
    const at = { bubbles: true, cancelable: true, composed: true, view: window, button: 0,
      clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 };
    for (const type of types) {
      const Kind = type.startsWith('pointer') ? PointerEvent : MouseEvent;
      if (type === 'click') target.click();
      else target.dispatchEvent(new Kind(type, { ...at, bubbles: !/enter$/.test(type) }));
    }
  };

  const press = (target) => {
    fire(target, ['pointerover', 'mouseover', 'pointerdown', 'mousedown']);
    target.focus?.();
    fire(target, ['pointerup', 'mouseup', 'click']);
  };

  // Closes the dialog that lies over a target, as a person would before going on below it.
  const uncover = async (target) => {
    const box = target.getBoundingClientRect();
    const over = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    const dialog = over?.closest(DIALOG) ?? over?.querySelector?.(DIALOG);
    if (!dialog || dialog.contains(target)) return;
    const close = [...dialog.querySelectorAll('button,a,[role=button]')].filter(isVisible)
      .find((button) => CLOSES.test(`${nameOf(button)} ${button.className}`));
    if (close) press(close);
    else dialog.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', code: 'Escape', keyCode: 27, bubbles: true }));
    await settle(30, 1000);
  };

  // Brings the page to where only the trusted part is left; gives the element for it, or null when all is done.
  const prepare = async (index, wanted, variant, hints, untrusted) => {
    const one = agent.current[index];
    if (wanted !== agent.generation || !one?.element.isConnected) return { gone: true };
    const { element, target, kind, fields } = one;
    const { fill } = agent;
    let filled = [];
    if (fields.length) filled = await fill(fields, variant, hints, element);
    if (element.disabled) return { disabled: true, filled };
    target.scrollIntoView?.({ block: 'center', behavior: 'instant' });
    if (element.ownerDocument === document && isCovered(target)) {
      await uncover(target);
      if (!element.isConnected) return { gone: true };
    }
    if (kind === 'select' || kind === 'upload') return { done: true, filled: await fill([element], variant, hints) };
    if (kind === 'link') {
      if (element.target && element.target !== '_self') element.target = '_self';
      press(target);
      return { done: true };
    }
    if (element.form && element.form.target) element.form.target = '';
    if (kind === 'input') {
      filled = await fill([element], variant, hints);
      element.focus();
      return { done: false, filled, element };
    }
    const foreign = element.ownerDocument !== document;
    if (untrusted || foreign || isCovered(target)) {
      if (kind === 'hover') fire(target, ['pointerenter', 'mouseenter', 'pointerover', 'mouseover', 'mousemove']);
      else if (kind === 'menu') fire(target, ['contextmenu']);
      else press(target);
      if (kind === 'dblclick') fire(target, ['click', 'dblclick']);
      return { done: true, filled };
    }
    return { done: false, filled, element: target };
  };

  const act = async (index, wanted, variant, hints, untrusted, quiet, limit) => {
    agent.touch();
    const result = await prepare(index, wanted, variant, hints, untrusted);
    if (!result.done) return result;
    await settle(quiet, limit);
    return { ...result, view: enumerate() };
  };

  const observe = async (quiet, limit) => {
    const settled = await settle(agent.now() < YOUNG ? quiet * 2 : quiet, limit);
    return { settled, view: enumerate() };
  };

  const scroll = async (quiet, limit) => {
    for (let step = 0; step < 3; step += 1) {
      const scroller = document.scrollingElement;
      scroller.scrollTo({ top: scroller.scrollHeight, behavior: 'instant' });
      await settle(quiet, limit);
    }
    return { settled: true, view: enumerate() };
  };

  const CLOSES = /close|dismiss|cancel|schlie|abbrech|fermer|cerrar|^\s*[✕×✖x]\s|^\s*(ok|got it|no,? thanks)/i;
  const YOUNG = 2000;

  Object.assign(agent, { act, observe, scroll });
})();
