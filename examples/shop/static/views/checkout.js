// The steps from basket to order; the choices are kept in memory until the order is placed.
import { call, get, session } from '../api.js';
import { draw, html, on, toast } from '../ui.js';

const choice = {};
const STEPS = ['address', 'delivery', 'payment', 'summary'];

export async function address(root) {
  const list = await get('/api/addresses');
  step(root, 'address', html`${options(list, (one) => `${one.name}, ${one.street}, ${one.city}`)}
    <p><a href="#/address/new">Another address</a></p>`);
  next(root, list, (one) => (choice.address = `${one.street}, ${one.city}`), '#/checkout/delivery');
}

export async function delivery(root) {
  const list = await get('/api/deliveries');
  step(root, 'delivery', options(list, (one) => `${one.name}, ${one.days} days, ${one.price} cr`));
  next(root, list, (one) => (choice.delivery = one.name), '#/checkout/payment');
}

export async function payment(root) {
  const [cards, wallet] = await Promise.all([get('/api/cards'), get('/rest/wallet')]);
  const list = [...cards.map((one) => ({ id: one.id, text: one.number })), { id: 'wallet', text: `Wallet (${wallet.balance} cr)` }];
  step(root, 'payment', options(list, (one) => one.text));
  next(root, list, (one) => (choice.payment = one.text), '#/checkout/summary');
}

export async function summary(root) {
  const basket = await get(`/rest/basket/${session.bid}`);
  step(root, 'summary', html`<ul>${basket.items.map((one) => html`<li>${one.quantity} × ${one.name}</li>`)}</ul>
    <p>To: ${choice.address ?? '—'}</p><p>${choice.delivery ?? '—'}</p><p>${choice.payment ?? '—'}</p>
    <p class="total">Total: ${basket.total} cr</p>`);
  const button = root.querySelector('.next');
  button.textContent = 'Place the order';
  on(root, 'click', '.next', async () => {
    const order = await call('POST', `/rest/basket/${session.bid}/checkout`, choice);
    location.hash = `#/checkout/done/${order.id}`;
  });
}

export async function done(root, id) {
  const order = await get(`/rest/orders/${id}`);
  draw(root, html`<h1>Thank you</h1><p>Your order is <b>${order.code}</b>, and it comes to ${order.total} cr.</p>
    <p><a href="#/order/${id}">See the order</a></p><p><a href="#/products">Back to the shop</a></p>`);
}

function step(root, name, markup) {
  const place = STEPS.indexOf(name);
  draw(root, html`<h1>Checkout</h1><ol class="stepper">${STEPS.map((one, index) => html`
    <li class="${index < place ? 'past' : index === place ? 'now' : ''}"
      ${index < place && html`data-go="#/checkout/${one}"`}>${one}</li>`)}</ol>
    <div class="panel">${markup}</div><button class="primary next">Continue</button>`);
}

function options(list, text) {
  return html`${list.map((one, index) => html`<label class="option"><input type="radio" name="choice" value="${one.id}"
    ${index === 0 && html`checked`}> ${text(one)}</label>`)}`;
}

function next(root, list, keep, hash) {
  on(root, 'click', '.next', async () => {
    const id = root.querySelector('[name=choice]:checked')?.value;
    const chosen = list.find((one) => String(one.id) === id);
    if (!chosen) return toast('Please choose one.', 'bad');
    // The delivery's own page of the API knows the day's price.
    if (hash === '#/checkout/payment') await get(`/api/deliveries/${id}`);
    keep(chosen);
    location.hash = hash;
  });
}
