// For ZAP, as an authentication script of the engine Graal.js: nobody logs in here, since the session is there already.
// ZAP takes a session out of a message, so one is sent.

function authenticate(helper, paramsValues, credentials) {
  const HttpRequestHeader = Java.type("org.parosproxy.paros.network.HttpRequestHeader");
  const URI = Java.type("org.apache.commons.httpclient.URI");
  const message = helper.prepareMessage();
  message.setRequestHeader(new HttpRequestHeader("GET", new URI(PAGE, true), "HTTP/1.1"));
  helper.sendAndReceive(message, false);
  return message;
}

function getRequiredParamsNames() {
  return [];
}

function getOptionalParamsNames() {
  return [];
}

function getCredentialsParamsNames() {
  return ["username"];
}
