// Draws the states of a crawl on a canvas, and lets one walk through them by pointer and keys.
const handstampMap = (canvas, layout, pictures, onSelect) => {
  'use strict';
  const { nodes, bands, box, CARD } = layout;
  const pen = canvas.getContext('2d');
  const view = { x: 0, y: 0, k: 1 };
  let [selected, hovered, matches, pending, colours] = [null, null, null, 0, {}];
  const images = new Map();

  const readColours = () => {
    const style = getComputedStyle(document.documentElement);
    for (const name of ['ink', 'soft', 'line', 'card', 'band', 'accent', 'enter', 'bad']) colours[name] = style.getPropertyValue(`--${name}`).trim();
  };

  const image = (node) => {
    const source = pictures[node.id];
    if (!source) return null;
    let found = images.get(node.id);
    if (!found) {
      found = new Image();
      found.onload = draw;
      found.src = source;
      images.set(node.id, found);
    }
    return found.complete && found.naturalWidth ? found : null;
  };

  const draw = () => { pending ||= requestAnimationFrame(paint); };

  const paint = () => {
    pending = 0;
    const scale = window.devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = canvas;
    if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
    if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale);
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.setTransform(view.k * scale, 0, 0, view.k * scale, view.x * scale, view.y * scale);
    bands.forEach(paintBand);
    for (const node of nodes) if (node.parent) curve(node.parent, node, colours.line, 1.2 / Math.sqrt(view.k));
    const focus = selected ?? hovered;
    if (focus) {
      for (const { node } of focus.ins) if (node !== focus) curve(node, focus, colours.enter, 2 / Math.sqrt(view.k));
      for (const { node } of focus.outs) if (node !== focus) curve(focus, node, colours.accent, 2 / Math.sqrt(view.k));
    }
    const seen = { left: -view.x / view.k, top: -view.y / view.k, right: (width - view.x) / view.k, bottom: (height - view.y) / view.k };
    for (const node of nodes) {
      if (node.x > seen.right || node.x + CARD.width < seen.left || node.y > seen.bottom || node.y + CARD.height < seen.top) continue;
      paintCard(node);
    }
  };

  const paintBand = (band) => {
    pen.fillStyle = colours.soft;
    pen.font = `${Math.min(40, 12 / Math.min(view.k, 1))}px system-ui, sans-serif`;
    pen.textAlign = 'left';
    const words = band.level === 0 ? 'start' : `${band.level} action${band.level > 1 ? 's' : ''} away`;
    if (band.width * view.k > 60) pen.fillText(`${words} · ${band.count}`, band.x, band.y - 10);
    else pen.fillText(String(band.level), band.x, band.y - 10);
  };

  const curve = (from, to, colour, width) => {
    const [ax, ay] = [from.x + CARD.width, from.y + CARD.height / 2];
    const forward = to.x > from.x;
    const [bx, by] = [forward ? to.x : to.x + CARD.width, to.y + CARD.height / 2];
    const bend = forward ? Math.max(30, (bx - ax) / 2) : 60;
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.beginPath();
    pen.moveTo(ax, ay);
    pen.bezierCurveTo(ax + bend, ay, forward ? bx - bend : bx + bend, by, bx, by);
    pen.stroke();
  };

  const paintCard = (node) => {
    const { x, y } = node;
    const isFaint = matches && !matches.has(node) && node !== selected;
    pen.globalAlpha = isFaint ? 0.22 : 1;
    pen.fillStyle = colours.card;
    pen.beginPath();
    pen.roundRect(x, y, CARD.width, CARD.height, 6);
    pen.fill();
    const shot = image(node);
    pen.save();
    pen.clip();
    if (shot) {
      const high = CARD.height - 34;
      const k = Math.max(CARD.width / shot.naturalWidth, high / shot.naturalHeight);
      pen.drawImage(shot, 0, 0, CARD.width / k, high / k, x, y, CARD.width, high);
    }
    pen.restore();
    if (view.k > 0.4) paintLabel(node, x, y);
    else if (!shot) {
      pen.fillStyle = colours.soft;
      pen.fillRect(x + 14, y + 26, CARD.width * 0.6, 10);
      pen.fillRect(x + 14, y + 48, CARD.width * 0.4, 10);
    }
    const linked = selected && (selected.outs.some((way) => way.node === node) ? colours.accent : selected.ins.some((way) => way.node === node) ? colours.enter : null);
    pen.lineWidth = (node === selected ? 4 : node === hovered || linked ? 2.2 : 1) / Math.sqrt(view.k);
    pen.strokeStyle = node === selected ? colours.accent : linked || (node === hovered ? colours.soft : colours.line);
    pen.beginPath();
    pen.roundRect(x, y, CARD.width, CARD.height, 6);
    pen.stroke();
    pen.globalAlpha = 1;
  };

  const paintLabel = (node, x, y) => {
    const low = y + CARD.height;
    pen.textAlign = 'left';
    pen.font = '600 11px system-ui, sans-serif';
    pen.fillStyle = colours.ink;
    pen.fillText(fit(tail(node.state.route), CARD.width - 14), x + 7, low - 19);
    pen.font = '10px system-ui, sans-serif';
    pen.fillStyle = colours.soft;
    pen.fillText(fit(`${node.id}  ${node.state.title}`, CARD.width - 14), x + 7, low - 6);
    if (!pictures[node.id]) {
      pen.textAlign = 'center';
      pen.fillText('no picture', x + CARD.width / 2, y + CARD.height / 2 - 14);
    }
  };

  const fit = (text, width) => {
    if (pen.measureText(text).width <= width) return text;
    let short = text;
    while (short && pen.measureText(`${short}…`).width > width) short = short.slice(0, -1);
    return `${short}…`;
  };

  // What of a route tells it from others: not its origin.
  const tail = (route) => route.replace(/^[a-z]+:\/\/[^/]*/, '') || '/';

  const at = (event) => {
    const frame = canvas.getBoundingClientRect();
    const [x, y] = [(event.clientX - frame.left - view.x) / view.k, (event.clientY - frame.top - view.y) / view.k];
    return nodes.find((node) => x >= node.x && x <= node.x + CARD.width && y >= node.y && y <= node.y + CARD.height) ?? null;
  };

  const zoom = (factor, x = canvas.clientWidth / 2, y = canvas.clientHeight / 2) => {
    const k = Math.min(3, Math.max(0.02, view.k * factor));
    view.x = x - (x - view.x) * (k / view.k);
    view.y = y - (y - view.y) * (k / view.k);
    view.k = k;
    draw();
  };

  const showAll = () => {
    const { clientWidth: width, clientHeight: height } = canvas;
    const margin = 24;
    view.k = Math.min(1.2, (width - 2 * margin) / (box.right - box.left), (height - 2 * margin) / (box.bottom - box.top));
    view.x = (width - (box.left + box.right) * view.k) / 2;
    view.y = (height - (box.top + box.bottom) * view.k) / 2;
    draw();
  };

  // Brings a card into sight, large enough to be read.
  const approach = (node) => {
    const { clientWidth: width, clientHeight: height } = canvas;
    if (view.k < 0.55) view.k = 0.8;
    const [x, y] = [view.x + (node.x + CARD.width / 2) * view.k, view.y + (node.y + CARD.height / 2) * view.k];
    if (x < 90 || x > width - 90) view.x += width / 2 - x;
    if (y < 70 || y > height - 70) view.y += height / 2 - y;
    draw();
  };

  const select = (node, { near = true } = {}) => {
    selected = node;
    if (node && near) approach(node);
    draw();
    onSelect(node);
  };

  // The nearest card in a direction, sideways counting double.
  const beside = (dx, dy) => {
    const from = selected ?? nodes[0];
    let [best, least] = [null, Infinity];
    for (const node of nodes) {
      const along = (node.x - from.x) * dx + (node.y - from.y) * dy;
      const across = Math.abs((node.x - from.x) * dy) + Math.abs((node.y - from.y) * dx);
      if (node !== from && along > 1 && along + 2 * across < least) [best, least] = [node, along + 2 * across];
    }
    return best;
  };

  const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (KEYS[event.key]) {
      const next = selected ? beside(...KEYS[event.key]) : nodes[0];
      if (next) select(next);
    } else if (event.key === '+' || event.key === '=') zoom(1.3);
    else if (event.key === '-') zoom(1 / 1.3);
    else if (event.key === '0') showAll();
    else if (event.key === 'Escape') select(null);
    else if (event.key === 'Enter' && selected) document.getElementById('state').focus();
    else return;
    event.preventDefault();
  });

  let drag = null;
  canvas.addEventListener('pointerdown', (event) => {
    drag = { x: event.clientX, y: event.clientY, far: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (drag) {
      const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
      if (!drag.far && Math.hypot(dx, dy) < 4) return;
      Object.assign(drag, { x: event.clientX, y: event.clientY, far: true });
      view.x += dx;
      view.y += dy;
      draw();
      return;
    }
    const node = at(event);
    if (node === hovered) return;
    hovered = node;
    canvas.style.cursor = node ? 'pointer' : 'grab';
    canvas.title = node ? `${node.id} ${tail(node.state.route)}\n${node.state.title}` : '';
    draw();
  });
  canvas.addEventListener('pointerup', (event) => {
    if (drag && !drag.far) select(at(event), { near: false });
    drag = null;
  });
  canvas.addEventListener('wheel', (event) => {
    event.preventDefault();
    const frame = canvas.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY * 0.0015), event.clientX - frame.left, event.clientY - frame.top);
  }, { passive: false });

  readColours();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { readColours(); draw(); });
  new ResizeObserver(draw).observe(canvas);
  return { select, showAll, match: (found) => { matches = found; draw(); }, tail };
};
