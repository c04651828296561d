// The back office: figures and the last requests.
import { get } from '../api.js';
import { attempt, draw, html } from '../ui.js';

export async function summary(root) {
  const figures = await get('/rest/admin/summary');
  draw(root, html`<h1>Back office</h1>${tabs('#/admin')}<div class="grid">${Object.entries(figures).map(([name, value]) => html`
    <div class="card figure"><b>${value}</b> ${name}</div>`)}</div>`);
}

export async function log(root) {
  draw(root, html`<div class="bar"><h1>Last requests</h1><button class="again">Reload</button></div>${tabs('#/admin/log')}
    <table></table>`);
  const fill = async () => {
    const lines = await get('/rest/admin/log');
    draw(root.querySelector('table'), html`${lines.map((one) => html`<tr><td>${one.method}</td><td>${one.path}</td>
      <td>${one.status}</td></tr>`)}`);
  };
  root.querySelector('.again').addEventListener('click', () => attempt(fill));
  await fill();
}

const TABS = ['users', 'feedback', 'complaints', 'orders', 'recycling', 'stock', 'coupons', 'log'];

/** The way to the other rooms of the back office. */
export function tabs(here) {
  return html`<nav class="tabs"><a href="#/admin" class="${here === '#/admin' && 'active'}">figures</a>${TABS.map((name) => html`
    <a href="#/admin/${name}" class="${here === `#/admin/${name}` && 'active'}">${name}</a>`)}</nav>`;
}
