// A Playwright script with a debugging port: opens a context before it is told to go on, and others later.
import { createInterface } from 'node:readline/promises';
import { chromium } from 'playwright-core';

const [, , executablePath, port, site] = process.argv;
const browser = await chromium.launch({ executablePath, args: [`--remote-debugging-port=${port}`, '--no-sandbox'] });
const open = async (context, who) => {
  const page = await context.newPage();
  await page.goto(`${site}/?who=${who}`);
  return page;
};
const popUp = async (page, who) => {
  const [shown] = await Promise.all([page.context().waitForEvent('page'), page.evaluate((url) => { window.open(url, '_blank', 'noopener'); }, `${site}/?who=${who}`)]);
  await shown.waitForLoadState();
};

const early = await browser.newContext();
const first = await open(early, 'early');
console.log('ready');
const lines = createInterface({ input: process.stdin });
await new Promise((resolve) => lines.once('line', resolve));

await first.goto(`${site}/?who=early-again`);
await open(early, 'early-tab');
await popUp(first, 'early-popup');

const late = await browser.newContext();
const home = await open(late, 'late');
await open(late, 'late-tab');
await popUp(home, 'late-popup');
await home.evaluate(() => {
  localStorage.clear();
  document.cookie = 'seen=; path=/; max-age=0';
});
await open(late, 'late-out');
console.log('pages in the late context', late.pages().length);

await open(await browser.newContext(), 'third');
console.log('done');
await new Promise((resolve) => lines.once('line', resolve));
await browser.close();
process.exit(0);
