// What is in the wallet, in two tabs.
import { call, get } from '../api.js';
import { attempt, draw, field, html, on, valid, values } from '../ui.js';

export async function show(root) {
  draw(root, html`<h1>Wallet</h1><p class="balance"></p><div class="tabs"><button data-tab="fill" class="active">Top up</button>
    <button data-tab="history">History</button></div><div class="tab"></div>`);
  const { balance } = await get('/rest/wallet');
  root.querySelector('.balance').textContent = `${balance} cr`;
  on(root, 'click', '[data-tab]', async (button) => {
    root.querySelector('.active').classList.remove('active');
    button.classList.add('active');
    await TABS[button.dataset.tab](root);
  });
  TABS.fill(root);
}

const TABS = {
  fill(root) {
    const tab = draw(root.querySelector('.tab'), html`<form class="form narrow">
      ${field('Amount (1 to 500)', 'amount', { type: 'number', min: 1, max: 500, value: 20 })}
      <button class="primary">Top up</button></form>`);
    const form = tab.querySelector('form');
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      attempt(async () => {
        if (!valid(form)) return;
        const { balance } = await call('POST', '/rest/wallet', values(form));
        root.querySelector('.balance').textContent = `${balance} cr`;
      });
    });
  },
  async history(root) {
    const payments = await get('/rest/wallet/history');
    draw(root.querySelector('.tab'), html`<table>${payments.map((one) => html`<tr><td>${one.text}</td>
      <td>+${one.amount} cr</td></tr>`)}</table>`);
  },
};
