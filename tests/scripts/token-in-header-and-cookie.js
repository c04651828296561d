// A session script in the style of GraalJS: a token from the login's JSON, as a header and as a cookie.

const HtmlParameter = Java.type("org.parosproxy.paros.network.HtmlParameter");
const COOKIE = org.parosproxy.paros.network.HtmlParameter.Type.cookie;
const ScriptVars = Java.type("org.zaproxy.zap.extension.script.ScriptVars");

function extractWebSession(sw) {
  const answer = JSON.parse(sw.getHttpMessage().getResponseBody().toString());
  const token = answer.login.access;
  sw.getSession().setValue("access", token);
  sw.getSession().setValue("roles", answer.login.roles);
  ScriptVars.setGlobalVar("shop.access", token);
  print("found a token: " + token);
}

function processMessageToMatchSession(sw) {
  const token = sw.getSession().getValue("access");
  if (token === null) {
    print("there is no token yet");
    return;
  }
  const header = sw.getHttpMessage().getRequestHeader();
  header.setHeader("Authorization", sw.getParam("scheme") + " " + token);
  header.setHeader("X-Roles", sw.getSession().getValue("roles").join("+"));
  const cookies = header.getCookieParams();
  cookies.add(new HtmlParameter(COOKIE, "access", token));
  header.setCookieParams(cookies);
}

function clearWebSessionIdentifiers(sw) {
  sw.getHttpMessage().getRequestHeader().setHeader("Authorization", null);
  ScriptVars.setGlobalVar("shop.access", null);
}

function getRequiredParamsNames() {
  return ["scheme"];
}

function getOptionalParamsNames() {
  return ["audience"];
}
