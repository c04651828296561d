// Acts in a page of a crawl: fills what belongs to an action, fires it or says how to, and waits until the page is at rest.
(() => {
  'use strict';
  const agent = window[Symbol.for('handstamp.crawl')];
  if (!agent || agent.act) return;
  const { settle, childRoot, parent, isVisible, nameOf, DIALOG } = agent;

  // What lies at a point, shadow roots looked into.
  const at = ({ x, y }) => {
    let found = document.elementFromPoint(x, y);
    for (;;) {
      const inner = found && childRoot(found)?.elementFromPoint(x, y);
      if (!inner || inner === found) return found;
      found = inner;
    }
  };

  const isOn = (point, target) => {
    for (let found = at(point); found; found = parent(found)) if (found === target) return true;
    return target.tagName === 'BODY' || target.tagName === 'HTML';
  };

  // A point at which a target can be touched; nothing when it is covered all over.
  const pointOf = (target) => {
    const boxes = [...target.getClientRects()].slice(0, 3);
    const spots = boxes.flatMap((box) => [[0.5, 0.5], [0.2, 0.5], [0.8, 0.5], [0.5, 0.2], [0.5, 0.8]]
      .map(([x, y]) => ({ x: Math.floor(box.left + box.width * x), y: Math.floor(box.top + box.height * y) })));
    return spots.find((spot) => isOn(spot, target)) ?? null;
  };

  const middle = (target) => {
    const box = target.getBoundingClientRect();
    return { x: Math.max(0, box.left + box.width / 2), y: Math.max(0, box.top + box.height / 2) };
  };

  // The part of a picture that an area stands for.
  const pointOfArea = (area, image) => {
    const box = image.getBoundingClientRect();
    const [a = 0, b = 0, c = 2, d = 2] = (area.getAttribute('coords') ?? '').split(',').map(Number);
    const [x, y] = area.shape === 'circle' ? [a, b] : [(a + c) / 2, (b + d) / 2];
    return { x: box.left + x, y: box.top + y };
  };

  const fire = (target, types) => {
    const point = middle(target);
    const init = { bubbles: true, cancelable: true, composed: true, view: window, button: 0, clientX: point.x, clientY: point.y };
    for (const type of types) {
      const Kind = type.startsWith('pointer') ? PointerEvent : type.startsWith('key') ? KeyboardEvent : MouseEvent;
      if (type === 'click' && target.click) target.click();
      else target.dispatchEvent(new Kind(type, { ...init, key: 'Enter', bubbles: !/(enter|leave)$/.test(type) }));
    }
  };

  const press = (target) => {
    fire(target, ['pointerover', 'mouseover', 'pointerdown', 'mousedown']);
    target.focus?.();
    fire(target, ['pointerup', 'mouseup', 'click']);
  };

  // Does by script what cannot be done as a person would.
  const force = ({ kind, target }) => {
    if (kind === 'hover') fire(target, ['pointerenter', 'mouseenter', 'pointerover', 'mouseover', 'mousemove', 'mouseleave']);
    else if (kind === 'menu') fire(target, ['contextmenu']);
    else if (kind === 'key') fire(target, ['keydown', 'keyup']);
    else press(target);
    if (kind === 'dblclick') fire(target, ['click', 'dblclick']);
  };

  // What was to be done with real input last, for when that is refused.
  let last = null;
  const forceLast = () => {
    if (last) force(last);
    for (const frame of agent.framesHere()) agent.ask(frame, 'forceLast', [], 500);
    last = null;
  };

  // Closes the dialog, banner or curtain that lies over a target, as a person would before going on below it.
  const uncover = async (target) => {
    const over = at(middle(target));
    const dialog = over?.closest(DIALOG) ?? over?.querySelector?.(DIALOG) ?? layer(over, target);
    if (!dialog || dialog.contains(target)) return;
    const close = [...dialog.querySelectorAll('button,a,[role=button],[onclick],[class*=close],[aria-label]')].filter(isVisible)
      .find((button) => CLOSES.test(`${nameOf(button)} ${button.className}`));
    if (close) press(close);
    else dialog.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', code: 'Escape', keyCode: 27, bubbles: true }));
    await settle(30, 1000);
  };

  const layer = (over, target) => {
    let found = null;
    for (let up = over; up && up !== document.body && !up.contains(target); up = parent(up)) {
      if (/fixed|absolute|sticky/.test(window.getComputedStyle(up).position)) found = up;
    }
    return found;
  };

  const stay = (element) => {
    const base = document.querySelector('base[target]')?.target;
    for (const one of [element.closest('a,area'), element.form]) {
      if (one && (one.target || base) && /^_(blank|new)$/.test(one.target || base)) one.target = '_self';
    }
  };

  const focus = (element) => {
    if (element === document.body) return document.activeElement?.blur?.();
    window.focus();
    element.focus?.({ preventScroll: true });
    if (!element.contains(document.activeElement)) element.querySelector('[tabindex],a[href],button,input,select,textarea')?.focus();
  };

  // What is done by script alone, because no pointer is needed for it.
  const atOnce = async (one, variant, hints) => {
    const { element, kind } = one;
    if (kind === 'select' || kind === 'upload') return { done: true, filled: await agent.fill([element], variant, hints) };
    if (kind === 'back') history.back();
    else if (kind === 'focus') {
      focus(element);
      const types = agent.heard(element);
      if (types.has('blur') || types.has('focusout')) element.blur();
    } else if (kind === 'drop') agent.drop(document.querySelector('[draggable=true]'), element);
    else if (kind === 'drag' && element.draggable) dropZones(element).forEach((zone) => agent.drop(element, zone));
    else return null;
    return { done: true };
  };

  const dropZones = (source) => {
    const zones = [...document.querySelectorAll('*')].filter((element) => agent.own(element).has('drop') && !element.contains(source));
    return zones.length ? zones.slice(0, 6) : [source.nextElementSibling ?? document.body];
  };

  // Brings the page to where only the trusted part is left, and tells the steps of that; or does it all.
  const prepare = async (index, wanted, variant, hints, untrusted, isSecond = false) => {
    agent.touch();
    last = null;
    const known = agent.current[index];
    if (wanted !== agent.generation || !known) return { gone: true };
    if (known.frame) return agent.reach(known, variant, hints, untrusted);
    const one = agent.twin(index);
    if (!one) return { gone: true };
    const { element, target, kind, fields } = one;
    let filled = [];
    if (fields.length) filled = await agent.fill(fields, variant, hints, element);
    if (element.disabled) return { disabled: true, filled };
    const whole = element === document.body;
    if (!whole) target.scrollIntoView?.({ block: 'center', inline: 'center', behavior: 'instant' });
    const point = element.tagName === 'AREA' ? pointOfArea(element, target) : await touchable(target);
    if (!element.isConnected) return isSecond ? { gone: true } : prepare(index, wanted, variant, hints, untrusted, true);
    stay(element);
    const done = await atOnce(one, variant, hints);
    if (done) return done;
    if (kind === 'input') filled = await agent.fill([element], variant, hints);
    const isFar = agent.isFar(target.getBoundingClientRect());
    if (kind === 'input' || kind === 'key' || isFar) focus(element);
    if (untrusted || (!point && kind !== 'input' && kind !== 'key' && !isFar)) {
      force(one);
      return { done: true, filled };
    }
    last = one;
    return { done: false, filled, input: agent.steps(one, point ?? middle(target)) };
  };

  const touchable = async (target) => {
    const point = pointOf(target);
    if (point || target.ownerDocument !== document) return point;
    await uncover(target);
    return pointOf(target) ?? afterCurtain(target);
  };

  // A click beside a menu or a dialog, on the curtain behind it, closes many that know no key.
  const afterCurtain = async (target) => {
    const curtain = at(middle(target));
    if (!curtain || curtain.contains(target) || !isBare(curtain)) return null;
    press(curtain);
    await settle(30, 1000);
    return pointOf(target);
  };

  const isBare = (element) => {
    const box = element.getBoundingClientRect();
    return !element.childElementCount && !element.textContent.trim() && !element.closest('a,button,label,iframe,canvas,video')
      && box.width * box.height > window.innerWidth * window.innerHeight / 3;
  };

  const act = async (index, wanted, variant, hints, untrusted, quiet, limit, idle) => {
    agent.forget(idle);
    const result = await prepare(index, wanted, variant, hints, untrusted);
    if (!result.done || result.enter) return result;
    await settle(quiet, limit);
    return { ...result, view: await agent.tell(quiet, limit) };
  };

  const observe = async (quiet, limit, idle = []) => {
    agent.forget(idle);
    const settled = await settle(agent.now() < YOUNG ? quiet * 2 : quiet, limit);
    return { settled, view: await agent.tell(quiet, limit) };
  };

  // ---- scrolling: on until something new can be done, or nothing new has come for long ----

  const shapes = new Set();
  let barren = 0;
  let scrolls = 0;

  const scrollers = () => {
    const inner = [...document.querySelectorAll('div,ul,ol,section,main,article,aside,table,tbody,nav,pre')]
      .filter((element) => element.scrollHeight > element.clientHeight + 40 && element.clientHeight > 40 || element.scrollWidth > element.clientWidth + 40 && element.clientWidth > 40)
      .filter((element) => /auto|scroll/.test(window.getComputedStyle(element).overflow) && isVisible(element));
    return [document.scrollingElement, ...inner.slice(0, MOST_SCROLLERS)].filter(Boolean);
  };

  const isAtEnd = (element) => element.scrollTop + element.clientHeight >= element.scrollHeight - Math.max(2, element.clientHeight * 0.2)
    && element.scrollLeft + element.clientWidth >= element.scrollWidth - Math.max(2, element.clientWidth * 0.2);

  // The number of the next scrolling, or nought when there is nothing to scroll.
  const canScroll = () => (barren < MOST_BARREN && scrollers().some((element) => !isAtEnd(element)) ? scrolls + 1 : 0);

  const isNovel = () => {
    const view = agent.enumerate();
    agent.opened.unshift(...view.opened);
    const before = shapes.size;
    for (const action of view.actions) shapes.add(`${action.kind} ${action.signature.replace(/\d+/g, '0')}`);
    return shapes.size > before;
  };

  const scrollOn = async (quiet, limit) => {
    if (!scrolls) isNovel();
    scrolls += 1;
    for (let step = 0; step < MOST_STEPS && canScroll(); step += 1) {
      for (const element of scrollers()) {
        element.scrollBy({ top: element.clientHeight * 0.8, left: element.clientWidth * 0.8, behavior: 'instant' });
      }
      await settle(quiet / 2, limit);
      barren += 1;
      if (isNovel()) {
        barren = 0;
        break;
      }
    }
    await Promise.all(agent.framesHere().map((frame) => agent.ask(frame, 'scrollOn', [quiet, limit], 4000)));
    return true;
  };

  const scroll = async (quiet, limit) => {
    await scrollOn(quiet, limit);
    return { settled: true, view: await agent.tell(quiet, limit) };
  };

  const CLOSES = /close|dismiss|cancel|schlie|abbrech|fermer|cerrar|accept|agree|akzept|zustimm|accepter|aceptar|^\s*[✕×✖x](\s|$)|^\s*(ok|got it|no,? thanks|allow)/i;
  const YOUNG = 2000;
  const MOST_SCROLLERS = 5;
  const MOST_STEPS = 12;
  const MOST_BARREN = 14;

  Object.assign(agent, { act, press, forceLast, prepare, observe, scroll, scrollOn, canScroll });
})();
