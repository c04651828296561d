// Starts the page: header, menus, overlays and router.
import { call, changes, get, isAdmin, logout, planRefresh, session, user } from './api.js';
import { greet } from './overlays.js';
import { start } from './router.js';
import { attempt, countBasket, draw, html, on, toast, valid, values } from './ui.js';

const find = (id) => document.getElementById(id);

function setUpMenus() {
  const toggle = (open) => {
    find('side').hidden = !open;
    find('scrim').hidden = !open;
  };
  find('menu-button').addEventListener('click', () => toggle(find('side').hidden));
  find('scrim').addEventListener('click', () => toggle(false));
  find('side-logout').addEventListener('click', logout);
  find('account-button').addEventListener('click', () => openAccount(find('account-menu').hidden));
  window.addEventListener('hashchange', () => {
    toggle(false);
    openAccount(false);
  });
  // Everything that carries `data-go` leads somewhere without being a link.
  on(document.body, 'click', '[data-go]', (target) => (location.hash = target.dataset.go));
}

function openAccount(open) {
  find('account-menu').hidden = !open;
  find('account-button').setAttribute('aria-expanded', open);
}

function drawSession() {
  document.documentElement.dataset.role = user()?.role ?? 'none';
  draw(find('account-menu'), html`<p>${user()?.email}</p>
    <a href="#/account">My account</a><a href="#/orders">Orders</a><a href="#/profile">Profile</a>
    <div class="link" data-go="#/settings">Settings</div>
    ${isAdmin() && html`<a href="#/admin">Administration</a>`}
    <button id="menu-logout">Log out</button>`);
  find('menu-logout').addEventListener('click', logout);
  countBasket(session.bid);
}

async function setUpLanguages() {
  const { languages } = await get('/rest/configuration');
  const select = draw(find('language'), html`${languages.map((one) => html`<option value="${one.key}">${one.name}</option>`)}`);
  select.addEventListener('change', () => attempt(() => speak(select.value)));
  await speak('en');
}

async function speak(language) {
  const labels = await get(`/rest/i18n/${language}`);
  for (const element of document.querySelectorAll('[data-label]')) {
    element.textContent = labels[element.dataset.label];
  }
}

function setUpSearch() {
  find('search').addEventListener('keydown', (event) => {
    const term = event.target.value.trim();
    if (event.key === 'Enter' && term) location.hash = `#/search/${encodeURIComponent(term)}`;
  });
}

function setUpNewsletter() {
  find('newsletter').addEventListener('submit', (event) => {
    event.preventDefault();
    const form = event.target;
    attempt(async () => {
      if (valid(form)) toast(await call('POST', '/rest/newsletter', values(form)));
      form.reset();
    });
  });
}

changes.addEventListener('change', drawSession);
setUpMenus();
setUpSearch();
setUpNewsletter();
drawSession();
planRefresh();
greet();
start(find('app'));
attempt(setUpLanguages);
