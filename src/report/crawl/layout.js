// Lays the states of a crawl out: how many actions away from the start, from left to right.
const handstampLayout = (graph, aspect) => {
  'use strict';
  const CARD = { width: 148, height: 116 };
  const GAP = { x: 18, y: 18, level: 60 };

  const nodes = graph.states.map((state, index) => ({ state, index, id: state.id, level: -1, parent: null, by: null, ins: [], outs: [] }));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const actions = new Map(graph.actions.map((action) => [action.id, action]));
  for (const edge of graph.edges) {
    const [from, to, action] = [byId.get(edge.from), byId.get(edge.to), actions.get(edge.action)];
    if (!from || !to) continue;
    from.outs.push({ node: to, action });
    to.ins.push({ node: from, action });
  }

  // Breadth first from the start; what was reached by its address alone stands one step from the start.
  const walk = (roots) => {
    const queue = [...roots];
    while (queue.length) {
      const node = queue.shift();
      for (const { node: next, action } of node.outs) {
        if (next.level >= 0) continue;
        Object.assign(next, { level: node.level + 1, parent: node, by: action });
        queue.push(next);
      }
    }
  };
  if (nodes.length) nodes[0].level = 0;
  walk(nodes.slice(0, 1));
  for (const node of nodes) {
    if (node.level >= 0) continue;
    node.level = 1;
    walk([node]);
  }

  const levels = [];
  for (const node of nodes) (levels[node.level] ??= []).push(node);
  // So many rows as let all of it be seen largest.
  const seen = (rows) => {
    let [width, tallest] = [0, 0];
    for (const members of levels.filter(Boolean)) {
      width += Math.ceil(members.length / rows) * (CARD.width + GAP.x) + GAP.level;
      tallest = Math.max(tallest, Math.min(members.length, rows));
    }
    return Math.min(aspect / width, 1 / (tallest * (CARD.height + GAP.y)));
  };
  let rows = 1;
  for (let more = 2; more <= Math.min(60, nodes.length); more += 1) if (seen(more) > seen(rows)) rows = more;
  let x = 0;
  const bands = [];
  const order = new Map();
  for (const [level, members] of levels.entries()) {
    if (!members) continue;
    members.sort((a, b) => (order.get(a.parent) ?? 0) - (order.get(b.parent) ?? 0)
      || a.state.route.localeCompare(b.state.route) || a.index - b.index);
    members.forEach((node, place) => order.set(node, place));
    const columns = Math.ceil(members.length / rows);
    const tall = Math.ceil(members.length / columns);
    const height = tall * (CARD.height + GAP.y) - GAP.y;
    members.forEach((node, place) => {
      node.x = x + Math.floor(place / tall) * (CARD.width + GAP.x);
      node.y = (place % tall) * (CARD.height + GAP.y) - height / 2;
    });
    const width = columns * (CARD.width + GAP.x) - GAP.x;
    bands.push({ level, x, y: -height / 2, width, count: members.length });
    x += width + GAP.level;
  }
  const box = {
    left: 0, right: Math.max(x - GAP.level, CARD.width),
    top: Math.min(0, ...bands.map((band) => band.y)) - 30, bottom: Math.max(0, ...nodes.map((node) => node.y + CARD.height)),
  };
  return { nodes, byId, bands, box, CARD };
};
