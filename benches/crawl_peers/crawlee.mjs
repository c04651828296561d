// Crawlee's PlaywrightCrawler with click discovery and a session: cookies and storages are there before the first script.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PlaywrightCrawler, Configuration, playwrightUtils } from '@crawlee/playwright';
import { chromium } from 'playwright-core';

const [url, browsers, seconds, folder] = process.argv.slice(2);
const seed = readFileSync(join(folder, 'seed.js'), 'utf8');
const cookies = JSON.parse(readFileSync(join(folder, 'cookies.json'), 'utf8'));

const WAYS_OUT = ['log out', 'logout', 'sign out'].map((word) => `:not(:has-text("${word}"))`).join('');
const SELECTOR = ['a', 'button', 'input[type=submit]', 'input[type=button]', '[role=button]', '[role=tab]', '[role=menuitem]',
  '[role=link]', 'summary', '[onclick]', 'li', 'tr'].map((tag) => `${tag}${WAYS_OUT}:visible`).join(', ');

let actions = 0;
const tell = () => console.log(JSON.stringify({ actions }));
setInterval(tell, 1000).unref();

// The fragment is the route in many applications; without this each of them would be one page.
const whole = (request) => (/log-?out|sign-?out/i.test(request.url) ? false
  : { ...request, keepUrlFragment: true, uniqueKey: `${request.method ?? 'GET'} ${request.url}` });

const crawler = new PlaywrightCrawler({
  launchContext: {
    launcher: chromium,
    launchOptions: { executablePath: process.env.BENCH_BROWSER, headless: true, args: ['--no-sandbox'] },
  },
  browserPoolOptions: { maxOpenPagesPerBrowser: 1, useFingerprints: false },
  // It would wait for an idle machine otherwise.
  autoscaledPoolOptions: {
    desiredConcurrency: Number(browsers),
    systemStatusOptions: { maxCpuOverloadedRatio: 1, maxEventLoopOverloadedRatio: 1, maxMemoryOverloadedRatio: 1 },
  },
  minConcurrency: Number(browsers),
  maxConcurrency: Number(browsers),
  navigationTimeoutSecs: 15,
  requestHandlerTimeoutSecs: 300,
  maxRequestRetries: 1,
  preNavigationHooks: [async ({ page }) => {
    await page.addInitScript(seed);
    await page.context().addCookies(cookies);
  }],
  // All pages that links lead to first, then the clicks, after which a page is of no more use.
  async requestHandler({ page, request, enqueueLinks, crawler: { requestQueue } }) {
    actions += 1;
    await page.waitForLoadState('networkidle', { timeout: 5000 }).catch(() => {});
    if (request.label !== 'click') {
      await enqueueLinks({ strategy: 'same-origin', transformRequestFunction: whole });
      await requestQueue.addRequest({ url: request.url, label: 'click', keepUrlFragment: true, uniqueKey: `click ${request.url}` });
      return;
    }
    const found = await page.locator(SELECTOR).count();
    await playwrightUtils.enqueueLinksByClickingElements({
      page, requestQueue, selector: SELECTOR, clickOptions: { timeout: 1000 }, transformRequestFunction: (request) => (
        new URL(request.url).origin === new URL(url).origin ? whole(request) : false),
    });
    actions += found;
  },
}, new Configuration({ persistStorage: false, purgeOnStart: true }));

setTimeout(() => { tell(); process.exit(0); }, Number(seconds) * 1000);
await crawler.run([{ url, keepUrlFragment: true, uniqueKey: url }]);
tell();
process.exit(0);
