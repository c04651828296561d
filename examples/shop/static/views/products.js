// All products in pages, as cards that open a dialog.
import { get } from '../api.js';
import { attempt, draw, html } from '../ui.js';
import { grid, listen } from './product.js';

export async function list(root) {
  const categories = await get('/api/categories');
  const state = { page: 1, sort: '' };
  draw(root, html`<div class="bar"><h1>Products</h1>
    <label>Sort by <select class="sort"><option value="">Newest</option><option value="price">Price</option>
    <option value="name">Name</option></select></label></div>
    <p class="chips">${categories.map((one) => html`<a class="chip" href="#/category/${one.id}">${one.name}</a>`)}</p>
    <div class="goods"></div><div class="pager"></div>`);
  const turn = async () => {
    const found = await get(`/api/products?page=${state.page}&sort=${state.sort}`);
    draw(root.querySelector('.goods'), grid(found.items));
    drawPager(root.querySelector('.pager'), found, (page) => {
      state.page = page;
      attempt(turn);
    });
  };
  root.querySelector('.sort').addEventListener('change', (event) => {
    state.sort = event.target.value;
    state.page = 1;
    attempt(turn);
  });
  listen(root.querySelector('.goods'));
  await turn();
}

function drawPager(pager, { page, pages }, go) {
  draw(pager, html`<button class="previous" ${page === 1 && html`disabled`}>‹ Previous</button>
    <span>Page ${page} of ${pages}</span>
    <button class="next" ${page === pages && html`disabled`}>Next ›</button>`);
  pager.querySelector('.previous').addEventListener('click', () => go(page - 1));
  pager.querySelector('.next').addEventListener('click', () => go(page + 1));
}
