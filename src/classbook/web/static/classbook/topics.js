/* The journal's right page: topic and homework of every lesson, edited in place and saved like marks. */
'use strict';
(() => {
  const table = document.querySelector('[data-topics]');
  if (!table || !('write' in table.dataset)) return;
  const { outbox } = Classbook;
  const words = document.getElementById('journal-words').dataset;
  const url = table.dataset.save, scroll = table.closest('.scroll'), bar = document.querySelector('[data-topic-bar]');
  const lines = [...table.tBodies[0].rows];
  const cells = lines.map((line) => [...line.querySelectorAll('td[data-f]')]);
  const dates = lines.map((line) => line.querySelector('th a'));
  const LONGEST = { topic: 500, homework: 2000 };
  const undo = [];
  /* What a cell says: {text, none (no homework is given)}. `stood`: what the server is known to have. */
  const says = new Map(), stood = new Map();
  /* The one cell that is being edited: {td, area, before (as it was opened), sent (what the queue has)}. */
  let opened = null, current = null, timer = 0;

  const place = (td) => { const r = lines.indexOf(td.parentElement); return [r, cells[r].indexOf(td)]; };
  const label = (td) => (td.dataset.f === 'topic' ? words.topic : words.homework);
  const placeName = (td) => `${td.parentElement.cells[0].textContent.trim()}, ${label(td)}`;
  const readonly = (td) => td.getAttribute('aria-readonly') === 'true';
  const differs = (one, other) => one.text !== other.text || one.none !== other.none;

  /* ── drawing ─────────────────────────────────────────────────────────── */
  const draw = (td) => {
    const { text, none } = says.get(td);
    td.textContent = text || (none ? '–' : '');
    if (text || none || !('begun' in td.parentElement.dataset)) return;
    const missing = document.createElement('b');
    missing.className = 'warn';
    missing.textContent = words.missing;
    td.append(missing);
  };
  const describe = (td) => { bar.textContent = [placeName(td), readonly(td) ? words.cancelled : td.dataset.f === 'homework' ? words.dash : ''].filter(Boolean).join(' · '); };
  const focus = (r, c) => { const td = cells[r]?.[c]; if (td) td.focus(); return Boolean(td); };

  /* ── writing ─────────────────────────────────────────────────────────── */
  const send = (td, now) => {
    const { dataset: { lesson, v } } = td.parentElement;
    const part = { uid: lesson, seen: Number(v), [td.dataset.f]: now.text };
    /* Homework that is written takes "no homework" back, and the other way round. */
    if (now.none !== says.get(td).none) part.no_homework = now.none;
    says.set(td, now);
    td.dataset.q = 'wait';
    outbox.enter([{ url, what: 'lesson', part }]);
  };
  const change = (td, now, { remember = true } = {}) => {
    const before = says.get(td);
    if (readonly(td) || !differs(before, now)) return;
    if (remember) undo.push([td, before]);
    send(td, now);
    draw(td);
  };
  const takeBack = () => {
    const [td, before] = undo.pop() || [];
    if (!td) return;
    change(td, before, { remember: false });
    td.focus();
  };

  /* ── the field in the cell ───────────────────────────────────────────── */
  const read = () => {
    const { td, area } = opened, text = area.value.trim();
    return td.dataset.f === 'homework' && /^[-–—]$/.test(text) ? { text: '', none: true } : { text, none: false };
  };
  const keep = () => { clearTimeout(timer); if (differs(read(), says.get(opened.td))) send(opened.td, read()); };
  const fit = (area) => { area.style.blockSize = 'auto'; area.style.blockSize = `${area.scrollHeight}px`; };
  /* Ends the editing: what stands in the field is entered, or the cell is again what it was when it was opened. */
  const close = (entered = true) => {
    if (!opened) return;
    clearTimeout(timer);
    const { td, before } = opened, now = entered ? read() : before;
    opened = null;
    if (differs(now, says.get(td))) send(td, now);
    if (differs(now, before)) undo.push([td, before]);
    td.classList.remove('open');
    draw(td);
  };
  /* `afresh`: a key was pressed on the cell, and what it writes takes the place of what stood there. */
  const open = (td, afresh = false) => {
    if (opened?.td === td) return;
    close();
    if (readonly(td)) { describe(td); return; }
    const { text, none } = says.get(td), area = document.createElement('textarea');
    Object.assign(area, { rows: 1, maxLength: LONGEST[td.dataset.f], value: afresh ? '' : text || (none ? '–' : '') });
    area.setAttribute('aria-label', placeName(td));
    opened = { td, area, before: says.get(td) };
    td.textContent = '';
    td.classList.add('open');
    td.append(area);
    fit(area);
    area.focus();
    /* The caret stands at the end; the dash of "no homework" is chosen, so that a task takes its place. */
    area.setSelectionRange(none ? 0 : area.value.length, area.value.length);
  };
  const move = (td, down, across) => {
    const [r, c] = place(td), at = 2 * r + c + across;
    close();
    return across ? focus(Math.floor(at / 2), at % 2) : focus(r + down, c) || focus(r, c);
  };
  /* An arrow goes on to the next cell where the text ends in its direction; inside it moves the caret. */
  const leaves = (area, key) => {
    const { selectionStart: from, selectionEnd: to, value } = area;
    if (from !== to) return false;
    const isLine = area.scrollHeight < 2 * parseFloat(getComputedStyle(area).lineHeight) && !value.includes('\n');
    return { ArrowUp: isLine || from === 0, ArrowDown: isLine || to === value.length, ArrowLeft: from === 0, ArrowRight: to === value.length }[key] || false;
  };
  const arrows = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  const onField = (event) => {
    const { td, area } = opened, { key } = event;
    if (key === 'Escape') { close(false); td.focus(); }
    else if (key === 'Enter' && !event.shiftKey) move(td, 1, 0);
    else if (key === 'Tab') { if (!move(td, 0, event.shiftKey ? -1 : 1)) { td.focus(); return; } }
    else if (!event.shiftKey && !event.ctrlKey && !event.altKey && leaves(area, key)) move(td, ...arrows[key]);
    else return;
    event.preventDefault();
  };
  const onCell = (td, event) => {
    const { key } = event, control = event.ctrlKey || event.metaKey;
    if (control && (key.toLowerCase() === 'z' || event.code === 'KeyZ')) takeBack();
    else if (control || event.altKey) return;
    else if (key === 'ArrowLeft' && td.dataset.f === 'topic') dates[place(td)[0]].focus();
    else if (arrows[key]) move(td, ...arrows[key]);
    else if (key === 'Home' || key === 'End') focus(place(td)[0], key === 'Home' ? 0 : 1);
    else if (key === 'Enter' || key === 'F2') open(td);
    else if (key === 'Delete' || key === 'Backspace') change(td, { text: '', none: false });
    else {
      /* The key itself goes into the field, whatever writes it: a letter, or a first sign of Japanese that is still being chosen. */
      if (key.length === 1 || key === 'Process') open(td, true);
      return;
    }
    event.preventDefault();
  };
  /* The date leads to the lesson: no stop of Tab, but left of its topic. */
  const onDate = (r, event) => {
    const next = { ArrowRight: cells[r][0], ArrowUp: dates[r - 1], ArrowDown: dates[r + 1] }[event.key];
    if (!next) return;
    next.focus();
    event.preventDefault();
  };
  table.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (dates.includes(event.target)) { onDate(dates.indexOf(event.target), event); return; }
    const td = event.target.closest('td[data-f]');
    if (!td) return;
    if (opened && event.target === opened.area) onField(event);
    else onCell(td, event);
  });
  table.addEventListener('click', (event) => { const td = event.target.closest('td[data-f]'); if (td) open(td); });
  table.addEventListener('input', () => { fit(opened.area); clearTimeout(timer); timer = setTimeout(keep, 800); });
  table.addEventListener('paste', (event) => { if (!opened) { const td = event.target.closest('td[data-f]'); if (td) open(td, true); } });
  table.addEventListener('focusin', (event) => {
    const td = event.target.closest('td[data-f]');
    if (!td) return;
    if (current) { current.tabIndex = -1; current.removeAttribute('aria-selected'); }
    current = td;
    td.tabIndex = 0;
    td.setAttribute('aria-selected', 'true');
    describe(td);
    faults.say(td);
  });
  table.addEventListener('focusout', (event) => { if (opened && event.target === opened.area) close(); });
  addEventListener('pagehide', () => close());

  /* ── answers ─────────────────────────────────────────────────────────── */
  const lineOf = (uid) => lines.findIndex((line) => line.dataset.lesson === uid);
  const cellOf = ({ part }) => cells[lineOf(part.uid)]?.['topic' in part ? 0 : 1];
  const isMine = (row) => row.what === 'lesson';
  /* The parts of an entry, of an answer or of what stands, by the cells of their lesson. */
  const taken = (part, before) => [
    ['topic' in part, { text: part.topic, none: false }],
    ['homework' in part || 'no_homework' in part, { text: part.homework ?? before[1].text, none: part.no_homework ?? before[1].none }]];
  const take = (part, work) => {
    const pair = cells[lineOf(part.uid)];
    if (pair) taken(part, pair.map((td) => stood.get(td))).forEach(([isSaid, now], c) => { if (isSaid) work(pair[c], now); });
  };
  const rest = (td) => { delete td.dataset.q; says.set(td, stood.get(td)); if (opened?.td !== td) draw(td); };
  const drop = ({ part, fault = {} }) => {
    const pair = cells[lineOf(part.uid)];
    if (!pair) { location.reload(); return; }
    if (fault.stands) take({ uid: part.uid, ...fault.stands }, (td, now) => stood.set(td, now));
    if (fault.version !== undefined) pair[0].parentElement.dataset.v = fault.version;
    pair.forEach(rest);
  };
  const name = (row) => { const td = cellOf(row); return td ? placeName(td) : ''; };
  const faults = Classbook.faultsOf({ scroll, cellOf, placeName, focus: (td) => { document.getElementById('tab-t').checked = true; td.focus(); }, drop, name });
  const show = (failed) => faults.show(failed.filter(isMine), current);
  document.addEventListener('classbook:saved', (event) => {
    if (event.detail.url !== url) return;
    const told = outbox.lessonsOf(event.detail.answer);
    for (const one of told) {
      const line = lines[lineOf(one.uid)];
      if (line) line.dataset.v = one.version;
      take(one, (td, now) => stood.set(td, now));
    }
    outbox.pending(url).then(({ entries }) => {
      const waits = new Set();
      for (const row of entries.filter(isMine)) take(row.part, (td) => waits.add(td));
      for (const one of told) take(one, (td) => { if (!waits.has(td)) rest(td); });
    });
  });
  document.addEventListener('classbook:failed', (event) => { if (event.detail.url === url) outbox.pending(url).then(({ failed }) => show(failed)); });

  /* ── opening ─────────────────────────────────────────────────────────── */
  for (const td of cells.flat()) {
    const text = td.querySelector('b.warn') || 'none' in td.dataset ? '' : td.textContent.trim();
    says.set(td, { text, none: 'none' in td.dataset });
    stood.set(td, says.get(td));
    td.tabIndex = -1;
  }
  table.setAttribute('role', 'grid');
  for (const date of dates) date.tabIndex = -1;
  /* Tab comes to what is still to be filled in; where nothing is, to the newest lesson that has begun. */
  const toFill = cells.flat().find((td) => td.querySelector('b.warn')) || cells.find(([td]) => 'begun' in td.parentElement.dataset)?.[0] || cells[0]?.[0];
  if (toFill) { toFill.tabIndex = 0; current = toFill; }
  /* What waits from an earlier visit stands there as it was typed; what was refused, too. */
  outbox.pending(url).then(({ entries, failed }) => {
    for (const row of [...failed, ...entries].filter(isMine)) take(row.part, (td, now) => { says.set(td, now); td.dataset.q = 'wait'; draw(td); });
    show(failed);
  });
})();
