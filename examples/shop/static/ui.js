// Small helpers to draw with: escaped templates, fields, messages and dialogs.
import { get } from './api.js';

class Markup {
  constructor(text) {
    this.text = text;
  }
}

/** A template whose values are escaped, unless they are markup (or lists of it) themselves. */
export function html(strings, ...values) {
  return new Markup(strings.reduce((text, part, index) => text + escape(values[index - 1]) + part));
}

function escape(value) {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(escape).join('');
  if (value === undefined || value === null || value === false) return '';
  const signs = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return String(value).replace(/[&<>"']/g, (sign) => signs[sign]);
}

/** Draws markup into an element. */
export function draw(element, markup) {
  element.innerHTML = markup.text;
  return element;
}

/** Calls `act(target, event)` when something below `root` that fits `selector` gets the event. */
export function on(root, type, selector, act) {
  root.addEventListener(type, (event) => {
    const target = event.target.closest(selector);
    if (target && root.contains(target)) attempt(() => act(target, event));
  });
}

/** Runs something and shows what went wrong as a message. */
export async function attempt(act) {
  try {
    return await act();
  } catch (error) {
    toast(error.message, 'bad');
  }
}

let fading;

/** Shows a short message at the lower edge. */
export function toast(text, mood = 'good') {
  const box = document.getElementById('toast');
  box.textContent = text;
  box.className = mood;
  box.hidden = false;
  clearTimeout(fading);
  fading = setTimeout(() => (box.hidden = true), 2500);
}

/** A labelled input; `more` holds further attributes. */
export function field(label, name, more = {}) {
  const attributes = Object.entries({ type: 'text', required: true, ...more })
    .filter(([, value]) => value !== false)
    .map(([key, value]) => (value === true ? html` ${key}` : html` ${key}="${value}"`));
  return html`<label class="field"><span>${label}</span><input name="${name}"${attributes}></label>`;
}

/** The values of all named controls below `root`. */
export function values(root) {
  const controls = [...root.querySelectorAll('[name]')].filter((control) => control.type !== 'radio' || control.checked);
  return Object.fromEntries(
    controls.map((control) => [control.name, control.type === 'checkbox' ? control.checked : control.value]),
  );
}

/** Whether all controls below `root` are fine; the browser says what is wrong with the first that is not. */
export function valid(root) {
  return [...root.querySelectorAll('input, select, textarea')].every((control) => control.reportValidity());
}

/** A picture of a product. */
export function picture(product) {
  return html`<svg class="picture" viewBox="0 0 100 70" aria-hidden="true">
    <rect width="100" height="70" fill="${product.colour}" opacity=".16"/>
    <path d="${SHAPES[product.category] ?? SHAPES.tea}" fill="${product.colour}"/></svg>`;
}

const SHAPES = {
  kettle: 'M30 58q-4-24 20-24t20 24zM68 44l13-12 4 3-14 18zM33 37a17 24 0 0 1 34 0h-4a13 20 0 0 0-26 0zM46 29h8v6h-8z',
  kite: 'M52 8l20 22-24 24-16-22zM48 54c-8 2 2 8-8 12l-2-3c8-3 0-7 9-10z',
  tea: 'M28 30h38v4h6a8 8 0 0 1 0 16h-8a16 12 0 0 1-16 10 18 14 0 0 1-20-16zM66 38v8h5a4 4 0 0 0 0-8z',
  reel: 'M30 14h40v8H62v26h8v8H30v-8h8V22h-8z',
};

/** Opens a dialog over the page; answers with its body and a way to close it. */
export function dialog(title, markup) {
  const back = document.createElement('div');
  back.className = 'backdrop';
  draw(back, html`<div class="dialog" role="dialog" aria-label="${title}">
    <button class="icon close" aria-label="Close">✕</button><h2>${title}</h2><div class="body">${markup}</div></div>`);
  const close = () => back.remove();
  back.querySelector('.close').addEventListener('click', close);
  window.addEventListener('hashchange', close, { once: true });
  document.body.append(back);
  return { body: back.querySelector('.body'), close };
}

/** Sets the number beside the basket link. */
export async function countBasket(bid) {
  const items = bid ? (await get(`/rest/basket/${bid}`).catch(() => ({ items: [] }))).items : [];
  document.getElementById('basket-count').textContent = items?.length || '';
}
