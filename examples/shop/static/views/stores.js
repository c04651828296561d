// Where the shops are.
import { get } from '../api.js';
import { draw, html } from '../ui.js';

export async function list(root) {
  const stores = await get('/api/stores');
  draw(root, html`<h1>Shops</h1><div class="grid">${stores.map((one) => html`
    <div class="card pointer" data-go="#/store/${one.id}"><h3>${one.city}</h3><p>Open ${one.hours}</p></div>`)}</div>`);
}

export async function show(root, id) {
  const store = await get(`/api/stores/${id}`);
  draw(root, html`<a class="back" href="#/stores">‹ All shops</a><h1>${store.city}</h1>
    <div class="tabs"><button data-tab="hours" class="active">Hours</button><button data-tab="phone">Phone</button></div>
    <p class="tab">Every day, ${store.hours}</p>`);
  for (const button of root.querySelectorAll('[data-tab]')) {
    button.addEventListener('click', () => {
      root.querySelector('.active').classList.remove('active');
      button.classList.add('active');
      root.querySelector('.tab').textContent = button.dataset.tab === 'hours' ? `Every day, ${store.hours}` : store.phone;
    });
  }
}
