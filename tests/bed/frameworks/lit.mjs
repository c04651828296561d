import { LitElement, html } from 'lit';

customElements.define('my-app', class extends LitElement {
  static properties = { open: { state: true } };
  render() {
    return html`<div @click=${() => { this.open = true; }}>card</div>${this.open ? html`<p @click=${() => found('click')}>details</p>` : ''}
      <section @mouseover=${() => found('enter')}>hover</section>`;
  }
});
document.getElementById('app').append(document.createElement('my-app'));
