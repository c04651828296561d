// A session script in the style of Rhino and Nashorn: imports, beans, Java's strings and collections.

load("nashorn:mozilla_compat.js");
importPackage(org.parosproxy.paros.network);
importClass(java.util.regex.Pattern);
var net = new JavaImporter(org.apache.commons.httpclient, java.net);

function logger(text) {
  println("[" + this["zap.script.name"] + "] " + text);
}

function extractWebSession(sessionWrapper) {
  var message = sessionWrapper.httpMessage;
  var matcher = Pattern.compile("(?i)NAME=\"csrf\" value=\"([^\"]+)\"").matcher(message.responseBody.toString());
  if (matcher.find()) {
    sessionWrapper.session.setValue("csrf", matcher.group(1));
  }
  var it = message.responseHeader.getHttpCookies("a.example").iterator();
  while (it.hasNext()) {
    var cookie = it.next();
    if (cookie.getName().equals("sid") && !cookie.value.isEmpty()) {
      sessionWrapper.session.setValue("sid", cookie.value);
    }
  }
  logger("extracted");
}

function processMessageToMatchSession(sessionWrapper) {
  with (net) {
    var message = sessionWrapper.httpMessage;
    var header = message.requestHeader;
    var list = new java.util.ArrayList();
    list.add(new HttpCookie("sid", sessionWrapper.session.getValue("sid")));
    for (var i = 0; i < header.getHttpCookies().size(); i++) {
      var other = header.getHttpCookies().get(i);
      if (!other.name.equalsIgnoreCase("SID")) list.add(other);
    }
    header.setCookies(list);
    var uri = header.getURI();
    header.setURI(new URI(uri.toString() + (uri.getQuery() === null ? "?" : "&") + "from=script", true));
    if (HttpRequestHeader.POST.equals(header.method)) {
      var form = message.getFormParams();
      form.add(new HtmlParameter(HtmlParameter.Type.form, "csrf", sessionWrapper.session.getValue("csrf")));
      message.setFormParams(form);
      header.setContentLength(message.requestBody.length());
    }
  }
}

function clearWebSessionIdentifiers(sessionWrapper) {
  sessionWrapper.httpMessage.requestHeader.setHeader(HttpHeader.COOKIE, null);
}

function getRequiredParamsNames() {
  return java.util.Arrays.asList();
}

function getOptionalParamsNames() {
  return Java.to([], "java.lang.String[]");
}
