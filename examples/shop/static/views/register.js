// A new account.
import { call, get } from '../api.js';
import { attempt, draw, field, html, toast, valid, values } from '../ui.js';

export async function show(root) {
  const questions = await get('/rest/security-questions');
  draw(root, html`<div class="form narrow panel"><h1>New here?</h1>${field('Email', 'email', { type: 'email' })}
    ${field('Password', 'password', { type: 'password', minlength: 5, autocomplete: 'new-password' })}
    <label class="field"><span>Security question</span><select name="question">
    ${questions.map((one) => html`<option>${one.text}</option>`)}</select></label>
    ${field('Answer', 'answer')}<button class="primary">Register</button>
    <p><a href="#/login">Already a customer?</a></p></div>`);
  root.querySelector('.primary').addEventListener('click', () => attempt(async () => {
    if (!valid(root)) return;
    await call('POST', '/api/users', values(root));
    toast('Welcome aboard. You can log in now.');
    location.hash = '#/login';
  }));
}
