// For ZAP, as a session script of the engine Graal.js: puts the session onto requests to the origins that it belongs to.

function extractWebSession(sw) {
  // It was made elsewhere; ZAP only has to see that there is one.
  sw.getSession().setValue("handstamp", SESSION.user);
}

function processMessageToMatchSession(sw) {
  const header = sw.getHttpMessage().getRequestHeader();
  const scheme = header.isSecure() ? "https" : "http";
  const host = String(header.getHostName()).toLowerCase();
  const port = Number(header.getHostPort());
  const origin = SESSION.origins.find((o) => o.scheme === scheme && o.host === host && o.port === port);
  if (origin === undefined) return;
  for (const [name, value] of origin.headers) header.setHeader(name, value);
  const path = String(header.getURI().getPath() || "/");
  const ours = origin.cookies.filter((cookie) => isBelow(path, cookie.path));
  if (ours.length === 0) return;
  const names = new Set(ours.map((cookie) => cookie.name));
  const others = String(header.getHeader("Cookie") || "").split("; ").filter((pair) => pair !== "" && !names.has(pair.split("=")[0]));
  header.setHeader("Cookie", others.concat(ours.map((cookie) => `${cookie.name}=${cookie.value}`)).join("; "));
}

function clearWebSessionIdentifiers(sw) {
  const header = sw.getHttpMessage().getRequestHeader();
  for (const origin of SESSION.origins) {
    for (const [name] of origin.headers) header.setHeader(name, null);
  }
  header.setHeader("Cookie", null);
}

// See 5.1.4 of RFC 6265.
function isBelow(path, wanted) {
  return path === wanted || (path.startsWith(wanted) && (wanted.endsWith("/") || path[wanted.length] === "/"));
}

function getRequiredParamsNames() {
  return [];
}

function getOptionalParamsNames() {
  return [];
}
