// A chat with the attic; Enter sends.
import { call, get } from '../api.js';
import { attempt, draw, html } from '../ui.js';

export async function show(root) {
  draw(root, html`<h1>Chat</h1><div class="lines panel"></div><input class="say" placeholder="Ask us anything"
    aria-label="Message"><button class="send">Send</button>`);
  const input = root.querySelector('.say');
  const fill = async () => {
    const lines = await get('/rest/chat');
    draw(root.querySelector('.lines'), html`<p class="them">Hello! What can we do for you?</p>${lines.map((one) => html`
      <p class="me">${one.message}</p><p class="them">${one.answer}</p>`)}`);
  };
  const send = () => attempt(async () => {
    if (!input.value.trim()) return;
    await call('POST', '/rest/chat', { message: input.value });
    input.value = '';
    await fill();
  });
  input.addEventListener('keydown', (event) => event.key === 'Enter' && send());
  root.querySelector('.send').addEventListener('click', send);
  await fill();
}
