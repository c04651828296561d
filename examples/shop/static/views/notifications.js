// What happened, to read and to throw away.
import { call, get } from '../api.js';
import { draw, html, on } from '../ui.js';

export async function list(root) {
  const news = await get('/api/notifications');
  draw(root, html`<div class="bar"><h1>Notifications</h1><button class="all">Mark all as read</button></div>
    <ul class="rows">${news.map((one) => html`<li><span class="pointer ${!one.read && 'unread'}" data-read="${one.id}">${one.text}</span>
    <button class="icon" data-drop="${one.id}" aria-label="Delete">✕</button></li>`)}</ul>`);
  on(root.querySelector('.bar'), 'click', '.all', async () => {
    await call('POST', '/api/notifications/read-all');
    await list(root);
  });
  const rows = root.querySelector('ul');
  on(rows, 'click', '[data-read]', async (text) => {
    await call('PATCH', `/api/notifications/${text.dataset.read}`, { read: true });
    await list(root);
  });
  on(rows, 'click', '[data-drop]', async (button) => {
    await call('DELETE', `/api/notifications/${button.dataset.drop}`);
    await list(root);
  });
}
