// A user's script with WebdriverIO, which speaks BiDi by itself: nothing in it knows of handstamp but the address.
import { remote } from 'webdriverio';

const [gateway, name, page] = process.argv.slice(2);
const { hostname, port } = new URL(gateway);
const browser = await remote({ hostname, port: Number(port), path: '/', logLevel: 'error', capabilities: { browserName: name } });
let seen;
try {
  await browser.url(`${page}/?who=first`);
  const tree = await browser.browsingContextGetTree({});
  seen = tree.contexts.map((context) => context.url);
  await browser.newWindow(`${page}/?who=tab`);
  for (const [who, features] of [['popup', 'popup,width=300,height=200'], ['stranger', 'noopener']]) {
    const before = await browser.getWindowHandles();
    const opener = await browser.getWindowHandle();
    await browser.execute((url, features) => { window.open(url, '_blank', features); }, `${page}/?who=${who}`, features);
    const fresh = async () => (await browser.getWindowHandles()).find((handle) => !before.includes(handle));
    await browser.waitUntil(fresh, { timeout: 20000 });
    await browser.switchToWindow(await fresh());
    await browser.waitUntil(async () => (await browser.getUrl()).includes(who) && (await browser.execute(() => document.readyState)) === 'complete', { timeout: 20000 });
    await browser.switchToWindow(opener);
  }
  await browser.execute(() => {
    localStorage.clear();
    sessionStorage.clear();
    document.cookie = 'seen=; path=/; max-age=0';
  });
  await browser.url(`${page}/?who=after`);
  await browser.refresh();
} finally {
  await browser.deleteSession();
}
console.log(JSON.stringify({ bidi: seen }));
process.exit(0);
