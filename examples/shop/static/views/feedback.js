// A comment with a rating, from anyone.
import { call } from '../api.js';
import { attempt, draw, html, toast, valid, values } from '../ui.js';

export async function show(root) {
  draw(root, html`<h1>Feedback</h1><div class="form narrow">
    <label class="field"><span>Comment</span><textarea name="comment" required minlength="3"></textarea></label>
    <label class="field"><span>Rating</span><input type="range" name="rating" min="1" max="5" value="4"></label>
    <button class="primary">Send feedback</button></div>`);
  root.querySelector('.primary').addEventListener('click', () => attempt(async () => {
    if (!valid(root)) return;
    await call('POST', '/api/feedback', values(root));
    toast('Thank you for your words.');
    location.hash = '#/about';
  }));
}
