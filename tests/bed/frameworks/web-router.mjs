import { createApp, h, reactive } from 'vue';

// A router as those of single-page applications are: guards, lazy views, links that are no links.
const here = reactive({ path: location.pathname });
const go = (path) => { history.pushState({}, '', path); here.path = path; };
const base = '/frameworks/web-router';
addEventListener('popstate', () => { here.path = location.pathname; });
const views = {
  [base]: () => h('button', { onClick: () => go(`${base}/users`) }, 'users'),
  [`${base}/users`]: () => h('ul', [1, 2, 3, 4].map((n) => h('li', { onClick: () => go(`${base}/users/${n}`) }, `user ${n}`))),
  detail: () => h('a', { href: '#', onClick: (event) => { event.preventDefault(); found(); } }, 'permissions'),
};
createApp({ render: () => (views[here.path.replace('.html', '')] ?? views.detail)() }).mount('#app');
