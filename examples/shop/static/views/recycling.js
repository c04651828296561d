// Old kettles that we fetch, and one such request.
import { call, get } from '../api.js';
import { draw, field, html, on, toast, valid, values } from '../ui.js';

export async function list(root) {
  const requests = await get('/api/recycling');
  draw(root, html`<h1>Recycling</h1><table class="rows">${requests.map((one) => html`
    <tr class="pointer" data-go="#/recycling/${one.id}"><td>${one.quantity} kettles</td><td>${one.date}</td>
    <td><span class="tag">${one.status}</span></td></tr>`)}</table><h2>Give us yours</h2><div class="form narrow">
    ${field('How many (1 to 50)', 'quantity', { type: 'number', min: 1, max: 50 })}${field('When', 'date', { type: 'date' })}
    <label class="tick"><input type="checkbox" name="pickup"> Fetch it at my door</label>
    <button class="primary">Send the request</button></div>`);
  on(root.querySelector('.form'), 'click', '.primary', async () => {
    if (!valid(root)) return;
    await call('POST', '/api/recycling', values(root));
    toast('We will be in touch.');
    await list(root);
  });
}

export async function show(root, id) {
  const request = await get(`/api/recycling/${id}`);
  draw(root, html`<a class="back" href="#/recycling">‹ All requests</a><h1>${request.quantity} kettles</h1>
    <p>${request.pickup ? 'We fetch them' : 'You bring them'} on ${request.date}.</p><p>Status: ${request.status}</p>`);
}
