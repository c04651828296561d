// Logs in to the sample shop as one writes it by hand, knowing the page, and keeps the session.
const { done, launch } = require('./browser.cjs');

const [url, username, file] = process.argv.slice(2);

(async () => {
  done('process');
  const browser = await launch();
  done('launch');
  const context = await browser.newContext();
  const page = await context.newPage();
  done('context');
  await page.goto(url, { waitUntil: 'domcontentloaded' });
  done('goto');
  await page.getByRole('button', { name: 'Come in' }).click();
  await page.getByRole('button', { name: 'Accept all cookies' }).click();
  done('dismiss');
  await page.goto(`${url}#/login`, { waitUntil: 'domcontentloaded' });
  await page.locator('#email').fill(username);
  await page.locator('#password').fill(process.env.SHOP_PASSWORD);
  await page.locator('#login-button').click();
  await page.waitForFunction(() => localStorage.getItem('token'));
  done('login');
  await context.storageState({ path: file });
  done('harvest');
  await browser.close();
  done('close');
})();
