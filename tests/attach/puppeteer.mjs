// A Puppeteer script with a debugging port: pages of the usual context, and of some of its own.
import puppeteer from 'puppeteer-core';
import { walk } from './walk.mjs';

const [, , executablePath, port, site] = process.argv;
const browser = await puppeteer.launch({ executablePath, args: ['--no-sandbox'], debuggingPort: Number(port) });
const popUp = async (page, who) => {
  await page.evaluate((url) => { window.open(url, '_blank', 'noopener'); }, `${site}/?who=${who}`);
  const target = await browser.waitForTarget((one) => one.url().endsWith(`who=${who}`));
  await (await target.page()).waitForFunction('document.readyState === "complete"');
};

await walk(site, browser.defaultBrowserContext(), { context: () => browser.createBrowserContext(), popUp });
await browser.close();
process.exit(0);
