// What the project does with one browser: windows of all kinds, and a logout.
const { SITE } = process.env;

describe('windows of one browser', () => {
  it('go where they are sent', async (browser) => {
    await browser.navigateTo(`${SITE}/?who=first`);
    await browser.window.open('tab');
    await browser.navigateTo(`${SITE}/?who=tab`);
    const before = await browser.window.getAllHandles();
    await browser.execute((url) => { window.open(url, '_blank', 'noopener'); }, [`${SITE}/?who=popup`]);
    const fresh = async () => (await browser.window.getAllHandles()).find((handle) => !before.includes(handle));
    await browser.waitUntil(async () => Boolean(await fresh()), { timeout: 20000 });
    await browser.window.switchTo(await fresh());
    await browser.waitUntil(async () => browser.execute(() => location.search.includes('popup') && document.readyState === 'complete'), { timeout: 20000 });
    await browser.execute(() => {
      localStorage.clear();
      sessionStorage.clear();
      document.cookie = 'seen=; path=/; max-age=0';
    });
    await browser.navigateTo(`${SITE}/?who=out`);
  });

  after((browser) => browser.end());
});
