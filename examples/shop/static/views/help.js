// Questions and answers in an accordion.
import { call, get } from '../api.js';
import { draw, html, on, toast } from '../ui.js';

export async function show(root) {
  const questions = await get('/api/faq');
  draw(root, html`<h1>Help</h1>${questions.map((one) => html`<details><summary>${one.question}</summary>
    <p>${one.answer}</p><button data-helpful="${one.id}">That helped (${one.helpful})</button></details>`)}
    <p>Something else? <a href="#/feedback">Write to us</a>.</p>`);
  on(root, 'click', '[data-helpful]', async (button) => {
    const { helpful } = await call('POST', `/api/faq/${button.dataset.helpful}/helpful`);
    button.textContent = `That helped (${helpful})`;
    toast('Thank you.');
  });
}
