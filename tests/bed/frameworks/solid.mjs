import html from 'solid-js/html';
import { createSignal } from 'solid-js';
import { delegateEvents, render } from 'solid-js/web';

const App = () => {
  const [open, setOpen] = createSignal(false);
  const details = () => {
    const p = document.createElement('p');
    p.textContent = 'details';
    p.$$click = () => found('click');
    delegateEvents(['click']);
    return p;
  };
  return html`<div onClick=${() => setOpen(true)}>card</div>${() => open() && details()}`;
};
render(App, document.getElementById('app'));
