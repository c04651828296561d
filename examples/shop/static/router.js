// Finds the view for the address and loads its module when it is first needed.
import { check, isAdmin, session } from './api.js';
import { attempt, draw, html } from './ui.js';

const views = JSON.parse(document.getElementById('views').textContent).map((view) => ({
  ...view,
  pattern: new RegExp(`^${view.route.replace(/\{\w+\}/g, '([^/]+)')}$`),
}));

/** Draws the view that the address asks for into `root`, now and whenever it changes. */
export function start(root) {
  const show = () => attempt(() => open(root, location.hash));
  window.addEventListener('hashchange', show);
  show();
}

async function open(root, hash) {
  const view = views.find((candidate) => candidate.pattern.test(hash));
  if (!view) return location.replace(HOME);
  const elsewhere = detour(view);
  if (elsewhere) return location.replace(elsewhere);
  document.body.dataset.view = view.route;
  const section = document.createElement('section');
  section.className = `view ${view.module}`;
  root.replaceChildren(section);
  window.scrollTo(0, 0);
  if (view.access === 'admins' && !isAdmin()) {
    draw(section, html`<h1>Not for you</h1><p>This part of the shop is for its administrators.</p>`);
    return;
  }
  const [module] = await Promise.all([import(`/static/views/${view.module}.js`), check()]);
  // A slow answer must not draw over a view that was opened since.
  if (!section.isConnected) return;
  const parameters = hash.match(view.pattern).slice(1).map(decodeURIComponent);
  await module[view.draw](section, ...parameters);
}

/** Where to go instead, when a view is for others. */
function detour(view) {
  if (view.access === 'guests') return session.token && HOME;
  return view.access !== 'everyone' && !session.token && '#/login';
}

const HOME = '#/products';
