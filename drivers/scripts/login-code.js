// Looks for the fields of a one-time password, and for steps that only a person can make: an expression whose value tells
// them. Elements are given as they are, for the driver to act on.
(() => {
  const CODE = /one.?time|\b(otp|totp|mfa|2fa|tfa|passcode|pin)\b|otp(?=[_\-A-Z]|$)|(auth\w*|verif\w*|security|confirm\w*|login|access|sms|sign.?in|two.?factor|second.?factor|backup|app|token)[\s_-]*(code|token|pin)|two.?factor|second.?factor|authenticator|einmal(passwort|kennwort|code)|sicherheitscode|best(ä|ae)tigungscode|best(ä|ae)tigungs-code|verifizierungscode|zwei.?faktor|code (de|à) (v[ée]rification|s[ée]curit[ée]|usage unique)|code d.authentification|double facteur|c[oó]digo|codice|verificatiecode|beveiligingscode|eenmalig|kod (weryfikacyjny|jednorazowy|uwierzytelniaj)|engångskod|verifieringskod|engangskode|kertakäyttö|doğrulama kodu|код|одноразов|認証コード|ワンタイム|確認コード|验证码|驗證碼|动态口令|一次性|인증 ?코드|인증번호|رمز التحقق|קוד/iu;
  const NOT_CODE = /captcha|coupon|voucher|promo|gutschein|post.?code|zip|postal|plz|area.?code|country|invite|referral|captch/iu;
  const GO = /verify|confirm|submit|continue|next|log ?-?in|sign ?-?in|validate|send|check|ok|best(ä|ae)tigen|pr(ü|ue)fen|weiter|anmelden|absenden|v[ée]rifier|valider|confirmer|continuer|connexion|verificar|confirmar|continuar|entrar|verifica|conferma|avanti|controleren|bevestigen|verder|zweryfikuj|potwierd|dalej|verifiera|bekräfta|bekr(æ|e)ft|vahvista|doğrula|onayla|подтверд|продолж|войти|確認|次へ|ログイン|确认|验证|登录|확인|تحقق|אישור/iu;
  const NOT_GO = /resend|send (again|new)|another|other|cancel|back|help|lost|recovery|backup|trust|remember|try|sms|call|erneut|andere|abbrechen|zur(ü|ue)ck|renvoyer|annuler|retour|cancelar|reenviar|volver/iu;
  const LOCK = /captcha|recaptcha|hcaptcha|turnstile|arkoselabs|funcaptcha|friendlycaptcha|geetest/iu;
  const PASSKEY = /pass ?key|security key|web ?authn|fido2?\b|sicherheitsschl(ü|ue)ssel|cl[ée] d.acc[èe]s|cl[ée] de s[ée]curit[ée]|llave de (acceso|seguridad)|chiave di sicurezza|toegangssleutel|beveiligingssleutel|klucz (dostępu|bezpieczeństwa)|パスキー|セキュリティ ?キー|通行密钥|안전 키|패스키|ключ (доступа|безопасности)/iu;

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
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) return false;
    return !element.checkVisibility || element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
  };
  const text = (element) => (element?.innerText || element?.textContent || '').replace(/\s+/g, ' ').trim();
  const named = (element) => (element.getAttribute('aria-labelledby') || '').split(/\s+/).filter(Boolean)
    .map((id) => text(element.getRootNode().getElementById?.(id)));
  const words = (element) => [element.name, element.id, element.placeholder, element.getAttribute('aria-label'),
    element.getAttribute('formcontrolname'), element.getAttribute('data-testid'), ...[...(element.labels || [])].map(text), ...named(element)].filter(Boolean).join(' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2').replace(/[_-]+/g, ' ');
  const name = (element) => element.name || element.id || element.getAttribute('aria-label') || element.placeholder || 'one-time password';

  const inputs = all.filter((element) => element.tagName === 'INPUT' && isVisible(element) && !element.readOnly && !element.disabled
    && ['text', 'tel', 'number', 'password', ''].includes(element.type));
  const isOneTime = (input) => /one-time-code/.test(input.getAttribute('autocomplete') || '');
  const isNumeric = (input) => input.inputMode === 'numeric' || input.inputMode === 'decimal' || ['tel', 'number'].includes(input.type) || /\\d|0-9/.test(input.pattern);
  const isOwnPassword = (input) => input.type === 'password' && /current-password|new-password/.test(input.autocomplete);

  // Boxes for single characters that stand side by side are one field, whatever they are called.
  const boxes = (() => {
    const single = inputs.filter((input) => input.maxLength === 1 || (input.size === 1 && input.maxLength < 3 && input.maxLength >= 0));
    for (const first of single) {
      let at = first.parentElement || first.getRootNode().host;
      while (at && single.filter((input) => at.contains(input)).length < 4 && at !== document.body) at = at.parentElement || at.getRootNode().host;
      const group = single.filter((input) => at && (at.contains(input) || at.shadowRoot?.contains(input)));
      if (group.length >= 4 && group.length <= 9) return group;
    }
    return [];
  })();

  const score = (input) => {
    const said = words(input);
    if (isOwnPassword(input) || (NOT_CODE.test(said) && !isOneTime(input))) return -10;
    let points = 0;
    if (isOneTime(input)) points += 10;
    if (CODE.test(said)) points += 5;
    if (isNumeric(input)) points += 2;
    if (input.maxLength >= 4 && input.maxLength <= 10) points += 2;
    if (input.type === 'password' && /passw|kennwort|contrase|mot de passe/i.test(said) && !isOneTime(input)) points -= 8;
    if (/user|e-?mail|phone|search/i.test(said) && !isOneTime(input)) points -= 5;
    return points;
  };
  // A page that asks for nothing else, and speaks of a code, has the code's field however plain that is.
  const page = text(document.body).slice(0, 2000);
  const isAlone = (input) => inputs.length === 1 && (input.type !== 'password' || isNumeric(input)) && CODE.test(page) && score(input) >= 0;
  const single = inputs.map((input) => [isAlone(input) ? 6 + score(input) : score(input), input]).filter(([points]) => points >= 5)
    .sort((a, b) => b[0] - a[0])[0]?.[1];
  const fields = boxes.length ? boxes : single ? [single] : [];

  const buttons = all.filter((element) => element.matches('button, input[type=submit], input[type=button], [role=button]') && isVisible(element));
  const label = (element) => ((element.tagName === 'INPUT' ? element.value : text(element)) || element.getAttribute('aria-label') || element.title || '').trim().slice(0, 60);
  const submit = (() => {
    if (!fields.length) return null;
    const form = fields[0].form;
    const points = (button) => {
      if (form && button.form && button.form !== form) return -10;
      let sum = 0;
      if (GO.test(label(button))) sum += 4;
      if (button.type === 'submit' && button.form === form) sum += 3;
      if (NOT_GO.test(label(button))) sum -= 6;
      if (fields[fields.length - 1].compareDocumentPosition(button) & 4) sum += 1;
      return sum;
    };
    const best = buttons.map((button) => [points(button), button]).sort((a, b) => b[0] - a[0])[0];
    return best && best[0] > 1 ? best[1] : null;
  })();

  const answers = all.filter((element) => /^(g-recaptcha-response|h-captcha-response|cf-turnstile-response|frc-captcha-solution)/.test(element.name || ''));
  const frames = all.filter((element) => (element.tagName === 'IFRAME' && LOCK.test(element.src) && isVisible(element)) || element.matches('.g-recaptcha, .h-captcha, .cf-turnstile, .frc-captcha'));
  const drawn = inputs.filter((input) => /captcha/i.test(words(input)) && !input.value);
  const isSolved = answers.length > 0 && answers.every((element) => element.value);

  const says = all.filter((element) => {
    const marks = `${element.getAttribute('role') || ''} ${element.id} ${typeof element.className === 'string' ? element.className : ''} ${element.getAttribute('aria-live') || ''}`;
    return /\b(alert|assertive|status)\b|error|invalid|danger|warn|fail|toast|snack|flash|notif|message|help-block|feedback/i.test(marks) && isVisible(element);
  }).map(text).filter((said) => said.length > 2 && said.length < 240);

  const isPasswordAsked = inputs.some((input) => input.type === 'password' && !fields.includes(input));
  return {
    fields: fields.map((element) => ({ element, name: name(element), value: element.value.length })),
    submit: submit && { element: submit, label: label(submit), isDisabled: submit.disabled },
    says: [...new Set(says)].slice(0, 6),
    isPasswordAsked,
    isCaptcha: (frames.length > 0 || drawn.length > 0) && !isSolved,
    isPasskey: Boolean(globalThis[Symbol.for('handstamp.passkey')]) || (!isPasswordAsked && !fields.length && PASSKEY.test(page) && !inputs.length),
    isReady: document.readyState !== 'loading' && Boolean(document.body),
    isEmpty: !document.body || (page === '' && inputs.length === 0),
  };
})()
