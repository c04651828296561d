// A Playwright script with a debugging port.
import { chromium } from 'playwright-core';
import { walk } from './walk.mjs';

const [, , executablePath, port, site] = process.argv;
const browser = await chromium.launch({ executablePath, args: [`--remote-debugging-port=${port}`, '--no-sandbox'] });
const popUp = async (page, who) => {
  const [shown] = await Promise.all([page.context().waitForEvent('page'), page.evaluate((url) => { window.open(url, '_blank', 'noopener'); }, `${site}/?who=${who}`)]);
  await shown.waitForLoadState();
};
const shown = (context) => console.log('pages in the late context', context.pages().length);

await walk(site, await browser.newContext(), { context: () => browser.newContext(), popUp, shown });
await browser.close();
process.exit(0);
