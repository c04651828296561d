// What lands on the back office's desk: comments, complaints, orders and recycling requests.
import { call, get } from '../api.js';
import { draw, html, on, toast } from '../ui.js';
import { tabs } from './admin.js';

export async function feedback(root) {
  const comments = await get('/api/feedback');
  draw(root, html`<h1>Comments</h1>${tabs('#/admin/feedback')}<ul class="rows">${comments.map((one) => html`<li>
    <span>${one.comment}</span><button class="icon" data-drop="${one.id}" aria-label="Delete">✕</button></li>`)}</ul>`);
  on(root.querySelector('ul'), 'click', '[data-drop]', async (button) => {
    await call('DELETE', `/rest/admin/feedback/${button.dataset.drop}`);
    await feedback(root);
  });
}

export const complaints = (root) => desk(root, {
  name: 'complaints', title: 'Complaints', states: ['new', 'answered', 'closed'],
  text: (one) => `${one.owner}: ${one.subject}`, save: (id, status) => call('PATCH', `/rest/admin/complaints/${id}`, { status }),
});

export const orders = (root) => desk(root, {
  name: 'orders', title: 'Orders', states: ['placed', 'packed', 'delivered', 'cancelled'],
  text: (one) => `${one.code}, ${one.owner}`, save: (id, status) => call('PUT', `/rest/admin/orders/${id}/status`, { status }),
});

export const recycling = (root) => desk(root, {
  name: 'recycling', title: 'Recycling', states: ['new', 'collected'],
  text: (one) => `${one.quantity} kettles, ${one.owner}`, save: (id, status) => call('PATCH', `/rest/admin/recycling/${id}`, { status }),
});

async function desk(root, { name, title, states, text, save }) {
  const cases = await get(`/rest/admin/${name}`);
  draw(root, html`<h1>${title}</h1>${tabs(`#/admin/${name}`)}<ul class="rows">${cases.map((one) => html`<li>
    <span>${text(one)}</span><select data-case="${one.id}" aria-label="Status">${states.map((state) => html`
    <option ${state === one.status && html`selected`}>${state}</option>`)}</select></li>`)}</ul>`);
  on(root.querySelector('ul'), 'change', '[data-case]', async (select) => {
    await save(select.dataset.case, select.value);
    toast('Saved.');
  });
}
