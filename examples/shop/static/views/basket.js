// The basket of this tab's session.
import { call, get, session } from '../api.js';
import { countBasket, draw, html, on } from '../ui.js';

export async function show(root) {
  if (!session.bid) {
    draw(root, html`<h1>Your basket</h1><p>This tab has no basket. Please log in again to get it.</p>`);
    return;
  }
  draw(root, html`<h1>Your basket</h1><div class="content"></div>`);
  const content = root.querySelector('.content');
  const again = () => fill(content);
  on(content, 'click', '[data-set]', async (button) => {
    await call('PUT', `/api/basket-items/${button.dataset.id}`, { quantity: Number(button.dataset.set) });
    await again();
  });
  on(content, 'click', '[data-drop]', async (button) => {
    await call('DELETE', `/api/basket-items/${button.dataset.drop}`);
    await again();
  });
  on(content, 'click', '.redeem', async () => {
    await call('POST', `/rest/basket/${session.bid}/coupon`, { code: content.querySelector('.code').value });
    await again();
  });
  on(content, 'click', '.checkout', () => (location.hash = '#/checkout/address'));
  await again();
}

async function fill(content) {
  const basket = await get(`/rest/basket/${session.bid}`);
  draw(content, html`<table>${basket.items.map((one) => html`<tr><td><a href="#/product/${one.product}">${one.name}</a></td>
    <td class="quantity"><button class="icon" data-id="${one.id}" data-set="${one.quantity - 1}"
      ${one.quantity <= 1 && html`disabled`} aria-label="One less">−</button> ${one.quantity}
    <button class="icon" data-id="${one.id}" data-set="${one.quantity + 1}"
      ${one.quantity >= 9 && html`disabled`} aria-label="One more">+</button></td>
    <td>${one.price * one.quantity} cr</td>
    <td><button class="icon" data-drop="${one.id}" aria-label="Remove">✕</button></td></tr>`)}</table>
    <details><summary>I have a coupon</summary><input class="code" placeholder="Coupon code" aria-label="Coupon code">
    <button class="redeem">Redeem</button></details>
    <p class="total">${basket.discount > 0 && html`<small>${basket.discount} % off</small>`} Total: ${basket.total} cr</p>
    <button class="primary checkout">Checkout</button>`);
  await countBasket(session.bid);
}
