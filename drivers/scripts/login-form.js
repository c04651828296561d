// Looks at a page for a login: a function of its words and of the DOM's tools, whose value tells the form's fields, what
// lies over them, what could be dismissed or opened, and what the page says. Elements are given as they are.
((WORDS, DOM) => {
  const { all, parent, holds, hit, isVisible, text, aria, label, labels, describe, marks, name, overlay, floats } = DOM;

  const isClickable = (element) => element.matches('button, input[type=submit], input[type=button], input[type=image], [role=button], [role=link], [role=menuitem], [role=tab], a[href], a[onclick], summary')
    || (element.tagName.includes('-') && /button/i.test(element.tagName));
  // Some make buttons of anything: words of a login under a pointing hand.
  const isMakeshift = (element) => {
    if (element.childElementCount > 1 || !/^(DIV|SPAN|LI|A|P|B|I|LABEL)$/.test(element.tagName)) return false;
    const words = (element.textContent || '').trim();
    if (words.length > 30 || !(WORDS.login.test(words) || WORDS.go.test(words))) return false;
    return getComputedStyle(element).cursor === 'pointer' && !element.closest('button, a[href], label[for], [role=button]');
  };
  const buttons = all.filter((element) => (isClickable(element) || isMakeshift(element)) && isVisible(element));
  const fields = all.filter((element) => element.tagName === 'INPUT' && !['hidden', 'submit', 'button', 'image', 'reset', 'file'].includes(element.type));
  const inputs = fields.filter(isVisible);
  const isPassword = (input) => input.type === 'password'
    || (input.type === 'text' && (input.autocomplete === 'current-password' || (WORDS.password.test(describe(input)) && !WORDS.userName.test(describe(input)))));
  const isText = (input) => ['text', 'email', 'tel', ''].includes(input.type) && !isPassword(input) && !input.readOnly && !input.disabled;
  const passwords = inputs.filter(isPassword);

  // A button that lies in a field belongs to the field: it shows the password, or empties it.
  const isInField = (button) => inputs.some((input) => {
    if (!['password', 'text', 'email', 'tel'].includes(input.type)) return false;
    const [outer, inner] = [input.getBoundingClientRect(), button.getBoundingClientRect()];
    const [x, y] = [inner.left + inner.width / 2, inner.top + inner.height / 2];
    return x > outer.left && x < outer.right && y > outer.top && y < outer.bottom;
  });
  // So does a sign without words beside a password, where another button has the words.
  const hasWords = (button) => WORDS.login.test(label(button)) || WORDS.go.test(label(button));
  const isWorded = buttons.some((button) => hasWords(button) && button.tagName !== 'A');
  const isSign = (button, field) => isWorded && field.type === 'password' && button.type !== 'image' && !/\p{L}/u.test(`${label(button)}${aria(button)}`);
  const isSubmitLike = (button, field) => !WORDS.notSubmit.test(`${label(button)} ${aria(button)}`) && !isInField(button) && !isSign(button, field);

  // The container of a field: its form, or the nearest ancestor that holds a button too.
  const group = (field) => {
    if (field.form) return field.form;
    let at = parent(field);
    while (at && at !== document.body && !buttons.some((b) => holds(at, b) && isSubmitLike(b, field) && !holds(b, field))) at = parent(at);
    return at || document.body;
  };
  const submitOf = (field) => {
    const score = (button) => {
      let points = 0;
      const words = label(button);
      if (WORDS.login.test(words)) points += 7;
      else if (WORDS.go.test(words)) points += 6;
      if (button.type === 'submit' || button.type === 'image') points += button.tagName === 'BUTTON' && !button.form ? 1 : 4;
      if (WORDS.notSubmit.test(`${words} ${aria(button)} ${button.title}`)) points -= 10;
      if (isInField(button)) points -= 8;
      if (button.tagName === 'A') points -= 2;
      if (button.matches('[role=tab]')) points -= 8;
      if (field.compareDocumentPosition(button) & 4) points += 1;
      return points;
    };
    const home = group(field);
    const pool = buttons.filter((button) => holds(home, button) || (field.form && button.form === field.form));
    const best = pool.map((button) => [score(button), button]).sort((a, b) => b[0] - a[0])[0];
    return best && best[0] > 0 ? best[1] : null;
  };
  // The nearest heading before a field, which says what the field is for.
  const headings = all.filter((element) => element.matches('h1, h2, h3, h4, legend, [role=heading]') && isVisible(element));
  const headingOf = (field) => text(headings.filter((heading) => heading.compareDocumentPosition(field) & 4).pop());
  const purpose = (field) => `${field.form ? marks(field.form) : ''} ${headingOf(field)}`;

  // How much a password field looks like one that logs in, rather than one of a registration or a change.
  const rank = (password) => {
    const members = inputs.filter((input) => holds(group(password), input));
    const submit = label(submitOf(password) || document.createElement('i'));
    let score = 0;
    if (members.filter((m) => m.type === 'password').length > 1) score -= 5;
    if (password.autocomplete === 'new-password') score -= 4;
    if (password.autocomplete === 'current-password') score += 3;
    if (WORDS.signUp.test(purpose(password))) score -= 4;
    if (WORDS.loginAnywhere.test(purpose(password))) score += 3;
    if (WORDS.login.test(submit)) score += 6;
    else if (WORDS.signUp.test(submit)) score -= 6;
    if (WORDS.repeat.test(describe(password)) && WORDS.password.test(describe(password))) score -= 3;
    if (members.filter(isText).length > 3) score -= 3;
    return score;
  };
  const password = passwords.map((input) => [rank(input), input]).filter(([score]) => score > -4).sort((a, b) => b[0] - a[0])[0]?.[1] || null;
  const isBusyForm = (input) => passwords.some((p) => p !== input && p.form && p.form === input.form);

  const userScore = (input, before) => {
    const words = describe(input);
    let score = before ? 2 : 0;
    if (/\b(username|email)\b/i.test(input.autocomplete)) score += 5;
    if (input.type === 'email') score += 3;
    if (WORDS.user.test(words)) score += 3;
    if (WORDS.search.test(words) || input.type === 'search' || input.closest('[role=search]')) score -= 20;
    if (input.form && password && input.form !== password.form) score -= 20;
    if (WORDS.notUser.test(words)) score -= 4;
    return score;
  };
  // How much a field looks like the first step of a login; newsletters ask for addresses too.
  const stepScore = (input) => {
    const words = describe(input);
    const submit = submitOf(input);
    const home = group(input);
    const around = `${purpose(input)} ${submit ? label(submit) : ''} ${home === document.body ? '' : text(home).slice(0, 400)}`;
    const place = `${document.title} ${location.pathname} ${location.hash}`;
    let score = 0;
    if (!WORDS.user.test(words) && !/username|webauthn/i.test(input.autocomplete)) score -= 9;
    if (WORDS.search.test(words) || input.closest('[role=search]') || isBusyForm(input)) score -= 20;
    if (submit && WORDS.login.test(label(submit))) score += 3;
    else if (!submit || WORDS.go.test(label(submit)) || !label(submit)) score += 1;
    if (/username|webauthn/i.test(input.autocomplete)) score += 2;
    if (WORDS.userName.test(words)) score += 2;
    if (fields.some((field) => field.type === 'password' && (!isVisible(field) || field.disabled) && (!input.form || field.form === input.form))) score += 2;
    if (WORDS.loginAnywhere.test(`${place} ${purpose(input)}`)) score += 2;
    if (WORDS.signUp.test(`${purpose(input)} ${submit ? label(submit) : ''}`)) score -= 6;
    if (WORDS.otherUse.test(around)) score -= 6;
    return score;
  };
  const pick = (scored, least) => scored.filter(([score]) => score >= least).sort((a, b) => b[0] - a[0])[0]?.[1] || null;
  const home = (() => {
    if (!password) return null;
    let at = group(password);
    const texts = inputs.filter(isText);
    while (at && !password.form && at !== document.body && !texts.some((input) => holds(at, input))) at = parent(at) || document.body;
    return at || document.body;
  })();
  const username = password
    ? pick(inputs.filter((input) => isText(input) && holds(home, input)).map((input) => [userScore(input, (input.compareDocumentPosition(password) & 4) > 0), input]), -2)
    : pick(inputs.filter(isText).map((input) => [stepScore(input), input]), 3);
  const field = password || username;
  const submit = field && submitOf(field);

  // Fields that show only when the box around them is clicked.
  const reveals = password ? [] : fields.filter((input) => (input.type === 'password' || WORDS.user.test(describe(input))) && !isVisible(input)).map((input) => {
    let at = [...(input.labels || [])].find(isVisible) || parent(input);
    while (at && at !== document.body && !isVisible(at)) at = parent(at);
    const box = at?.getBoundingClientRect();
    const isBox = at && at !== document.body && box.height < 120 && box.height >= 8 && !['FORM', 'MAIN', 'HEADER', 'NAV'].includes(at.tagName)
      && !inputs.some((other) => holds(at, other)) && !buttons.some((button) => holds(at, button));
    return isBox ? { element: at, label: name(input), isPassword: input.type === 'password' } : null;
  }).filter(Boolean);
  const isRevealed = reveals.some((reveal) => reveal.isPassword);

  // What else the form asks for.
  const extras = !field ? [] : all.filter((element) => element.matches('input, select, textarea') && element !== username && element !== password
    && (home || group(field)) && holds(home || group(field), element) && !['hidden', 'submit', 'button', 'image', 'reset', 'file', 'password', 'search'].includes(element.type)
    && (isVisible(element) || [...(element.labels || [])].some(isVisible)) && !element.disabled).slice(0, 40).map((element) => {
    const words = describe(element);
    const isBox = element.type === 'checkbox' || element.type === 'radio';
    return {
      element, name: element.name || element.id || '', label: labels(element) || element.placeholder || '',
      kind: element.tagName === 'SELECT' ? 'select' : isBox ? element.type : 'text',
      value: isBox ? element.value : element.tagName === 'SELECT' ? `${element.value}\n${text(element.selectedOptions[0])}` : element.value,
      isSet: isBox ? element.checked : Boolean(element.value),
      isRequired: element.required || element.getAttribute('aria-required') === 'true',
      isTerms: element.type === 'checkbox' && WORDS.terms.test(words) && !WORDS.otherUse.test(words),
      isOther: WORDS.otherUse.test(words) || WORDS.signUp.test(words),
    };
  });

  if (field) field.scrollIntoView({ block: 'center', inline: 'nearest', behavior: 'instant' });
  const covering = [username, password, submit].filter(Boolean).map(overlay).find(Boolean) || null;
  const isFrame = window !== window.top;

  const dismissals = buttons.map((button) => {
    const words = [label(button), aria(button)].filter(Boolean);
    const order = WORDS.dismiss.findIndex((pattern) => words.some((w) => pattern.test(w)));
    // A frame with a question in it is a layer as a whole.
    const layer = covering ? (holds(covering, button) ? covering : null) : floats(button) || (isFrame && !field ? document.body : null);
    if (order < 0 || !layer || (field && holds(layer, field)) || button.disabled) return null;
    if (WORDS.login.test(words[0] || '') && !WORDS.dismiss[order].test(words[0])) return null;
    const link = button.tagName === 'A' && /^https?:/.test(button.getAttribute('href') || '') ? 5 : 0;
    const reachable = overlay(button) ? 3 : 0;
    return { element: button, label: words[0], order: order + link + reachable };
  }).filter(Boolean).sort((a, b) => a.order - b.order).map(({ element, label: words }) => ({ element, label: words }));

  const openers = buttons.map((button) => {
    const words = label(button);
    const spoken = aria(button);
    const href = button.getAttribute('href') || '';
    const says = (pattern) => pattern.test(words) || pattern.test(spoken) || pattern.test(button.title);
    const order = WORDS.login.test(words) ? 0
      : says(WORDS.login) || says(WORDS.withPassword) || /(^|[/#?=_-])(log-?in|sign-?in|auth)([/?#&_.-]|$)/i.test(href) || /\b(log-?in|sign-?in)\b/i.test(marks(button)) ? 1
      : says(WORDS.account) || (/\b(user|account|profile|avatar)\b/i.test(marks(button)) && words.length < 20) ? 2
      : says(WORDS.menu) || button.matches('[aria-haspopup=menu], [aria-haspopup=true], [aria-expanded=false]') ? 3 : -1;
    return { element: button, label: words || spoken || button.title, order: order === 0 && button.matches('input[type=submit]') ? 1 : order };
  }).filter(({ order, label: words }) => order >= 0 && !WORDS.signUp.test(words) && !WORDS.nobody.test(words) && !/log ?-?out|sign ?-?out|abmelden|ausloggen|déconnexion|cerrar sesi/i.test(words))
    .sort((a, b) => a.order - b.order).map(({ element, label: words }) => ({ element, label: words }));

  // Where a choice of ways to log in comes first, the fields come with the one that has a password.
  const ways = field ? [] : all.filter((element) => element.matches('input[type=radio]') && !element.checked && !element.disabled).map((radio) => {
    const words = describe(radio) || radio.value;
    const at = isVisible(radio) ? radio : [...(radio.labels || [])].find(isVisible);
    return at && WORDS.ownWay.test(words) && !WORDS.otherWay.test(words) && !WORDS.nobody.test(words) ? { element: at, label: text(radio.labels?.[0]) || radio.value } : null;
  }).filter(Boolean);

  // After a login, some ask whether it should last: the answer that says yes, or else the one that goes on.
  const stay = (() => {
    const words = text(document.body).slice(0, 3000);
    if (field || passwords.length || words.length > 1500 || !WORDS.stay.test(`${words} ${document.title}`)) return null;
    const choices = buttons.filter((button) => !button.disabled && !(button.tagName === 'A' && /^https?:/.test(button.getAttribute('href') || '')));
    return [WORDS.yes, WORDS.go, ...WORDS.dismiss].map((pattern) => choices.find((button) => pattern.test(label(button)))).find(Boolean) || null;
  })();

  // Identity providers ask whether they may tell the application who the user is.
  const consent = (() => {
    const words = text(document.body).slice(0, 3000);
    if (field || passwords.length || words.length > 2500 || !WORDS.consent.test(`${words} ${document.title}`)) return null;
    return buttons.find((button) => !button.disabled && !button.matches('a[href]') && WORDS.allow.test(label(button))) || null;
  })();
  const isAuthorizing = /authori[sz]|consent|oauth|oidc|openid|saml|interaction|grant/i.test(location.pathname + location.search);

  const frames = all.filter((element) => /^I?FRAME$/.test(element.tagName) && isVisible(element) && !WORDS.captcha.test(element.src)).map((element) => {
    const box = element.getBoundingClientRect();
    const isOver = Boolean(covering && holds(covering, element)) || Boolean(floats(element));
    const words = `${element.src} ${element.title} ${element.name} ${element.id}`;
    return { element, label: element.title || element.name, order: (WORDS.loginAnywhere.test(words) ? 0 : 2) - (isOver ? 1 : 0), area: box.width * box.height };
  }).filter(({ area }) => area > 1500).sort((a, b) => a.order - b.order || b.area - a.area).map(({ element, label: words }) => ({ element, label: words }));

  const says = all.filter((element) => {
    const signs = `${element.getAttribute('role') || ''} ${element.id} ${typeof element.className === 'string' ? element.className : ''} ${element.getAttribute('aria-live') || ''}`;
    return /\b(alert|assertive|status)\b|error|invalid|danger|warn|fail|toast|snack|flash|notif|message|help-block|feedback/i.test(signs) && isVisible(element);
  }).map(text).filter((words) => words.length > 2 && words.length < 240);

  return {
    at: location.href.slice(0, 300),
    isFirstStep: Boolean(username && !isRevealed && (!password || password.disabled)),
    username: username && { element: username, name: name(username), value: username.value.length },
    password: password && { element: password, name: name(password), value: password.value.length, isDisabled: password.disabled },
    submit: submit && { element: submit, label: label(submit), isDisabled: submit.disabled || submit.getAttribute('aria-disabled') === 'true' },
    extras,
    isCovered: Boolean(covering),
    dismissals: dismissals.slice(0, 3),
    openers: reveals.map(({ element, label: words }) => ({ element, label: words })).concat(ways, openers).slice(0, 6),
    saysLogin: openers.some(({ label: words }) => WORDS.login.test(words)),
    stay: stay && { element: stay, label: label(stay) },
    consent: consent && { element: consent, label: label(consent) },
    isAuthorizing,
    frames: frames.slice(0, 6),
    says: [...new Set(says)].slice(0, 6),
    captcha: all.some((element) => (element.tagName === 'IFRAME' && WORDS.captcha.test(element.src) && isVisible(element)) || element.matches('.g-recaptcha, .h-captcha, .cf-turnstile')),
    isEmpty: !document.body || (text(document.body) === '' && inputs.length === 0 && frames.length === 0),
    isReady: document.readyState !== 'loading',
    isComplete: document.readyState === 'complete',
  };
})
