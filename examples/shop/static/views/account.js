// The way to everything that belongs to the user.
import { get, user } from '../api.js';
import { attempt, dialog, draw, html } from '../ui.js';

const PLACES = [
  ['#/orders', 'Orders', 'What you have bought'],
  ['#/wishlist', 'Wish list', 'What you have not bought yet'],
  ['#/addresses', 'Addresses', 'Where it goes'],
  ['#/cards', 'Cards', 'How you pay'],
  ['#/wallet', 'Wallet', 'What is left'],
  ['#/subscriptions', 'Subscriptions', 'Tea that comes by itself'],
  ['#/recycling', 'Recycling', 'Old kettles, new kettles'],
  ['#/complaints', 'Complaints', 'We are sorry'],
  ['#/notifications', 'Notifications', 'What happened'],
  ['#/chat', 'Chat', 'Ask us'],
  ['#/profile', 'Profile', 'Who you are'],
  ['#/settings', 'Settings', 'How you like it'],
];

export async function show(root) {
  draw(root, html`<h1>My account</h1><p class="hint">${user()?.email}</p><div class="grid">
    ${PLACES.map(([hash, name, text]) => html`<div class="card pointer" data-go="${hash}"><h3>${name}</h3><p>${text}</p></div>`)}
    </div><button class="export">Show all my data</button>`);
  root.querySelector('.export').addEventListener('click', () => attempt(async () => {
    const data = await get('/rest/user/export');
    dialog('All my data', html`<pre>${JSON.stringify(data, null, 2)}</pre>`);
  }));
}
