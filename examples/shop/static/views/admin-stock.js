// What lies in the attic, and the coupons that are out.
import { call, get } from '../api.js';
import { attempt, draw, field, html, on, toast, valid, values } from '../ui.js';
import { tabs } from './admin.js';

export async function list(root) {
  const stock = await get('/rest/admin/stock');
  draw(root, html`<h1>Stock</h1>${tabs('#/admin/stock')}<table>${stock.map((one) => html`<tr><td>${one.name}</td><td>
    <input type="number" min="0" max="999" value="${one.stock}" data-stock="${one.id}" aria-label="Stock"></td></tr>`)}</table>`);
  on(root.querySelector('table'), 'change', '[data-stock]', async (input) => {
    if (!valid(input.parentElement)) return;
    await call('PUT', `/rest/admin/stock/${input.dataset.stock}`, { stock: Number(input.value) });
    toast('Counted.');
  });
}

export async function coupons(root) {
  const out = await get('/rest/admin/coupons');
  draw(root, html`<h1>Coupons</h1>${tabs('#/admin/coupons')}<ul class="rows">${out.map((one) => html`<li>
    <span>${one.code}, ${one.percent} %</span><button class="icon" data-drop="${one.id}" aria-label="Delete">✕</button></li>`)}</ul>
    <form class="form narrow">${field('Code', 'code', { minlength: 3, maxlength: 40 })}
    ${field('Percent (1 to 50)', 'percent', { type: 'number', min: 1, max: 50 })}<button class="primary">Issue</button></form>`);
  on(root.querySelector('ul'), 'click', '[data-drop]', async (button) => {
    await call('DELETE', `/rest/admin/coupons/${button.dataset.drop}`);
    await coupons(root);
  });
  root.querySelector('form').addEventListener('submit', (event) => {
    event.preventDefault();
    attempt(async () => {
      if (!valid(event.target)) return;
      await call('POST', '/rest/admin/coupons', values(event.target));
      await coupons(root);
    });
  });
}
