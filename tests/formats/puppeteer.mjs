// Gives a browser an array of cookies, opens a page, and prints the cookies that the browser then has.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const puppeteer = createRequire(`${process.env.TOOLS}/`)('puppeteer-core');
const [cookies, url] = process.argv.slice(2);
const browser = await (puppeteer.default ?? puppeteer).launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] });
try {
  await browser.setCookie(...JSON.parse(readFileSync(cookies, 'utf8')));
  const page = await browser.newPage();
  await page.goto(`${url}?who=puppeteer`);
  console.log(JSON.stringify(await browser.cookies()));
} finally {
  await browser.close();
}
