// Who the user is.
import { call, get } from '../api.js';
import { attempt, draw, field, html, toast, valid, values } from '../ui.js';

export async function show(root) {
  const profile = await get('/rest/profile');
  draw(root, html`<h1>Profile</h1><p class="hint">${profile.email}</p><form class="form narrow">
    ${field('Name', 'name', { value: profile.name })}${field('Motto', 'motto', { value: profile.motto })}
    <button class="primary">Save profile</button></form>`);
  root.querySelector('form').addEventListener('submit', (event) => {
    event.preventDefault();
    attempt(async () => {
      if (!valid(root)) return;
      await call('PUT', '/rest/profile', values(root));
      toast('That is you.');
    });
  });
}
