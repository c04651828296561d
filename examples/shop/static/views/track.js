// Where an order is, by its code; the input fires on Enter.
import { get } from '../api.js';
import { attempt, draw, html } from '../ui.js';

export async function show(root) {
  draw(root, html`<h1>Track an order</h1><p class="hint">Type a code such as KK-102 and press Enter.</p>
    <input class="code" placeholder="Order code" aria-label="Order code"><p class="answer"></p>`);
  const input = root.querySelector('.code');
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !input.value.trim()) return;
    attempt(async () => {
      const { code, status } = await get(`/rest/track/${encodeURIComponent(input.value.trim())}`);
      draw(root.querySelector('.answer'), html`<b>${code}</b>: ${status}`);
    });
  });
}
