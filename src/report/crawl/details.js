// Tells of one state what it looks like, what can be done there, and how one gets there and away.
(() => {
  'use strict';
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const [graph, pictures] = [read('data'), read('pictures')];
  const stage = document.querySelector('.stage');
  const layout = handstampLayout(graph, stage.clientWidth / Math.max(stage.clientHeight, 1));
  const panel = document.getElementById('state');
  const actions = new Map(graph.actions.map((action) => [action.id, action]));

  // Texts come from the crawled application: they are set as text, never as HTML.
  const el = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === 'on') element.addEventListener('click', value);
      else if (value !== undefined && value !== null) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  };

  const nameOf = (action) => action?.name || action?.href || action?.path || action?.kind || 'unknown';
  const time = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
  const go = (node) => el('button', { type: 'button', class: 'go', title: node.state.route, on: () => map.select(node) }, `${node.id} ${map.tail(node.state.route)}`);

  // The same way by several actions is one line each; many are cut.
  const list = (title, items, most = 60) => {
    if (!items.length) return null;
    const shown = items.slice(0, most);
    const more = items.length > most ? [el('li', { class: 'faint' }, `and ${items.length - most} more`)] : [];
    return el('section', {}, el('h3', {}, `${title} (${items.length})`), el('ul', {}, ...shown, ...more));
  };

  const way = ({ node, action }) => el('li', {}, el('span', { class: 'kind' }, action?.kind ?? '?'), el('span', { class: 'what' }, nameOf(action)), go(node));

  const trail = (node) => {
    const steps = [];
    for (let at = node; at; at = at.parent) steps.unshift(el('li', {}, at.by ? el('span', { class: 'kind' }, at.by.kind) : null, el('span', { class: 'what' }, at.by ? nameOf(at.by) : at.index ? 'opened by its address' : 'start'), go(at)));
    return steps;
  };

  const offer = (id) => {
    const action = actions.get(id);
    if (!action) return null;
    const status = action.avoided ? `avoided: ${action.avoided}` : action.status;
    return el('li', {}, el('span', { class: 'kind' }, action.kind), el('span', { class: 'what' }, nameOf(action)),
      el('span', { class: `chip ${action.status}`, title: id }, status));
  };

  const describe = (node) => {
    const { state } = node;
    const picture = pictures[node.id];
    const facts = [`${node.level === 0 ? 'the start' : `${node.level} actions from the start`}`];
    if (typeof state.found === 'number') facts.push(`found after ${time(state.found)}`);
    const outs = node.outs.filter((one) => one.node !== node);
    const stays = node.outs.length - outs.length;
    if (stays) facts.push(`${stays} actions stay here`);
    return [
      el('h2', {}, `${node.id}  ${state.title || map.tail(state.route)}`),
      el('code', {}, state.url),
      picture ? el('img', { src: picture, alt: `what ${node.id} looked like` }) : el('p', { class: 'faint' }, 'There is no picture of this state.'),
      el('p', { class: 'faint' }, facts.join(' · ')),
      list('Way here', trail(node)),
      state.path ? el('p', {}, el('a', { href: state.path, download: '' }, 'this way as a recording'), ' for Chrome DevTools or handstamp') : null,
      list('Ways out', outs.map(way)),
      list('Ways in', node.ins.filter((one) => one.node !== node).map(way)),
      list('Actions first found here', state.actions.map(offer).filter(Boolean), 120),
    ];
  };

  const overview = () => [
    el('h2', {}, `${graph.states.length} states`),
    el('p', {}, 'Each card is a state of the interface. Those in one column are equally many actions away from the start. Choose one to see what it looked like, what could be done there, and where that led.'),
    el('p', { class: 'faint' }, 'Violet lines lead in, blue ones out.'),
    list('Entries', layout.nodes.slice(0, 12).map((node) => el('li', {}, go(node), el('span', { class: 'what faint' }, node.state.title)))),
  ];

  const show = (node) => {
    panel.replaceChildren(...(node ? describe(node) : overview()).filter(Boolean));
    panel.scrollTop = 0;
    const hash = node ? `#${node.id}` : '';
    if (node && location.hash !== hash) history.replaceState(null, '', hash);
  };

  const map = handstampMap(document.getElementById('canvas'), layout, pictures, show);
  const [find, hits, found] = ['find', 'hits', 'found'].map((id) => document.getElementById(id));

  const texts = new Map(layout.nodes.map((node) => [node, [node.id, node.state.route, node.state.title,
    ...node.state.actions.map((id) => nameOf(actions.get(id)))].join('\n').toLowerCase()]));

  const search = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const hit = words.length ? layout.nodes.filter((node) => words.every((word) => texts.get(node).includes(word))) : [];
    map.match(words.length ? new Set(hit) : null);
    found.textContent = words.length ? `${hit.length} of ${layout.nodes.length}` : '';
    hits.hidden = !hit.length;
    hits.replaceChildren(...hit.slice(0, 40).map((node) => el('li', {}, el('button', { type: 'button', on: () => { hits.hidden = true; map.select(node); document.getElementById('canvas').focus(); } },
      `${node.id} ${map.tail(node.state.route)}`, el('small', {}, node.state.title)))));
  };
  find.addEventListener('input', search);
  find.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' || event.key === 'ArrowDown') hits.querySelector('button')?.[event.key === 'Enter' ? 'click' : 'focus']();
    else if (event.key === 'Escape') { find.value = ''; search(); }
    else return;
    event.preventDefault();
  });
  hits.addEventListener('keydown', (event) => {
    const item = event.target.closest('li');
    const next = { ArrowDown: item?.nextElementSibling, ArrowUp: item?.previousElementSibling }[event.key];
    if (event.key === 'Escape') { hits.hidden = true; find.focus(); }
    if (next) { next.firstElementChild.focus(); event.preventDefault(); }
  });

  const frame = document.querySelector('.map');
  const wide = document.getElementById('wide');
  const enlarge = (large) => {
    frame.classList.toggle('large', large);
    map.showAll();
    if (large) document.getElementById('canvas').focus();
  };
  wide.addEventListener('click', () => enlarge(true));
  document.addEventListener('keydown', (event) => {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (event.key === 'Escape' && frame.classList.contains('large')) enlarge(false);
    if (event.key !== '/' || typing) return;
    find.focus();
    event.preventDefault();
  });

  const byAddress = () => {
    const node = layout.byId.get(location.hash.slice(1));
    if (!node) return;
    document.getElementById('map').scrollIntoView();
    map.select(node);
  };
  window.addEventListener('hashchange', byAddress);
  map.showAll();
  show(null);
  byAddress();
})();
