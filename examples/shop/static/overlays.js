// What lies over the page on a first visit: a cookie bar, and a welcome dialog over that.
import { draw, html } from './ui.js';

/** Shows each one until its cookie says that it was dismissed. */
export function greet() {
  if (!document.cookie.includes('cookieChoice=')) {
    lay('cookie-bar', 'cookieChoice=accepted', html`
      <div><h2>We bake our own</h2>
      <p>This shop keeps a few cookies so that your basket does not blow away. They are small and hardly sweet.</p>
      <details><summary>What is in them?</summary><p>A token while you are logged in, and whether you have read
      this.</p></details></div>
      <button class="primary dismiss">Accept all cookies</button>`);
  }
  if (!document.cookie.includes('welcomeSeen=')) {
    lay('welcome', 'welcomeSeen=yes', html`<div class="dialog" role="dialog" aria-label="Welcome">
      <button class="icon close dismiss" aria-label="Close welcome">✕</button>
      <h2>Welcome to Kettle &amp; Kite</h2>
      <p>Tea for the calm days, kites for the others. Have a look around: nothing bites, and nothing is for sale.</p>
      <button class="primary dismiss">Come in</button></div>`);
  }
}

function lay(id, cookie, markup) {
  const layer = draw(document.createElement('div'), markup);
  layer.id = id;
  for (const button of layer.querySelectorAll('.dismiss')) {
    button.addEventListener('click', () => {
      document.cookie = `${cookie}; path=/; max-age=31536000`;
      layer.remove();
    });
  }
  document.body.append(layer);
}
