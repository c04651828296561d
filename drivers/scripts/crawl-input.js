// Says how a person would do an action: the steps of mouse, finger, wheel and keyboard, as WebDriver takes them.
(() => {
  'use strict';
  const agent = window[Symbol.for('handstamp.crawl')];
  if (!agent || agent.steps) return;

  const move = ({ x, y }) => ({ type: 'pointerMove', duration: 0, origin: 'viewport', x: Math.round(x), y: Math.round(y) });
  const press = (button = 0) => [{ type: 'pointerDown', button }, { type: 'pointerUp', button }];
  const pause = (duration) => ({ type: 'pause', duration });
  const mouse = (...actions) => [{ type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions: actions.flat(3) }];
  const finger = (...actions) => [{ type: 'pointer', id: 'finger', parameters: { pointerType: 'touch' }, actions: actions.flat(3) }];
  const typed = (keys) => [{ type: 'key', id: 'keyboard', actions: keys.flatMap((key) => strokes([key])) }];

  // The last of the keys is pressed while the others are held down.
  const strokes = (held) => [...held.map((value) => ({ type: 'keyDown', value })), ...[...held].reverse().map((value) => ({ type: 'keyUp', value }))];

  const steps = (one, point) => {
    const { kind, element, target, held } = one;
    const box = target.getBoundingClientRect();
    const from = (dx, dy) => ({ x: point.x + dx, y: point.y + dy });
    switch (kind) {
      case 'dblclick': return mouse(move(point), press(), press());
      case 'menu': return mouse(move(point), press(2));
      case 'aux': return mouse(move(point), press(1));
      case 'hover': return mouse(move(away(box)), move(point), move(from(1, 1)), leaves(element) ? move(away(box)) : []);
      case 'press': return mouse(move(point), { type: 'pointerDown', button: 0 }, pause(HOLD), { type: 'pointerUp', button: 0 });
      case 'drag': return mouse(move(point), { type: 'pointerDown', button: 0 }, ...path(from).map(move), { type: 'pointerUp', button: 0 });
      case 'touch': return finger(move(point), press(), pause(50), { type: 'pointerDown', button: 0 }, ...path(from).map(move), { type: 'pointerUp', button: 0 });
      case 'wheel': return [{ type: 'wheel', id: 'wheel', actions: [{ type: 'scroll', duration: 0, origin: 'viewport', x: Math.round(point.x), y: Math.round(point.y), deltaX: 0, deltaY: 240 }] }];
      case 'key': return [{ type: 'key', id: 'keyboard', actions: strokes(held ?? [SLIDERS.test(agent.roleOf(element)) ? RIGHT : agent.ENTER]) }];
      case 'input': return typed(element.isContentEditable ? [...' more', agent.ENTER] : [agent.ENTER]);
      default: break;
    }
    if (isFar(box)) return typed([agent.ENTER]);
    if (agent.isSealed(target)) return mouse(...scan(box).map((spot) => [move(spot), press()]));
    if (target.tagName === 'CANVAS') return mouse(...grid(box).map((spot) => [move(spot), press()]));
    if (element.type === 'range' || agent.roleOf(element) === 'slider') return mouse(move({ x: box.left + box.width * 0.8, y: point.y }), press());
    return mouse(move(point), press());
  };

  const leaves = (element) => {
    const types = [...agent.heard(element).keys()];
    return types.some((type) => /leave|mouseout|pointerout/.test(type)) && !types.some((type) => /enter|over/.test(type));
  };
  const path = (from) => [[6, 0], [40, 10], [90, 20], [120, 20]].map(([dx, dy]) => from(dx, dy));
  const away = (box) => ({ x: box.left > 30 ? box.left - 20 : Math.min(box.right + 20, innerWidth - 1), y: box.top > 30 ? box.top - 20 : Math.min(box.bottom + 20, innerHeight - 1) });
  const grid = (box) => [1, 3, 5].flatMap((row) => [1, 3, 5].map((column) => ({ x: box.left + box.width * column / 6, y: box.top + box.height * row / 6 })));
  const scan = (box) => [...Array(Math.min(12, Math.ceil(box.height / 16))).keys()].flatMap((row) => [20, 90, box.width / 2]
    .map((x) => ({ x: box.left + Math.min(x, box.width - 4), y: box.top + 8 + row * 16 })));
  const isFar = (box) => box.right < 0 || box.bottom < 0 || box.left > innerWidth;

  // Dragging by the browser's own means stops scripts until somebody drops: what drives the page plays it.
  const drop = (source, target) => {
    const data = new DataTransfer();
    if (!source) data.items.add(new File(['hello'], 'hello.txt', { type: 'text/plain' }));
    const send = (element, type) => {
      const box = element.getBoundingClientRect();
      const at = { bubbles: true, cancelable: true, composed: true, clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 };
      return element.dispatchEvent(new DragEvent(type, { ...at, dataTransfer: data }));
    };
    if (source) send(source, 'dragstart');
    for (const type of ['dragenter', 'dragover', 'drop']) send(target, type);
    if (source) send(source, 'dragend');
  };

  const HOLD = 800;
  const RIGHT = '\uE014';
  const SLIDERS = /^(slider|spinbutton)$/;

  Object.assign(agent, { steps, drop, isFar });
})();
