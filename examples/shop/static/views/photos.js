// The photo wall, and one photo of it.
import { call, get, session } from '../api.js';
import { attempt, draw, field, html, toast, valid, values } from '../ui.js';

export async function wall(root) {
  const photos = await get('/api/photos');
  draw(root, html`<h1>Photo wall</h1><div class="grid">${photos.map((one) => html`
    <a class="card" href="#/photo/${one.id}">${photo(one)}<h3>${one.caption}</h3></a>`)}</div>
    ${session.token && html`<div class="form narrow"><h2>Add yours</h2>${field('Caption', 'caption', { minlength: 3 })}
    ${field('Colour of the day', 'colour', { type: 'color', value: '#3f8f7a' })}
    <button class="primary">Hang it up</button></div>`}`);
  root.querySelector('.primary')?.addEventListener('click', () => attempt(async () => {
    const form = root.querySelector('.form');
    if (!valid(form)) return;
    await call('POST', '/api/photos', values(form));
    await wall(root);
  }));
}

export async function show(root, id) {
  const one = await get(`/api/photos/${id}`);
  draw(root, html`<a class="back" href="#/photos">‹ The wall</a><div class="narrow">${photo(one)}
    <h1>${one.caption}</h1><p>by ${one.author}</p>
    ${session.token && html`<div class="pointer like">♥ Like it</div>`}</div>`);
  root.querySelector('.like')?.addEventListener('click', () => attempt(async () => {
    const { likes } = await call('POST', `/api/photos/${id}/like`);
    toast(`${likes} people like it.`);
  }));
}

function photo({ colour }) {
  return html`<svg class="picture" viewBox="0 0 100 70" aria-hidden="true"><rect width="100" height="70" fill="${colour}"/>
    <circle cx="76" cy="18" r="8" fill="#fff" opacity=".8"/><path d="M0 60 30 30l20 18 18-12 32 26v8H0z" opacity=".3"/></svg>`;
}
