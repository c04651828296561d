// What the user would like to have one day.
import { call, get } from '../api.js';
import { draw, html, on } from '../ui.js';

export async function show(root) {
  const wishes = await get('/api/wishlist');
  draw(root, html`<h1>Wish list</h1><ul class="rows">${wishes.map((one) => html`<li>
    <a href="#/product/${one.product}">${one.name}</a><span role="button" tabindex="0" data-drop="${one.id}">✕</span></li>`)}</ul>`);
  // The list is drawn anew into a fresh element, so that no listener is added twice.
  on(root.querySelector('ul'), 'click', '[data-drop]', async (button) => {
    await call('DELETE', `/api/wishlist/${button.dataset.drop}`);
    await show(root);
  });
}
