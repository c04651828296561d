// What both scripts do: open a context before they are told to go on, and others later.
import { createInterface } from 'node:readline/promises';

export const walk = async (site, early, { context, popUp, shown }) => {
  const open = async (place, who) => {
    const page = await place.newPage();
    await page.goto(`${site}/?who=${who}`);
    return page;
  };
  const first = await open(early, 'early');
  console.log('ready');
  const lines = createInterface({ input: process.stdin });
  await new Promise((resolve) => lines.once('line', resolve));

  await first.goto(`${site}/?who=early-again`);
  await open(early, 'early-tab');
  await popUp(first, 'early-popup');

  const late = await context();
  const home = await open(late, 'late');
  await open(late, 'late-tab');
  await popUp(home, 'late-popup');
  await home.evaluate(() => {
    localStorage.clear();
    document.cookie = 'seen=; path=/; max-age=0';
  });
  await open(late, 'late-out');
  shown?.(late);

  await open(await context(), 'third');
  console.log('done');
  await new Promise((resolve) => lines.once('line', resolve));
};
