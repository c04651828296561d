// Payment cards, and one of them.
import { call, get } from '../api.js';
import { draw, field, html, on, toast, valid, values } from '../ui.js';

export async function list(root) {
  const cards = await get('/api/cards');
  draw(root, html`<h1>Cards</h1><ul class="rows">${cards.map((one) => html`<li><a href="#/card/${one.id}">${one.number}</a>
    <button class="icon" data-drop="${one.id}" aria-label="Delete">✕</button></li>`)}</ul>
    <details class="form"><summary>Add a card</summary><div class="narrow">${field('Name on the card', 'holder')}
    ${field('Number', 'number', { inputmode: 'numeric', minlength: 4, maxlength: 24 })}
    ${field('Month', 'month', { type: 'number', min: 1, max: 12 })}
    ${field('Year', 'year', { type: 'number', min: 1, max: 2100 })}<button class="primary">Save the card</button></div></details>`);
  on(root.querySelector('ul'), 'click', '[data-drop]', async (button) => {
    await call('DELETE', `/api/cards/${button.dataset.drop}`);
    await list(root);
  });
  on(root.querySelector('.form'), 'click', '.primary', async () => {
    const form = root.querySelector('.form');
    if (!valid(form)) return;
    await call('POST', '/api/cards', values(form));
    toast('The card is saved.');
    await list(root);
  });
}

export async function show(root, id) {
  const card = await get(`/api/cards/${id}`);
  draw(root, html`<a class="back" href="#/cards">‹ All cards</a><div class="plastic"><p>${card.number}</p>
    <p>${card.holder}</p><p>${card.month}/${card.year}</p></div>`);
}
