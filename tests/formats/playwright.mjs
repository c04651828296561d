// Opens a page with a storageState and an init script, logs out as an application does, and looks at it again in every way.
import { createRequire } from 'node:module';

const { chromium } = createRequire(`${process.env.TOOLS}/`)('playwright-core');
const [state, script, url, har] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] });
try {
  const context = await browser.newContext({ storageState: state, recordHar: { path: har } });
  await context.addInitScript({ path: script });
  const page = await context.newPage();
  const visit = (page, who) => page.goto(`${url}?who=${who}`, { waitUntil: 'load' });
  await visit(page, 'first');
  await page.waitForTimeout(300);
  const saved = await context.storageState({ indexedDB: true });
  await page.evaluate(() => {
    sessionStorage.clear();
    localStorage.clear();
  });
  await page.evaluate((frame) => new Promise((done) => {
    const made = document.createElement('iframe');
    made.onload = done;
    made.src = frame;
    document.body.append(made);
  }), `${url}?who=frame`);
  await Promise.all([
    context.waitForEvent('page').then((popup) => popup.waitForLoadState()),
    page.evaluate((popup) => void window.open(popup, '_blank', 'popup'), `${url}?who=popup`),
  ]);
  await visit(page, 'after');
  await page.reload();
  await page.evaluate(() => sessionStorage.setItem('tab', 'renewed'));
  await visit(page, 'renewed');
  const tab = await context.newPage();
  await visit(tab, 'tab');
  await tab.evaluate(() => sessionStorage.clear());
  await visit(tab, 'tab-after');
  // Closing writes the archive.
  await context.close();
  console.log(JSON.stringify(saved));
} finally {
  await browser.close();
}
