// Looks at a page for a login: an expression whose value tells the form's fields, what lies over them, what could be
// dismissed or opened, and what the page says. Elements are given as they are, for the driver to act on.
(() => {
  const LOGIN = /^(log ?-?in|log ?-?on|sign ?-?in|connect|enter|submit|continue|next|anmelden|einloggen|login|weiter|se connecter|connexion|s'identifier|iniciar sesi[oó]n|acceder|entrar|ingresar|accedi|accesso|inloggen|aanmelden|zaloguj|logga in|log ind|logg inn|kirjaudu|giri[sş]|войти|вход|ログイン|サインイン|登录|登錄|로그인|تسجيل الدخول|התחברות)/iu;
  const LOGIN_OPENER = /^(log ?-?in|log ?-?on|sign ?-?in|anmelden|einloggen|login|se connecter|connexion|iniciar sesi[oó]n|acceder|entrar|accedi|inloggen|aanmelden|zaloguj|logga in|log ind|logg inn|kirjaudu|giri[sş]|войти|вход|ログイン|サインイン|登录|登錄|로그인)/iu;
  const ACCOUNT = /^(account|my account|profile|user|mein konto|konto|mon compte|mi cuenta)$/iu;
  const NOT_SUBMIT = /forgot|reset|regist|sign ?-?up|create|show|hide|reveal|help|cancel|close|google|facebook|github|apple|microsoft|sso|vergessen|oubli|olvid/iu;
  const DISMISS = [
    /^(dismiss|close|got it|ok|okay|understood|no,? thanks|not now|later|skip|maybe later|schlie(ß|ss)en|fermer|cerrar|chiudi|sluiten|zamknij|x|×|✕|✖|⨉)/iu,
    /^(accept|agree|allow|i agree|i accept|me want it|alle akzeptieren|akzeptieren|zustimmen|einverstanden|accepter|tout accepter|aceptar|accetta|accepteren|akceptuj|continue|proceed|start|let'?s go|enable|yes)/iu,
    /^(reject|decline|deny|refuse|only necessary|necessary only|ablehnen|refuser|rechazar|rifiuta|weigeren)/iu,
  ];
  const USER = /user|e-?mail|login|logon|account|uname|identif|signin|nome|nombre|usuario|benutzer|kennung|utilisateur|naam|имя|почт|логин|用户|ユーザ|メール|사용자/iu;
  const OTHER = /newsletter|subscri|abonn|regist|sign ?-?up|contact|comment|coupon|promo/iu;
  const SEARCH = /search|query|filter|suche|buscar|recherche|zoek/iu;
  const LOCK = /captcha|recaptcha|hcaptcha|turnstile/iu;

  const all = [];
  const walk = (root) => {
    for (const element of root.querySelectorAll('*')) {
      all.push(element);
      const shadow = element.shadowRoot;
      if (shadow) walk(shadow);
    }
  };
  walk(document);

  const isVisible = (element) => {
    if (!element.isConnected) return false;
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) return false;
    const style = getComputedStyle(element);
    if (style.visibility !== 'visible' || style.display === 'none' || Number(style.opacity) === 0) return false;
    return !element.checkVisibility || element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
  };

  const parent = (element) => element.parentElement || (element.getRootNode() instanceof ShadowRoot ? element.getRootNode().host : null);
  const holds = (outer, inner) => {
    for (let at = inner; at; at = parent(at)) if (at === outer) return true;
    return false;
  };
  const text = (element) => (element?.innerText || element?.textContent || '').replace(/\s+/g, ' ').trim();
  const label = (element) => {
    const own = element.tagName === 'INPUT' ? element.value : text(element);
    return (own || element.getAttribute('aria-label') || element.title || text(element.querySelector?.('title')) || '').trim().slice(0, 60);
  };
  const describe = (element) => {
    const labels = [...(element.labels || [])].map(text);
    const named = element.getAttribute('aria-labelledby');
    if (named) labels.push(...named.split(/\s+/).map((id) => text(document.getElementById(id))));
    return [element.name, element.id, element.placeholder, element.getAttribute('aria-label'), element.getAttribute('autocomplete'),
      element.getAttribute('formcontrolname'), ...labels].filter(Boolean).join(' ');
  };
  const name = (element) => element.name || element.id || element.getAttribute('aria-label') || element.placeholder || element.type;

  const isButton = (element) => element.matches('button, input[type=submit], input[type=button], input[type=image], [role=button], a[href], a[onclick], summary')
    || (element.tagName.includes('-') && /button/i.test(element.tagName));
  const buttons = all.filter((element) => isButton(element) && isVisible(element));
  const inputs = all.filter((element) => element.tagName === 'INPUT' && isVisible(element) && !element.readOnly);
  const isPassword = (input) => input.type === 'password'
    || (input.type === 'text' && (input.autocomplete === 'current-password' || /passw|passwd|kennwort|contrase/i.test(`${input.name} ${input.id}`)));
  const isText = (input) => ['text', 'email', 'tel', ''].includes(input.type) && !isPassword(input);

  // The container of a field: its form, or the nearest ancestor that holds a button too.
  const group = (field) => {
    if (field.form) return field.form;
    let at = parent(field);
    while (at && at !== document.body && !buttons.some((b) => holds(at, b) && !NOT_SUBMIT.test(`${label(b)} ${b.getAttribute('aria-label') || ''}`) && !holds(b, field))) at = parent(at);
    return at || document.body;
  };

  const rank = (password) => {
    const members = inputs.filter((input) => holds(group(password), input));
    let score = 0;
    if (members.filter(isPassword).length > 1) score -= 5;
    if (password.autocomplete === 'new-password') score -= 4;
    if (password.autocomplete === 'current-password') score += 2;
    if (/regist|sign-?up/i.test(`${group(password).id} ${group(password).className} ${group(password).getAttribute('action')}`)) score -= 5;
    if (members.filter(isText).length > 3) score -= 3;
    return score;
  };
  const password = inputs.filter(isPassword).map((input) => [rank(input), input]).sort((a, b) => b[0] - a[0])[0]?.[1] || null;

  const userScore = (input, before) => {
    const words = describe(input);
    let score = before ? 2 : 0;
    if (/\b(username|email)\b/i.test(input.autocomplete)) score += 5;
    if (input.type === 'email') score += 3;
    if (USER.test(words)) score += 3;
    if (SEARCH.test(words) || input.type === 'search' || input.closest('[role=search]')) score -= 20;
    if (/otp|token|captcha|code|tenant|domain/i.test(words)) score -= 4;
    return score;
  };
  const username = (() => {
    let pool = inputs.filter(isText);
    if (password) {
      let at = group(password);
      while (at && !pool.some((input) => holds(at, input)) && !password.form && at !== document.body) at = parent(at) || document.body;
      pool = pool.filter((input) => holds(at || document.body, input));
    } else {
      pool = pool.filter((input) => USER.test(describe(input)) && !SEARCH.test(describe(input)));
    }
    const scored = pool.map((input) => [userScore(input, password && (input.compareDocumentPosition(password) & 4) > 0), input]);
    return scored.filter(([score]) => score > -3).sort((a, b) => b[0] - a[0])[0]?.[1] || null;
  })();

  const field = password || username;
  const submit = (() => {
    if (!field) return null;
    const score = (button) => {
      let points = 0;
      const words = label(button);
      if (LOGIN.test(words)) points += 6;
      if (button.type === 'submit') points += button.tagName === 'BUTTON' && !button.form ? 1 : 4;
      if (NOT_SUBMIT.test(`${words} ${button.getAttribute('aria-label') || ''} ${button.title}`)) points -= 10;
      if (button.tagName === 'A') points -= 2;
      if (field.compareDocumentPosition(button) & 4) points += 1;
      return points;
    };
    const pool = buttons.filter((button) => holds(group(field), button) || (field.form && button.form === field.form));
    const best = pool.map((button) => [score(button), button]).sort((a, b) => b[0] - a[0])[0];
    return best && best[0] > 0 ? best[1] : null;
  })();

  // A user name alone is the first step of a login only where its button says so: newsletters ask for addresses too.
  const isFirstStep = Boolean(!password && username && submit && LOGIN.test(label(submit)) && !OTHER.test(`${text(group(username)).slice(0, 400)} ${label(submit)}`));

  // Who would get a click in the middle of an element, seen through shadow roots.
  const hit = (element) => {
    const box = element.getBoundingClientRect();
    let root = document;
    let at = null;
    for (;;) {
      const next = root.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
      if (!next || next === at) return at;
      at = next;
      if (!at.shadowRoot) return at;
      root = at.shadowRoot;
    }
  };
  const overlay = (element) => {
    const top = hit(element);
    if (!top || holds(element, top) || holds(top, element) || top.closest('label')?.control === element) return null;
    let at = top;
    while (parent(at) && !holds(parent(at), element)) at = parent(at);
    const box = at.getBoundingClientRect();
    const own = element.getBoundingClientRect();
    // Floating labels and icons lie over fields by design.
    return box.width * box.height > own.width * own.height * 1.5 || at.matches('dialog, [role=dialog], [aria-modal=true]') ? at : null;
  };
  if (field) field.scrollIntoView({ block: 'center', inline: 'nearest', behavior: 'instant' });
  const covering = [username, password, submit].filter(Boolean).map(overlay).find(Boolean) || null;

  const floats = (element) => {
    for (let at = element; at && at !== document.body; at = parent(at)) {
      const style = getComputedStyle(at);
      if (at.matches('dialog, [role=dialog], [role=alertdialog], [aria-modal=true]') || style.position === 'fixed' || style.position === 'sticky') return at;
    }
    return null;
  };
  const dismissals = buttons.map((button) => {
    const words = [label(button), button.getAttribute('aria-label') || ''].filter(Boolean);
    const order = DISMISS.findIndex((pattern) => words.some((w) => pattern.test(w)));
    const layer = covering ? (holds(covering, button) ? covering : null) : floats(button);
    if (order < 0 || !layer || (field && holds(layer, field)) || button.disabled) return null;
    if (LOGIN_OPENER.test(words[0] || '')) return null;
    const link = button.tagName === 'A' && /^https?:/.test(button.getAttribute('href') || '') ? 5 : 0;
    const reachable = overlay(button) ? 3 : 0;
    return { element: button, label: words[0], order: order + link + reachable };
  }).filter(Boolean).sort((a, b) => a.order - b.order).map(({ element, label: words }) => ({ element, label: words }));

  const openers = buttons.map((button) => {
    const words = label(button) || button.getAttribute('aria-label') || '';
    const href = button.getAttribute('href') || '';
    const order = LOGIN_OPENER.test(words) ? 0
      : LOGIN_OPENER.test(button.getAttribute('aria-label') || '') || /(^|[/#?=_-])(log-?in|sign-?in|auth)([/?#&_-]|$)/i.test(href) ? 1
      : ACCOUNT.test(words) || ACCOUNT.test(button.getAttribute('aria-label') || '') ? 2 : -1;
    return { element: button, label: words, order };
  }).filter(({ order, label: words }) => order >= 0 && !/sign ?-?up|regist/i.test(words)).sort((a, b) => a.order - b.order)
    .map(({ element, label: words }) => ({ element, label: words }));

  const says = all.filter((element) => {
    const marks = `${element.getAttribute('role') || ''} ${element.id} ${typeof element.className === 'string' ? element.className : ''} ${element.getAttribute('aria-live') || ''}`;
    return /\b(alert|assertive|status)\b|error|invalid|danger|warn|fail|toast|snack|flash|notif|message|help-block|feedback/i.test(marks) && isVisible(element);
  }).map(text).filter((words) => words.length > 2 && words.length < 240);

  return {
    isFirstStep,
    username: username && { element: username, name: name(username), value: username.value.length },
    password: password && { element: password, name: name(password), value: password.value.length, isDisabled: password.disabled },
    submit: submit && { element: submit, label: label(submit), isDisabled: submit.disabled || submit.getAttribute('aria-disabled') === 'true' },
    isCovered: Boolean(covering),
    dismissals: dismissals.slice(0, 3),
    openers: openers.slice(0, 4),
    says: [...new Set(says)].slice(0, 6),
    captcha: all.some((element) => (element.tagName === 'IFRAME' && LOCK.test(element.src) && isVisible(element)) || element.matches('.g-recaptcha, .h-captcha, .cf-turnstile')),
    isEmpty: !document.body || (text(document.body) === '' && inputs.length === 0),
    isReady: document.readyState !== 'loading',
  };
})()
