/* How marks and absences are typed: the signs of the group's scale and of the school's register, on any keyboard. */
'use strict';
window.Classbook = window.Classbook || {};
Classbook.keys = (() => {
  const island = document.getElementById('keys');
  const given = island ? JSON.parse(island.textContent) : { marks: [], points: false, attendance: [] };
  const fold = (text) => text.toLocaleLowerCase();
  /* Where a sign lies on the keyboard, so that a forgotten layout does not matter: physical key -> Cyrillic letter. */
  const CYRILLIC = {
    KeyQ: 'й', KeyW: 'ц', KeyE: 'у', KeyR: 'к', KeyT: 'е', KeyY: 'н', KeyU: 'г', KeyI: 'ш', KeyO: 'щ', KeyP: 'з', KeyA: 'ф', KeyS: 'ы',
    KeyD: 'в', KeyF: 'а', KeyG: 'п', KeyH: 'р', KeyJ: 'о', KeyK: 'л', KeyL: 'д', KeyZ: 'я', KeyX: 'ч', KeyC: 'с', KeyV: 'м', KeyB: 'и',
    KeyN: 'т', KeyM: 'ь', Comma: 'б', Period: 'ю', BracketLeft: 'х', BracketRight: 'ъ', Semicolon: 'ж', Quote: 'э',
  };
  const physical = (event) => {
    const code = event.code || '';
    if (code.startsWith('Key')) return [fold(code.slice(3)), CYRILLIC[code]].filter(Boolean);
    if (/^(Digit|Numpad)\d$/.test(code)) return [code.slice(-1)];
    return CYRILLIC[code] ? [CYRILLIC[code]] : [];
  };
  const attendance = (text, alt) => given.attendance.find((one) => one.alt === alt && fold(one.press) === fold(text));
  const exactMark = (text) => given.marks.find((code) => fold(code) === fold(text));
  const startsMark = (text) => given.marks.some((code) => fold(code) !== fold(text) && fold(code).startsWith(fold(text)))
    || (given.points && /^\d{1,3}([.,]\d*)?$/.test(text));

  /* What the text typed so far in a cell means.
     {done: {mark}|{attendance}} at once; {wait: true} until Enter or more; null: it means nothing. */
  const read = (text) => {
    const mark = exactMark(text);
    const away = attendance(text, false);
    if (startsMark(text)) return { wait: true, mark, away };
    if (mark !== undefined) return { done: { mark } };
    if (away) return { done: { attendance: away.code } };
    return null;
  };
  /* The waiting text when Enter or an arrow ends it. */
  const finish = (text) => {
    const mark = exactMark(text);
    if (mark !== undefined) return { mark };
    const away = given.attendance.find((one) => fold(one.code) === fold(text));
    if (away) return { attendance: away.code };
    return given.points && /^\d{1,3}([.,]\d+)?$/.test(text) ? { mark: text } : null;
  };
  /* Signs that a key press may stand for: the typed character first, then the physical key. */
  const signs = (event) => {
    const found = event.key && event.key.length === 1 && !event.altKey ? [event.key] : [];
    return [...found, ...physical(event)];
  };
  /* A text from a spreadsheet cell. */
  const parse = (text) => {
    const clean = text.trim();
    if (!clean) return { mark: '' };
    return finish(clean);
  };
  /* A Latin letter and the Cyrillic one on the same key. */
  const twins = (letter) => physical({ code: 'Key' + letter.toUpperCase() });
  const ofAlt = (event) => signs(event).map((sign) => attendance(sign, true)).find(Boolean);
  return { given, read, finish, signs, parse, ofAlt, twins, kindOf: (code) => (given.attendance.find((one) => one.code === code) || {}).kind || '' };
})();
