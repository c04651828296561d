// For ZAP, as a selenium script of the engine Graal.js: gives a browser that ZAP starts what the session keeps in it.
// The page has run before that, and is loaded again. In tabs that it opens later, and in IndexedDB, nothing is written.

function browserLaunched(ssutils) {
  const url = String(ssutils.waitForURL(5000));
  const found = /^(https?:\/\/[^/?#]+)/i.exec(url);
  const stored = found === null ? undefined : STORED[found[1].toLowerCase()];
  if (stored === undefined) return;
  const Builder = Java.type("org.openqa.selenium.Cookie$Builder");
  const driver = ssutils.getWebDriver();
  for (const cookie of stored.cookies) {
    const made = new Builder(cookie.name, cookie.value).path(cookie.path).isSecure(cookie.secure).isHttpOnly(cookie.httpOnly);
    if (cookie.domain !== null) made.domain(cookie.domain);
    driver.manage().addCookie(made.build());
  }
  for (const [area, items] of [["localStorage", stored.local], ["sessionStorage", stored.session]]) {
    for (const [name, value] of items) {
      driver.executeScript(`window[${JSON.stringify(area)}].setItem(${JSON.stringify(name)}, ${JSON.stringify(value)});`);
    }
  }
  driver.navigate().refresh();
}
