// Talks to the shop's API and keeps the session: memory, localStorage, sessionStorage and a cookie.

/** The session as the page found it when it started; storage is only read again when another tab changes it. */
export const session = { token: window.bootSession.token, bid: window.bootSession.bid };

/** Fires `change` whenever the session begins, ends or is renewed. */
export const changes = new EventTarget();

/** What the token says about its user, or null. */
export function user() {
  return claims()?.data ?? null;
}

/** Whether an administrator is logged in. */
export function isAdmin() {
  return user()?.role === 'admin';
}

/** Keeps what logging in produced. */
export function begin({ token, bid }) {
  keep(token);
  session.bid = String(bid);
  sessionStorage.setItem('bid', session.bid);
  changed();
}

/** Forgets the session everywhere in the browser. */
export function end() {
  session.token = null;
  session.bid = null;
  localStorage.removeItem('token');
  sessionStorage.removeItem('bid');
  document.cookie = 'token=; path=/; max-age=0';
  changed();
}

/** Tells the server that the session is over, and forgets it. */
export async function logout() {
  await call('POST', '/rest/user/logout').catch(() => {});
  end();
  location.hash = '#/login';
}

/** One call of the API; answers with the data, throws an Error with the server's words. */
export async function call(method, path, body) {
  const sent = session.token;
  const headers = {};
  if (sent) headers.Authorization = `Bearer ${sent}`;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  const found = await answer.json().catch(() => ({}));
  if (answer.status === 401 && sent && sent === session.token) expired();
  if (!answer.ok) throw new Error(found.error ?? `The shop answered ${answer.status}.`);
  return found.data ?? found;
}

export const get = (path) => call('GET', path);

/** Asks the server who we are; a session that it does not know is over. */
export async function check() {
  const asked = session.token;
  const { user } = await get('/rest/user/whoami');
  if (asked && asked === session.token && !user.email) expired();
}

function expired() {
  end();
  location.hash = '#/login';
  throw new Error('Your session has ended. Please log in again.');
}

function claims() {
  try {
    const part = session.token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
    return JSON.parse(atob(part));
  } catch {
    return null;
  }
}

function keep(token) {
  session.token = token;
  localStorage.setItem('token', token);
  document.cookie = `token=${token}; path=/; max-age=28800; samesite=lax`;
}

function changed() {
  document.documentElement.dataset.session = session.token ? 'in' : 'out';
  changes.dispatchEvent(new Event('change'));
  planRefresh();
}

let timer;

/** With --refresh the token is traded for a younger one when four fifths of its life are over. */
export function planRefresh() {
  clearTimeout(timer);
  const { exp, iat } = claims() ?? {};
  if (!window.canRefresh || !exp) return;
  const wait = (iat + (exp - iat) * 0.8) * 1000 - Date.now();
  timer = setTimeout(async () => {
    const { authentication } = await call('POST', '/rest/user/refresh').catch(() => ({}));
    if (!authentication || !session.token) return;
    keep(authentication.token);
    changed();
  }, Math.max(wait, 500));
}

window.addEventListener('storage', (event) => {
  if (event.key !== 'token' || event.newValue === session.token) return;
  session.token = event.newValue;
  if (!session.token) session.bid = null;
  changed();
});
