// The products of one category.
import { get } from '../api.js';
import { draw, html } from '../ui.js';
import { grid, listen } from './product.js';

export async function show(root, id) {
  const [categories, products] = await Promise.all([get('/api/categories'), get(`/api/categories/${id}/products`)]);
  const name = categories.find((one) => String(one.id) === id)?.name ?? 'Category';
  draw(root, html`<a class="back" href="#/products">‹ All products</a><h1>${name}</h1>
    <label><input type="checkbox" class="cheap"> Under 20 cr only</label><div class="goods">${grid(products)}</div>`);
  const goods = root.querySelector('.goods');
  root.querySelector('.cheap').addEventListener('change', (event) => {
    draw(goods, grid(products.filter((one) => !event.target.checked || one.price < 20)));
  });
  listen(goods);
}
