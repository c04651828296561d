// The back office's users, and one of them.
import { call, get } from '../api.js';
import { draw, field, html, on, toast, valid, values } from '../ui.js';
import { tabs } from './admin.js';

export async function list(root) {
  const users = await get('/rest/admin/users');
  draw(root, html`<h1>Users</h1>${tabs('#/admin/users')}<input class="filter" type="search" placeholder="Filter"
    aria-label="Filter"><table class="rows">${users.map((one) => html`
    <tr class="pointer" data-go="#/admin/user/${one.id}"><td>${one.email}</td><td><span class="tag">${one.role}</span></td></tr>`)}
    </table>`);
  root.querySelector('.filter').addEventListener('input', (event) => {
    for (const row of root.querySelectorAll('.rows tr')) row.hidden = !row.textContent.includes(event.target.value);
  });
}

export async function show(root, id) {
  const user = await get(`/rest/admin/users/${id}`);
  draw(root, html`<a class="back" href="#/admin/users">‹ All users</a><h1>${user.email}</h1>
    <p>${user.role}, ${user.orders} orders, basket ${user.basket}</p><div class="form narrow">
    ${field('Note', 'note', { value: user.note ?? '' })}<button class="primary">Keep the note</button></div>`);
  on(root.querySelector('.form'), 'click', '.primary', async () => {
    if (!valid(root)) return;
    await call('PUT', `/rest/admin/users/${id}/note`, values(root));
    toast('Noted.');
  });
}
