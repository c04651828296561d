// Everything on a page that can be clicked: an expression whose value is a list of elements with their words. Elements that
// are hidden in closed menus are there too.
(() => {
  const all = [];
  const walk = (root) => {
    for (const element of root.querySelectorAll('*')) {
      if (element.matches('a, button, [role=button], [role=menuitem], [onclick], input[type=submit], summary, mat-icon, li')) {
        all.push(element);
      }
      if (element.shadowRoot) walk(element.shadowRoot);
    }
  };
  walk(document);
  return all.slice(0, 2000).map((element) => {
    const text = (element.innerText || element.textContent || element.value || '').trim().slice(0, 60);
    const words = [text, element.getAttribute('aria-label'), element.title, element.id, element.getAttribute('href'), element.getAttribute('class')];
    const popup = element.matches('[aria-haspopup]:not([aria-haspopup=false]), summary');
    const account = /account|profile|user|avatar|konto|compte|cuenta|menu/i.test(words.join(' '));
    return { element, label: text || words[1] || words[2] || '', words: words.map((word) => word || '').join(' | '), opens: popup || account };
  });
})()
