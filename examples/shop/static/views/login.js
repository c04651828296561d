// Logging in: inputs without a form around them.
import { begin, call } from '../api.js';
import { draw, html, toast } from '../ui.js';

export async function show(root) {
  draw(root, html`<div class="form narrow panel"><h1>Log in</h1><p class="error" role="alert" hidden></p>
    <label class="field"><span>Email</span><input id="email" type="text" autocomplete="username"
      value="${localStorage.getItem('email')}"></label>
    <label class="field"><span>Password</span><span class="with-icon"><input id="password" type="password"
      autocomplete="current-password"><button id="show-password" class="icon" type="button"
      aria-label="Show password">◉</button></span></label>
    <label class="tick"><input id="remember" type="checkbox"> Remember me</label>
    <button id="login-button" class="primary" disabled>Log in</button>
    <p><a href="#/forgot-password">Forgot your password?</a></p><p><a href="#/register">Not a customer yet?</a></p></div>`);
  const [email, password, button] = ['#email', '#password', '#login-button'].map((id) => root.querySelector(id));
  const weigh = () => (button.disabled = !email.value || !password.value);
  const enter = () => submit(root, email.value, password.value);
  root.addEventListener('input', weigh);
  button.addEventListener('click', enter);
  password.addEventListener('keydown', (event) => event.key === 'Enter' && !button.disabled && enter());
  root.querySelector('#show-password').addEventListener('click', () => {
    password.type = password.type === 'password' ? 'text' : 'password';
  });
}

async function submit(root, email, password) {
  const error = root.querySelector('.error');
  error.hidden = true;
  try {
    const { authentication } = await call('POST', '/rest/user/login', { email, password });
    if (root.querySelector('#remember').checked) localStorage.setItem('email', email);
    begin(authentication);
    toast(`Hello, ${authentication.umail}.`);
    location.hash = '#/products';
  } catch ({ message }) {
    error.textContent = message;
    error.hidden = false;
  }
}
