// Toggles that save themselves.
import { call, get } from '../api.js';
import { draw, html, on, toast } from '../ui.js';

const NAMES = { newsletter: 'The Sunday letter', 'wind-alerts': 'Wind alerts', 'large-text': 'Larger text', 'share-photos': 'Share my photos' };

export async function show(root) {
  const settings = await get('/rest/settings');
  draw(root, html`<h1>Settings</h1><div class="panel">${Object.entries(settings).map(([key, value]) => html`
    <label class="toggle"><input type="checkbox" data-key="${key}" ${value && html`checked`}> ${NAMES[key]}</label>`)}</div>`);
  on(root.querySelector('.panel'), 'change', '[data-key]', async (box) => {
    await call('PUT', `/rest/settings/${box.dataset.key}`, { value: box.checked });
    toast('Saved.');
  });
}
