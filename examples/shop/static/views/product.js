// One product: as a card, as a dialog and as a view, with its reviews.
import { call, get, session, user } from '../api.js';
import { attempt, countBasket, dialog, draw, html, on, picture, toast } from '../ui.js';

export async function show(root, id) {
  draw(root, html`<a class="back" href="#/products">‹ All products</a><div class="whole"></div>`);
  await fill(root.querySelector('.whole'), id, true);
}

/** Product cards; `listen` makes them work. */
export function grid(products) {
  return html`<div class="grid">${products.map((one) => html`<div class="card product" data-open="${one.id}">
    ${picture(one)}<h3>${one.name}</h3><p class="price">${one.price} cr</p>
    ${session.token && html`<button data-buy="${one.id}">Add to basket</button>`}</div>`)}</div>`;
}

/** Listens for all cards below `root` at once. */
export function listen(root) {
  on(root, 'click', '[data-open]', async (card, event) => {
    const button = event.target.closest('[data-buy]');
    if (button) return buy(button.dataset.buy);
    const { body } = dialog(card.querySelector('h3').textContent, html``);
    await fill(body, card.dataset.open, false);
  });
}

/** Puts one into the basket. */
export async function buy(product) {
  await call('POST', '/api/basket-items', { basket: session.bid, product });
  toast('It is in your basket.');
  await countBasket(session.bid);
}

async function fill(root, id, whole) {
  const [product, reviews] = await Promise.all([get(`/api/products/${id}`), get(`/api/products/${id}/reviews`)]);
  draw(root, html`<div class="columns">${picture(product)}<div>
    ${whole && html`<h1>${product.name}</h1>`}<p>${product.text}</p><p class="price">${product.price} cr</p>
    ${session.token && html`<button class="primary buy">Add to basket</button>
    <div class="heart pointer">♡ Remember it</div>`}
    ${!whole && html`<p><a href="#/product/${id}">Full details</a></p>`}</div></div>
    <details open><summary>Reviews (${reviews.length})</summary>${reviews.map(review)}</details>
    ${session.token ? html`<div class="write"><textarea name="text" placeholder="What do you think of it?"></textarea>
    <button class="send">Write a review</button></div>` : html`<p class="hint">Log in to write a review.</p>`}`);
  const again = () => fill(root, id, whole);
  react(root, product, again);
}

function review(one) {
  const own = one.author === user()?.email;
  return html`<div class="review"><b>${one.author}</b><p>${one.text}</p>
    ${session.token && html`<span role="button" tabindex="0" data-like="${one.id}">♥ ${one.likes}</span>`}
    ${own && html`<button class="quiet" data-edit="${one.id}">Edit</button>`}</div>`;
}

function react(root, product, again) {
  const click = (selector, act) => {
    for (const target of root.querySelectorAll(selector)) target.addEventListener('click', () => attempt(() => act(target)));
  };
  click('.buy', () => buy(product.id));
  click('.heart', async () => {
    await call('POST', '/api/wishlist', { product: product.id, name: product.name });
    toast('It is on your wish list.');
  });
  click('.send', async () => {
    await call('POST', `/api/products/${product.id}/reviews`, { text: root.querySelector('.write textarea').value });
    await again();
  });
  click('[data-like]', async (heart) => {
    await call('POST', `/api/reviews/${heart.dataset.like}/like`);
    await again();
  });
  click('[data-edit]', (button) => edit(button, again));
}

function edit(button, again) {
  const text = button.parentElement.querySelector('p');
  const form = draw(document.createElement('form'), html`<textarea name="text" required>${text.textContent}</textarea>
    <button>Save</button>`);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    attempt(async () => {
      await call('PUT', `/api/reviews/${button.dataset.edit}`, { text: form.elements.text.value });
      await again();
    });
  });
  text.replaceWith(form);
  button.remove();
}
