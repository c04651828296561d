// What the pages share: one way to send a login, and one to go on.
const byId = (id) => document.getElementById(id);
async function login(user, password, more = {}) {
  const body = JSON.stringify({ user, password, ...more });
  const answer = await fetch('/login', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  if (answer.ok) return answer.json();
  const note = document.createElement('p');
  note.setAttribute('role', 'alert');
  note.textContent = 'Wrong user name or password';
  document.body.append(note);
  throw new Error('refused');
}
const home = () => { location.href = '/home'; };
const stray = (what) => fetch(`/stray/${what}`, { method: 'POST' });
