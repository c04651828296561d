// Opens the sample shop with a stored session and waits until it is there, logged in.
const { readFileSync } = require('node:fs');
const { done, launch } = require('./browser.cjs');

const [url, file] = process.argv.slice(2);
const loggedIn = readFileSync(`${__dirname}/logged-in.js`, 'utf8');

(async () => {
  done('process');
  const browser = await launch();
  done('launch');
  const context = await browser.newContext({ storageState: file });
  const page = await context.newPage();
  done('inject');
  await page.goto(`${url}#/products`, { waitUntil: 'domcontentloaded' });
  done('goto');
  await page.waitForFunction(loggedIn);
  done('logged in');
  await browser.close();
  done('close');
})();
