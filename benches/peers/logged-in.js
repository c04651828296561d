// Whether the shop has started logged in, its server has agreed, and the page is drawn.
document.documentElement.dataset.session === 'in'
  && document.querySelector('#account-menu p')?.textContent.includes('@')
  && document.querySelector('#app section')?.childElementCount > 0
