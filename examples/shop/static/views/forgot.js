// Getting back in: the question comes when the email is there.
import { call, get } from '../api.js';
import { attempt, draw, field, html, toast, valid, values } from '../ui.js';

export async function show(root) {
  draw(root, html`<form class="form narrow panel"><h1>Forgot it?</h1>${field('Email', 'email', { type: 'email' })}
    <p class="question hint">We will ask you something first.</p>${field('Answer', 'answer')}
    <button class="primary">Send me a new one</button></form>`);
  root.querySelector('[name=email]').addEventListener('change', (event) => attempt(async () => {
    const { text } = await get(`/rest/user/security-question?email=${encodeURIComponent(event.target.value)}`);
    root.querySelector('.question').textContent = text;
  }));
  root.querySelector('form').addEventListener('submit', (event) => {
    event.preventDefault();
    attempt(async () => {
      if (valid(root)) toast(await call('POST', '/rest/user/recovery', values(root)));
    });
  });
}
