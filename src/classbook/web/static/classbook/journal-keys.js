/* The journal's left page behaves like a spreadsheet: by keys, under the thumb; and it shows what became of what was entered. */
'use strict';
(() => {
  const { journal, keys, outbox, ask, pad } = Classbook;
  if (!journal) return;
  const { grid, url, heads, rows, scroll, state, place, placeName, readonly, draw, focus, describe, set, write } = journal;
  const tools = document.querySelector('[data-tools]');

  /* ── typing ──────────────────────────────────────────────────────────── */
  const commit = (td) => {
    if (!state.buffer) return;
    const meaning = keys.finish(state.buffer);
    state.buffer = '';
    draw(td);
    if (meaning) write([[td, meaning]]);
  };
  const forget = (td) => { state.buffer = ''; draw(td); };
  const command = (td, event) => {
    if (ask.isCommand(event, 'h')) journal.history(td);
    else if (ask.isCommand(event, 'c')) journal.comment(td);
    else if (ask.isCommand(event, 'k')) journal.column(td, false);
    else if (event.key === '+' && !event.altKey && !keys.read('+')) journal.column(td, true);
    else return false;
    return true;
  };
  /* Enters what is meant and goes on to the next pupil. */
  const enter = (td, meaning) => {
    const [r, c] = place(td);
    state.buffer = '';
    write([[td, meaning]], { next: [r + 1, c] });
    draw(td);
    focus(r + 1, c);
  };
  /* A further sign of a mark; false: no mark and no absence goes on like this. */
  const sign = (td, one) => {
    const meaning = keys.read(state.buffer + one);
    if (!meaning) return false;
    if (readonly(td)) return true;
    if (meaning.wait) { state.buffer += one; td.textContent = state.buffer; } else enter(td, meaning.done);
    return true;
  };
  const typed = (td, event) => {
    if (!state.buffer && command(td, event)) return true;
    if (!event.altKey) return keys.signs(event).some((one) => sign(td, one));
    const away = keys.ofAlt(event), [r, c] = place(td);
    if (away && write([[td, { attendance: away.code }]], { next: [r + 1, c] })) focus(r + 1, c);
    return Boolean(away);
  };
  grid.addEventListener('focusin', (event) => {
    const td = event.target.closest('td[tabindex]');
    if (!td) return;
    const { current } = state;
    if (current && current !== td) { commit(current); current.tabIndex = -1; current.removeAttribute('aria-selected'); }
    state.current = td;
    td.tabIndex = 0;
    td.setAttribute('aria-selected', 'true');
    describe(td);
    faults.say(td);
    tools.hidden = false;
    showPad(td);
  });
  grid.addEventListener('keydown', (event) => {
    const td = event.target.closest('td[tabindex]');
    if (!td || event.isComposing) return;
    const [r, c] = place(td);
    const { key } = event;
    const moves = { ArrowUp: [r - 1, c], ArrowDown: [r + 1, c], ArrowLeft: [r, c - 1], ArrowRight: [r, c + 1], Enter: [r + 1, c], Home: [r, 0], End: [r, rows[r].length - 1] };
    const control = event.ctrlKey || event.metaKey, isKey = (letter) => key.toLowerCase() === letter || event.code === 'Key' + letter.toUpperCase();
    if (control && isKey('z')) journal.takeBack();
    else if (control && isKey('d')) journal.fillDown(td);
    else if (control) return;
    else if (moves[key]) { commit(td); focus(...moves[key]); }
    else if (key === 'Delete' || key === 'Backspace') { if (state.buffer) forget(td); else journal.clear(td); }
    else if (key === 'Escape' && state.buffer) forget(td);
    else if (key === 'F2') { commit(td); if (event.shiftKey) journal.comment(td); else journal.history(td); }
    else if (!typed(td, event)) return;
    event.preventDefault();
  });
  tools.addEventListener('click', (event) => {
    const what = event.target.closest('[data-do]')?.dataset.do;
    if (!what || !state.current) return;
    if (what === 'history') journal.history(state.current);
    else if (what === 'comment') journal.comment(state.current);
    else journal.column(state.current, what === 'add');
  });

  /* ── by thumb ────────────────────────────────────────────────────────── */
  /* The pad comes with the first cell that is tapped and goes when something else is; the cell stays in sight above it. */
  const showPad = (td) => {
    if (!pad.isUsed) return;
    pad.place.hidden = readonly(td);
    pad.say([placeName(td), td.dataset.m, td.dataset.a].filter(Boolean).join(' · '));
    const covered = td.getBoundingClientRect().bottom + 8 - pad.place.getBoundingClientRect().top;
    if (!pad.place.hidden && covered > 0) scrollBy(0, covered);
  };
  const press = (what, code) => {
    const td = state.current;
    if (!td) return;
    const [r, c] = place(td);
    if (what === 'm') enter(td, { mark: code });
    else if (what === 'a') enter(td, { attendance: code });
    else if (what === 'k') sign(td, code);
    else if (what === 'n') { commit(td); focus(r + 1, c); }
    else if (what === 'd' && state.buffer) forget(td);
    else if (what === 'd') { journal.clear(td); showPad(td); }
    else if (what === 'c') { commit(td); journal.comment(td); }
    else showPad(td);
  };
  if (pad.isUsed) {
    document.querySelector('.journal').classList.add('by-thumb');
    pad.wire(press);
    grid.addEventListener('focusout', (event) => {
      if (!event.relatedTarget?.closest?.('[data-grid], [data-pad]')) { if (state.current) commit(state.current); pad.place.hidden = true; }
    });
  }

  /* ── answers ─────────────────────────────────────────────────────────── */
  const cell = (studentId, test) => rows.find((row) => row[0].parentElement.dataset.student === studentId)?.find((td, c) => test(heads[c]));
  const ofMark = (part) => cell(part.student, (h) => h.dataset.column === part.column);
  const ofAttendance = (part) => cell(part.student, (h) => h.dataset.lesson === part.lesson && 'main' in h.dataset);
  const cellOf = ({ what, part }) => (what === 'marks' ? ofMark(part) : what === 'attendance' ? ofAttendance(part) : null);
  const headOf = (uid) => heads.find((h) => h.dataset.column === uid);
  const name = (row) => { const td = cellOf(row); return td ? placeName(td) : row.what === 'columns' ? headOf(row.part.uid)?.dataset.on || '' : ''; };
  const isMine = (row) => row.what !== 'lesson';
  const drop = (row) => {
    const td = cellOf(row), fault = row.fault || {};
    if (!td || !('theirs' in fault) || 'comment' in row.part) { location.reload(); return; }
    if (row.what === 'marks') { td.dataset.m = fault.theirs; td.dataset.v = fault.version; delete td.dataset.s; } else { td.dataset.a = fault.theirs; td.dataset.av = fault.version; }
    delete td.dataset.q;
    draw(td);
  };
  const faults = Classbook.faultsOf({ scroll, cellOf, placeName, focus: (td) => focus(...place(td)), drop, name });
  const show = (failed) => faults.show(failed.filter(isMine), state.current);
  document.addEventListener('classbook:saved', (event) => {
    if (event.detail.url !== url) return;
    const { answer } = event.detail;
    for (const one of answer.columns || []) { const h = headOf(one.uid); if (h) h.dataset.cv = one.version; }
    for (const one of answer.marks) { const td = ofMark(one); if (td) td.dataset.v = one.version; }
    for (const one of answer.attendance) { const td = ofAttendance(one); if (td) td.dataset.av = one.version; }
    /* A cell in which something newer waits keeps it; every other one shows what was stored, whichever tab sent it. */
    outbox.pending(url).then(({ entries }) => {
      const waits = new Set(entries.map(cellOf));
      const told = [...answer.marks.map((one) => [ofMark(one), 'm', one.code]), ...answer.attendance.map((one) => [ofAttendance(one), 'a', one.code])];
      for (const [td, what, code] of told) {
        if (!td || waits.has(td)) continue;
        if (what === 'm' && td.dataset.m !== code) delete td.dataset.s;
        td.dataset[what] = code;
        delete td.dataset.q;
        if (!(state.buffer && td === state.current)) draw(td);
      }
    });
  });
  document.addEventListener('classbook:failed', (event) => { if (event.detail.url === url) outbox.pending(url).then(({ failed }) => show(failed)); });

  /* ── opening ─────────────────────────────────────────────────────────── */
  const restore = (row) => {
    const { what, part } = row, td = cellOf(row);
    if (what === 'columns') { const h = headOf(part.uid); if (h) { h.dataset.made = '1'; journal.takeColumn(h, part); } else journal.addColumn(part); }
    if (td) set(td, what === 'marks' ? { mark: part.code, ...('comment' in part ? { comment: part.comment, counts: part.counts !== false } : {}) } : { attendance: part.code });
  };
  outbox.pending(url).then(({ entries, failed }) => {
    for (const row of entries.filter((one) => one.what === 'columns')) restore(row);
    for (const row of entries.filter((one) => one.what !== 'columns')) restore(row);
    show(failed);
  });
  /* The grid is one stop of the Tab key; it opens at today. */
  for (const h of heads) h.toggleAttribute('data-c', Boolean(h.dataset.comment));
  const today = heads.findIndex((h) => h.classList.contains('todaycol'));
  if (rows.length && rows[0].length) {
    const start = today < 0 ? rows[0].length - 1 : today;
    heads.forEach((h, c) => { if (h.classList.contains('todaycol')) for (const row of rows) row[c].classList.add('todaycol'); });
    rows[0][start].tabIndex = 0;
    scroll.scrollLeft = Math.max(0, rows[0][start].offsetLeft - scroll.clientWidth * 0.7);
  }
})();
