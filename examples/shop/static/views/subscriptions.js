// Tea that comes by itself: select, toggle, delete.
import { call, get } from '../api.js';
import { draw, html, on, values } from '../ui.js';

export async function list(root) {
  const running = await get('/api/subscriptions');
  draw(root, html`<h1>Subscriptions</h1><ul class="rows">${running.map((one) => html`<li>
    <span>${one.plan}, ${one.interval}</span><span><label class="tick"><input type="checkbox" data-pause="${one.id}"
    ${one.paused && html`checked`}> paused</label> <button class="quiet" data-end="${one.id}">End</button></span></li>`)}</ul>
    <div class="form inline"><select name="plan" aria-label="Plan"><option>Morning black</option><option>Evening mint</option>
    <option>Surprise me</option></select><select name="interval" aria-label="Interval"><option>monthly</option>
    <option>weekly</option></select><button class="primary">Subscribe to it</button></div>`);
  const rows = root.querySelector('ul');
  on(rows, 'change', '[data-pause]', (box) => call('PATCH', `/api/subscriptions/${box.dataset.pause}`, { paused: box.checked }));
  on(rows, 'click', '[data-end]', async (button) => {
    await call('DELETE', `/api/subscriptions/${button.dataset.end}`);
    await list(root);
  });
  on(root.querySelector('.form'), 'click', '.primary', async () => {
    await call('POST', '/api/subscriptions', values(root.querySelector('.form')));
    await list(root);
  });
}
