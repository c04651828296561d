// Asks the router of a live page which views it knows, and the bundler which scripts it has not loaded yet.
(() => {
  'use strict';
  const [MOST, MOST_FIBERS, MOST_ELEMENTS] = [1000, 20000, 3000];
  const routes = new Set();
  const scripts = new Set();
  let mode = '';
  let base = '';
  const attempt = (what) => {
    try {
      what();
    } catch { /* another version of it */ }
  };
  const join = (above, path) => {
    if (path.startsWith('/') && (!above || path.startsWith(above))) return path;
    return `${above.replace(/\/$/, '')}/${path.replace(/^\//, '')}`;
  };
  const add = (path) => {
    if (typeof path === 'string' && routes.size < MOST && !/\s/.test(path)) routes.add(path || '/');
  };
  // Tables of routes look alike in all frameworks: a path, and the same below.
  const table = (list, above = '', deep = 0) => {
    for (const route of Array.isArray(list) ? list : Object.values(list ?? {})) {
      if (!route || typeof route !== 'object' || deep > 12) continue;
      const path = typeof route.path === 'string' ? join(above, route.path) : above;
      if (typeof route.path === 'string') add(path);
      for (const below of [route.children, route.routes, route._loadedRoutes]) if (below) table(below, path, deep + 1);
    }
  };

  const vue = (router) => {
    if (!router) return;
    const past = router.options?.history;
    mode ||= router.mode || (past ? (past.base?.includes('#') ? 'hash' : 'history') : '');
    base ||= past?.base ?? router.options?.base ?? router.history?.base ?? '';
    attempt(() => router.getRoutes().forEach((route) => add(route.path)));
    attempt(() => table(router.options.routes));
  };

  const angular = (element) => {
    const inject = (token) => window.ng?.getInjector?.(element)?.get(token);
    const seen = window.ng?.getComponent?.(element);
    const routers = Object.values(seen ?? {}).filter((value) => Array.isArray(value?.config) && value.navigateByUrl);
    attempt(() => routers.push(...(window.getAllAngularRootElements?.() ?? []).map((root) => inject?.(root.router)).filter(Boolean)));
    for (const router of routers) table(router.config);
    // In production the router can be found among what the root view was injected with.
    const context = element.__ngContext__;
    const views = Array.isArray(context) ? context : context?.lView ?? [];
    const lookups = views.filter((value) => value?.records instanceof Map || value?.parentInjector || value?.injector);
    for (const found of lookups) {
      for (const holder of [found, found.injector, found.parentInjector, found.injector?.parentInjector, found.parent]) {
        for (const record of holder?.records?.values?.() ?? []) {
          const value = record?.value;
          if (Array.isArray(value?.config) && typeof value.navigateByUrl === 'function') {
            table(value.config);
            mode ||= value.location?._locationStrategy?.constructor?.name?.includes('Hash') ? 'hash' : '';
          }
        }
      }
    }
  };

  const react = (container) => {
    const key = Object.keys(container).find((name) => name.startsWith('__reactContainer$') || name === '_reactRootContainer');
    const root = key && (container[key].stateNode?.current ?? container[key]._internalRoot?.current ?? container[key]);
    const queue = root ? [root] : [];
    for (let count = 0; queue.length && count < MOST_FIBERS; count += 1) {
      const fiber = queue.pop();
      const given = fiber.memoizedProps ?? {};
      attempt(() => {
        if (given.router?.routes) {
          table(given.router.routes);
          base ||= given.router.basename ?? '';
        }
        if (given.router?.flatRoutes) given.router.flatRoutes.forEach((route) => add(route.fullPath ?? route.path));
        if (given.router?.routesByPath) Object.keys(given.router.routesByPath).forEach(add);
        if (given.navigator?.createHref) {
          base ||= given.basename ?? '';
          mode ||= String(given.navigator.createHref('/')).includes('#') ? 'hash' : 'history';
        }
        if (given.path && (given.component || given.render || given.element || given.children)) add(given.path);
        // What `<Routes>` was given: elements with a path, and elements below these.
        elements(given.children, '', 0);
      });
      if (fiber.sibling) queue.push(fiber.sibling);
      if (fiber.child) queue.push(fiber.child);
    }
  };
  const elements = (children, above, deep) => {
    for (const child of [children].flat()) {
      const given = child?.props;
      if (!given || deep > 6) continue;
      const isRoute = typeof given.path === 'string' && ('element' in given || 'component' in given || 'render' in given || 'children' in given);
      if (isRoute) add(join(above, given.path));
      if (isRoute || given.index !== undefined || child.type === Symbol.for('react.fragment')) {
        elements(given.children, isRoute ? join(above, given.path) : above, deep + 1);
      }
    }
  };

  const next = () => {
    const data = window.__NEXT_DATA__;
    if (data) {
      add(data.page);
      base ||= data.basePath ?? '';
      mode ||= 'history';
      const build = data.buildId;
      if (build) ['_buildManifest.js', '_ssgManifest.js'].forEach((name) => scripts.add(`${data.assetPrefix ?? ''}/_next/static/${build}/${name}`));
    }
    const manifest = window.__BUILD_MANIFEST ?? {};
    for (const page of [...Object.keys(manifest), ...(manifest.sortedPages ?? [])]) if (page.startsWith('/') && !page.startsWith('/_')) add(page);
    Object.values(manifest).flat().forEach((file) => typeof file === 'string' && file.endsWith('.js') && scripts.add(`/_next/${file}`));
    // Flight data of the app router names segments and links within long texts.
    for (const [, text] of window.__next_f ?? []) {
      for (const [, href] of String(text ?? '').matchAll(/"href":"(\/[^"\\]*)"/g)) add(href);
      for (const [file] of String(text ?? '').matchAll(/static\/chunks\/[^"\\]+\.js/g)) scripts.add(`/_next/${file}`);
    }
  };

  const manifests = () => {
    for (const manifest of [window.__reactRouterManifest, window.__remixManifest]) {
      const known = manifest?.routes ?? {};
      const full = (route) => (route?.parentId ? join(full(known[route.parentId]), route.path ?? '') : route?.path ?? '');
      for (const route of Object.values(known)) {
        if (route.path) add(join('/', full(route)));
        if (route.module) scripts.add(route.module);
      }
      mode ||= manifest ? 'history' : '';
    }
    for (const router of [window.__reactRouterDataRouter, window.__TSR_ROUTER__, window.__staticRouterHydrationData?.router]) table(router?.routes);
    for (const state of Object.values(window).filter((value, index) => index < 2000 && value?.constructor?.name === 'Object' && value.nodes && value.dictionary)) {
      Object.keys(state.dictionary).forEach(add);
    }
  };

  // The bundler knows the names of chunks that nobody has asked for yet.
  const chunks = () => {
    for (const name of Object.keys(window).filter((key) => /^webpack(Chunk|Jsonp)/.test(key) && Array.isArray(window[key]))) {
      attempt(() => {
        let load;
        window[name].push([[`${name}-routes`], {}, (found) => { load = found; }]);
        if (typeof load?.u !== 'function') return;
        const ids = new Set([...String(load.u).matchAll(/["']?([\w.~/-]+)["']?\s*:\s*["']/g)].map(([, id]) => id));
        for (const id of ids) attempt(() => scripts.add((load.p || '') + load.u(/^\d+$/.test(id) ? Number(id) : id)));
      });
    }
  };

  attempt(next);
  attempt(manifests);
  attempt(chunks);
  let count = 0;
  for (const element of document.querySelectorAll('*')) {
    if ((count += 1) > MOST_ELEMENTS) break;
    attempt(() => vue(element.__vue_app__?.config.globalProperties.$router ?? element.__vue__?.$router));
    if (element.hasAttribute('ng-version') || element.__ngContext__ !== undefined && count < 200) attempt(() => angular(element));
    if (count < 400) attempt(() => react(element));
  }
  attempt(() => vue(window.$nuxt?.$router ?? window.useNuxtApp?.()?.$router));
  if (!mode && location.hash.startsWith('#/')) mode = 'hash';
  if (!mode && location.hash.startsWith('#!/')) mode = 'bang';
  return { routes: [...routes], scripts: [...scripts].slice(0, MOST), mode, base };
})()
