// Makes a browser profile that is logged in, for those who take a session in no other way.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const [url, profile, folder] = process.argv.slice(2);
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.BENCH_BROWSER, headless: true, args: ['--no-sandbox'],
});
await context.addInitScript(readFileSync(join(folder, 'seed.js'), 'utf8'));
await context.addCookies(JSON.parse(readFileSync(join(folder, 'cookies.json'), 'utf8')));
const page = await context.newPage();
await page.goto(url);
await page.waitForLoadState('networkidle', { timeout: 10000 }).catch(() => {});
await context.close();
