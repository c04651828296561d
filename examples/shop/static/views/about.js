// Who runs the shop, with what visitors say.
import { get } from '../api.js';
import { draw, html } from '../ui.js';

export async function show(root) {
  const comments = await get('/api/feedback');
  draw(root, html`<h1>About us</h1>
    <p>Two friends, one attic: one of them could not stand cold tea, the other could not stand still.</p>
    <h2>What people say</h2>${comments.map((one) => html`<blockquote>${one.comment}
    <footer>${one.author}, ${one.rating} of 5</footer></blockquote>`)}
    <button class="say">Say something yourself</button>`);
  root.querySelector('.say').addEventListener('click', () => (location.hash = '#/feedback'));
}
