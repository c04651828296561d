import { html, render } from 'htm/preact';
import { useState } from 'preact/hooks';

const App = () => {
  const [open, setOpen] = useState(false);
  return html`<div onClick=${() => setOpen(true)}>card</div>${open && html`<p onClick=${() => found('click')}>details</p>`}
    <section onMouseEnter=${() => found('enter')}>hover</section>`;
};
render(html`<${App} />`, document.getElementById('app'));
