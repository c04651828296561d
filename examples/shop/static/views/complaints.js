// Complaints, and one of them.
import { call, get } from '../api.js';
import { attempt, draw, field, html, valid, values } from '../ui.js';

export async function list(root) {
  const complaints = await get('/api/complaints');
  draw(root, html`<h1>Complaints</h1><ul class="rows">${complaints.map((one) => html`<li>
    <a href="#/complaint/${one.id}">${one.subject}</a><span class="tag">${one.status}</span></li>`)}</ul>
    <h2>What is wrong?</h2><form class="form narrow">${field('Subject', 'subject', { minlength: 3 })}
    <label class="field"><span>Message</span><textarea name="message" required></textarea></label>
    <button class="primary">Complain</button></form>`);
  const form = root.querySelector('form');
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    attempt(async () => {
      if (!valid(form)) return;
      await call('POST', '/api/complaints', values(form));
      await list(root);
    });
  });
}

export async function show(root, id) {
  const complaint = await get(`/api/complaints/${id}`);
  draw(root, html`<a class="back" href="#/complaints">‹ All complaints</a><h1>${complaint.subject}</h1>
    <p>${complaint.message}</p><p>Status: ${complaint.status}</p>`);
}
