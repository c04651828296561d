// Joins what the frames of a page tell with what the page itself shows: looks, and the way to point at something in them.
(() => {
  'use strict';
  const KEY = Symbol.for('handstamp.crawl');
  const agent = window[KEY];
  if (!agent || agent.tell) return;

  const isFrame = (element) => FRAMES.test(element.tagName) && Boolean(element.contentWindow);

  // Whether a frame's document has an agent of its own; of those on other origins that is to be seen only by asking.
  const isReached = (frame) => {
    // Where no scripts run, an agent would stand still.
    if (frame.hasAttribute('sandbox') && !frame.sandbox?.contains('allow-scripts')) return false;
    try {
      return Boolean(frame.contentWindow[KEY]);
    } catch {
      return true;
    }
  };

  const isOpen = (frame) => {
    try {
      return Boolean(frame.contentDocument);
    } catch {
      return false;
    }
  };

  const ask = async (frame, method, args, limit) => {
    try {
      const inner = frame.contentWindow[KEY];
      return inner ? await Promise.race([inner[method](...args), new Promise((done) => agent.later(() => done(null), limit))]) : null;
    } catch {
      return agent.askFrame(frame.contentWindow, method, args, limit);
    }
  };

  // Frames that do not answer, such as those of error pages, are asked once more, and then left alone.
  const silent = new WeakMap();
  const isHeard = async (frame) => {
    if ((silent.get(frame) ?? 0) > 1) return false;
    const answer = await ask(frame, 'ping', [], PATIENCE);
    if (!answer) silent.set(frame, (silent.get(frame) ?? 0) + 1);
    return Boolean(answer);
  };

  const look = async (frame, quiet, limit) => ((await isHeard(frame))
    ? ask(frame, 'observe', [quiet, Math.min(limit, LONGEST)], LONGEST + 500) : null);

  // A look at this document and at all that are shown in it. The actions of frames stand behind its own.
  const tell = async (quiet, limit) => {
    const view = agent.enumerate();
    const shown = agent.framesHere().filter((frame) => agent.isVisible(frame)).slice(0, MOST_FRAMES);
    const views = await Promise.all(shown.map((frame) => look(frame, quiet, limit)));
    views.forEach((told, index) => told && join(view, shown[index], told.view));
    return view;
  };

  const join = (view, frame, inner) => {
    const where = `frame ${new URL(inner.url).pathname}${/^#!?\//.test(new URL(inner.url).hash) ? new URL(inner.url).hash : ''}>`;
    inner.actions.forEach((action, index) => {
      view.actions.push({ ...action, frame: action.frame || inner.url, place: where + action.place, signature: where + action.signature });
      agent.current.push({ frame, index, generation: inner.generation, kind: action.kind });
    });
    view.opened.push(...inner.opened);
    view.asides.push(...inner.asides);
    view.shut.push(...inner.shut);
    view.idle.push(...inner.idle);
    view.passwords += inner.passwords;
    view.scroll = view.scroll || inner.scroll;
  };

  // Prepares an action in a frame, and moves what is to be pointed at to where it lies in this window.
  const reach = async (one, variant, hints, untrusted) => {
    const { frame, index, generation } = one;
    frame.scrollIntoView?.({ block: 'nearest', behavior: 'instant' });
    // Firefox gives input to the documents of other origins only from inside; Chromium finds them by where they lie.
    if (FROM_INSIDE && !isOpen(frame)) return { enter: frame, index, generation };
    const answer = await ask(frame, 'prepare', [index, generation, variant, hints, untrusted], LONGEST);
    if (!answer) return { gone: true };
    // A frame further in, which has to be entered through this one.
    if (answer.enter) return { enter: frame, index, generation };
    if (!answer.input) return answer;
    const first = answer.input.flatMap((source) => source.actions).find((step) => 'x' in step);
    if (first) bring(frame, first);
    const { left, top, scale } = origin(frame);
    for (const step of answer.input.flatMap((source) => source.actions)) {
      if (!('x' in step)) continue;
      step.x = Math.round(left + step.x * scale);
      step.y = Math.round(top + step.y * scale);
    }
    if (first && !untrusted && document.elementFromPoint(first.x, first.y) !== frame && !isHost(first, frame)) return reach(one, variant, hints, true);
    return answer;
  };

  const isHost = (point, frame) => document.elementFromPoint(point.x, point.y) === frame.getRootNode().host;

  // Scrolls so that a point of a frame comes into the window.
  const bring = (frame, point) => {
    const { left, top, scale } = origin(frame);
    const [x, y] = [left + point.x * scale, top + point.y * scale];
    if (x >= 0 && y >= 0 && x < innerWidth && y < innerHeight) return;
    window.scrollBy({ left: x - innerWidth / 2, top: y - innerHeight / 2, behavior: 'instant' });
  };

  const origin = (frame) => {
    const box = frame.getBoundingClientRect();
    const style = window.getComputedStyle(frame);
    const scale = frame.offsetWidth ? box.width / frame.offsetWidth : 1;
    return {
      scale, left: box.left + (frame.clientLeft + parseFloat(style.paddingLeft)) * scale,
      top: box.top + (frame.clientTop + parseFloat(style.paddingTop)) * scale,
    };
  };

  const FRAMES = /^(IFRAME|FRAME|OBJECT|EMBED)$/;
  const FROM_INSIDE = CSS.supports('-moz-appearance', 'none');
  const MOST_FRAMES = 12;
  const LONGEST = 4000;
  const PATIENCE = 600;

  Object.assign(agent, { ping: () => true, isFrame, isReached, ask, tell, reach });
})();
