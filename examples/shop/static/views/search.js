// What a search found.
import { get } from '../api.js';
import { draw, html } from '../ui.js';
import { grid, listen } from './product.js';

export async function results(root, term) {
  const products = await get(`/rest/products/search?q=${encodeURIComponent(term)}`);
  draw(root, html`<h1>“${term}”</h1>${products.length
    ? html`<div class="goods">${grid(products)}</div>`
    : html`<p>Nothing by that name. <a href="#/products">See everything</a></p>`}`);
  listen(root);
}
