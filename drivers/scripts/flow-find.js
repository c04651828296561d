// Finds one element by several selectors, and, when none of them finds it, by what it looked like: a function of
// (look, selectors, features), where a selector is a list of { kind, value, role } from the outside in.
(({ INTERACTIVE, LOOK, everything, find, flat, isField, isVisible, nameOf, textOf }, selectors, features) => {
  const WEIGHTS = { label: 5, text: 5, id: 3, name: 3, placeholder: 2, autocomplete: 2, href: 2, type: 2, role: 1, tag: 1 };
  const alike = (a, b) => {
    const [one, two] = [a, b].map((text) => flat(text).toLowerCase());
    if (one === two) return 1;
    const [left, right] = [one, two].map((text) => new Set(text.split(/[^\p{L}\p{N}]+/u).filter(Boolean)));
    const shared = [...left].filter((word) => right.has(word)).length;
    return left.size + right.size ? (2 * shared) / (left.size + right.size) : 0;
  };
  const score = (element) => {
    let [sum, most, by, best] = [0, 0, '', 0];
    for (const [name, wanted] of Object.entries(features)) {
      const weight = WEIGHTS[name];
      if (!weight || !wanted) continue;
      most += weight;
      const found = LOOK[name](element);
      const points = weight * (/label|text|placeholder/.test(name) ? alike(found, wanted) : Number(found === wanted));
      sum += points;
      if (points > best && points > weight * 0.4) [by, best] = [name, points];
    }
    return { element, score: most ? sum / most : 0, by };
  };
  const family = () => {
    const [tag, type, role] = [features.tag, features.type || '', features.role || ''];
    if (tag === 'input' || tag === 'textarea' || tag === 'select' || /textbox|combobox|checkbox|radio|searchbox/.test(role)) return !/^(button|submit|reset|image)$/.test(type) ? 'field' : 'button';
    return tag || role || features.text ? 'button' : '';
  };
  const lookalike = () => {
    const kind = family();
    const pool = everything(document).filter((element) => (element.matches(INTERACTIVE) || element.localName === features.tag)
      && isVisible(element) && (!kind || (kind === 'field') === isField(element)) && (features.type !== 'password' || element.type === 'password' || kind !== 'field'));
    const [first, second] = pool.map(score).sort((a, b) => b.score - a.score);
    return first && first.by && first.score - (second && !second.element.contains(first.element) ? second.score : 0) > 0.05 ? first : null;
  };

  const told = (element) => element && {
    element,
    tag: element.localName,
    type: (element.type || '').toString(),
    words: (nameOf(element) || textOf(element)).slice(0, 60),
    length: (element.value || '').toString().length,
    isPassword: element.type === 'password' || features.type === 'password',
    isDisabled: Boolean(element.disabled),
  };
  const tries = selectors.map(find);
  const shown = tries.map((found) => found.filter(isVisible));
  const unique = shown.findIndex((found) => found.length === 1);
  const several = shown.findIndex((found) => found.length > 1);
  const hidden = tries.findIndex((found) => found.length > 0);
  const guess = unique < 0 && Object.keys(features).length ? lookalike() : null;
  return {
    isReady: document.readyState === 'complete',
    visible: shown.length ? Math.max(...shown.map((found) => found.length)) : 0,
    first: tries.length ? tries[0].length : 0,
    shown: shown.length ? shown[0].length : 0,
    unique: unique < 0 ? null : { at: unique, ...told(shown[unique][0]) },
    several: several < 0 ? null : { at: several, ...told(shown[several][0]) },
    hidden: hidden < 0 ? null : { at: hidden, ...told(tries[hidden][0]) },
    guess: guess && { score: guess.score, by: guess.by, ...told(guess.element) },
  };
})
