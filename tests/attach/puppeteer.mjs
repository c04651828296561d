// A Puppeteer script with a debugging port: pages of the usual context, and of one of its own.
import { createInterface } from 'node:readline/promises';
import puppeteer from 'puppeteer-core';

const [, , executablePath, port, site] = process.argv;
const browser = await puppeteer.launch({ executablePath, args: ['--no-sandbox'], debuggingPort: Number(port) });
const open = async (context, who) => {
  const page = await context.newPage();
  await page.goto(`${site}/?who=${who}`);
  return page;
};
const popUp = async (page, who) => {
  await page.evaluate((url) => { window.open(url, '_blank', 'noopener'); }, `${site}/?who=${who}`);
  const target = await browser.waitForTarget((one) => one.url().endsWith(`who=${who}`));
  await (await target.page()).waitForFunction('document.readyState === "complete"');
};

const usual = browser.defaultBrowserContext();
const first = await open(usual, 'early');
console.log('ready');
const lines = createInterface({ input: process.stdin });
await new Promise((resolve) => lines.once('line', resolve));

await first.goto(`${site}/?who=early-again`);
await open(usual, 'early-tab');
await popUp(first, 'early-popup');

const late = await browser.createBrowserContext();
const home = await open(late, 'late');
await open(late, 'late-tab');
await popUp(home, 'late-popup');
await home.evaluate(() => {
  localStorage.clear();
  document.cookie = 'seen=; path=/; max-age=0';
});
await open(late, 'late-out');
await open(await browser.createBrowserContext(), 'third');
console.log('done');
await new Promise((resolve) => lines.once('line', resolve));
await browser.close();
process.exit(0);
