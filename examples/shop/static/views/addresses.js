// Addresses: the list, a new one, and one to edit.
import { call, get } from '../api.js';
import { draw, field, html, on, toast, valid, values } from '../ui.js';

export async function list(root) {
  const addresses = await get('/api/addresses');
  draw(root, html`<div class="bar"><h1>Addresses</h1><a class="button" href="#/address/new">New address</a></div>
    <ul class="rows">${addresses.map((one) => html`<li><span>${one.name}, ${one.street}, ${one.zip} ${one.city}</span>
    <span><button data-go="#/address/${one.id}">Edit</button>
    <button class="icon" data-drop="${one.id}" aria-label="Delete">✕</button></span></li>`)}</ul>`);
  on(root.querySelector('ul'), 'click', '[data-drop]', async (button) => {
    await call('DELETE', `/api/addresses/${button.dataset.drop}`);
    await list(root);
  });
}

export async function create(root) {
  form(root, 'New address', {}, (address) => call('POST', '/api/addresses', address));
}

export async function edit(root, id) {
  const address = await get(`/api/addresses/${id}`);
  form(root, 'Edit address', address, (changed) => call('PUT', `/api/addresses/${id}`, changed));
}

function form(root, title, address, save) {
  draw(root, html`<a class="back" href="#/addresses">‹ All addresses</a><h1>${title}</h1><div class="form narrow">
    ${field('Name', 'name', { value: address.name ?? '', autocomplete: 'name' })}
    ${field('Street', 'street', { value: address.street ?? '' })}${field('City', 'city', { value: address.city ?? '' })}
    ${field('Postcode', 'zip', { value: address.zip ?? '', maxlength: 10 })}
    <label class="field"><span>Country</span><select name="country"><option>Norland</option><option>Westmark</option></select>
    </label><button class="primary">Save</button></div>`);
  on(root.querySelector('.form'), 'click', '.primary', async () => {
    if (!valid(root)) return;
    await save(values(root));
    toast('The address is saved.');
    location.hash = '#/addresses';
  });
}
