// A user's script with selenium-webdriver for Node.js: nothing in it knows of handstamp but the address.
import webdriver from 'selenium-webdriver';
import chrome from 'selenium-webdriver/chrome.js';
import firefox from 'selenium-webdriver/firefox.js';
import WebSocket from 'ws';

const [gateway, browser, page] = process.argv.slice(2);
const options = browser === 'chrome' ? new chrome.Options() : new firefox.Options();
options.set('webSocketUrl', true);
const driver = await new webdriver.Builder().usingServer(gateway).withCapabilities(options).build();

// The session's socket, opened a second time and spoken to in bare messages.
async function bare() {
  const address = (await driver.getCapabilities()).get('webSocketUrl');
  const socket = new WebSocket(address);
  await new Promise((open, fail) => socket.on('open', open).on('error', fail));
  socket.send(JSON.stringify({ id: 1, method: 'session.status', params: {} }));
  const answer = await new Promise((resolve) => socket.on('message', (text) => resolve(JSON.parse(text))));
  socket.close();
  return answer.type;
}

let seen;
let status;
try {
  await driver.get(`${page}/?who=first`);
  const bidi = await driver.getBidi();
  const tree = await bidi.send({ method: 'browsingContext.getTree', params: {} });
  seen = tree.result.contexts.map((context) => context.url);
  status = await bare();
  await driver.switchTo().newWindow('tab');
  await driver.get(`${page}/?who=tab`);
  for (const [who, features] of [['popup', 'popup,width=300,height=200'], ['stranger', 'noopener']]) {
    const before = await driver.getAllWindowHandles();
    const opener = await driver.getWindowHandle();
    await driver.executeScript('window.open(arguments[0], "_blank", arguments[1])', `${page}/?who=${who}`, features);
    const fresh = async () => (await driver.getAllWindowHandles()).find((handle) => !before.includes(handle));
    await driver.wait(fresh, 20000);
    await driver.switchTo().window(await fresh());
    await driver.wait(async () => (await driver.getCurrentUrl()).includes(who) && (await driver.executeScript('return document.readyState')) === 'complete', 20000);
    await driver.switchTo().window(opener);
  }
  await driver.executeScript("localStorage.clear(); sessionStorage.clear(); document.cookie = 'seen=; path=/; max-age=0'");
  await driver.get(`${page}/?who=after`);
  await driver.navigate().refresh();
} finally {
  await driver.quit();
}
console.log(JSON.stringify({ bidi: seen, status }));
process.exit(0);
