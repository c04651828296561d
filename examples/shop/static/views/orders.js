// Past orders, and one of them.
import { call, get } from '../api.js';
import { attempt, dialog, draw, html, on, toast } from '../ui.js';

export async function list(root) {
  const orders = await get('/rest/orders');
  draw(root, html`<div class="bar"><h1>Orders</h1><label>Show <select class="filter"><option value="">all</option>
    <option>placed</option><option>delivered</option><option>cancelled</option></select></label></div>
    <table class="rows"></table>`);
  const fill = (status) => {
    const shown = orders.filter((one) => !status || one.status === status);
    draw(root.querySelector('.rows'), html`${shown.map((one) => html`<tr class="pointer" data-go="#/order/${one.id}">
      <td>${one.code}</td><td><span class="tag ${one.status}">${one.status}</span></td><td>${one.total} cr</td></tr>`)}`);
  };
  root.querySelector('.filter').addEventListener('change', (event) => fill(event.target.value));
  fill('');
}

export async function show(root, id) {
  draw(root, html`<a class="back" href="#/orders">‹ All orders</a><div class="content"></div>`);
  const content = root.querySelector('.content');
  const fill = async () => {
    const order = await get(`/rest/orders/${id}`);
    draw(content, html`<h1>${order.code} <span class="tag ${order.status}">${order.status}</span></h1>
      <ul>${order.items.map((one) => html`<li>${one.quantity} × <a href="#/product/${one.product}">${one.name}</a></li>`)}</ul>
      <p>${order.address}<br>${order.delivery}<br>${order.payment}</p><p class="total">${order.total} cr</p>
      <button class="again">Order again</button> <button class="invoice">Invoice</button>
      <button class="quiet cancel">${order.status === 'cancelled' ? 'Reopen the order' : 'Cancel the order'}</button>`);
  };
  on(content, 'click', '.again', async () => {
    const { added } = await call('POST', `/rest/orders/${id}/reorder`);
    toast(`${added} things are in your basket.`);
  });
  on(content, 'click', '.invoice', async () => {
    const invoice = await get(`/rest/orders/${id}/invoice`);
    dialog(`Invoice ${invoice.number}`, html`<p>To ${invoice.to}</p><p class="total">${invoice.due} cr</p>`);
  });
  on(content, 'click', '.cancel', async () => {
    await call('POST', `/rest/orders/${id}/cancel`);
    await attempt(fill);
  });
  await fill();
}
