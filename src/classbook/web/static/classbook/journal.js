/* The journal: the grid behaves like a spreadsheet; what is entered is kept on the device at once and sent in the background. */
'use strict';
(() => {
  const grid = document.querySelector('[data-grid]');
  if (!grid) return;
  const { keys, outbox } = Classbook;
  const url = grid.dataset.save, mayWrite = 'write' in grid.dataset, marked = 'marked' in grid.dataset;
  const heads = [...grid.querySelectorAll('thead tr:last-child th')];
  const rows = [...grid.querySelectorAll('tbody tr')].map((tr) => [...tr.querySelectorAll('td[tabindex]')]);
  const box = document.querySelector('[data-decisions]');
  const bar = { who: document.querySelector('[data-bar-who]'), on: document.querySelector('[data-bar-on]'), what: document.querySelector('[data-bar-what]') };
  const undo = [];
  let buffer = '', current = null;

  const place = (td) => { const r = rows.findIndex((row) => row[0].parentElement === td.parentElement); return [r, rows[r].indexOf(td)]; };
  const student = (td) => td.parentElement.dataset.student;
  const head = (td) => heads[place(td)[1]];
  const nameOf = (td) => td.parentElement.cells[0].lastChild.textContent.trim() || td.parentElement.cells[0].textContent;
  const readonly = (td) => !mayWrite || td.getAttribute('aria-readonly') === 'true' || 'future' in head(td).dataset;

  const draw = (td) => {
    const { m, a } = td.dataset;
    td.textContent = m || a;
    if (m && a) { const small = document.createElement('small'); small.textContent = a; td.append(small); }
    td.classList.toggle('ab', Boolean(a && !m));
  };
  const focus = (r, c) => {
    const td = rows[r]?.[c];
    if (!td) return;
    td.focus();
    const scroll = td.closest('.scroll'), name = td.parentElement.cells[0];
    if (td.offsetLeft - name.offsetWidth < scroll.scrollLeft) scroll.scrollLeft = td.offsetLeft - name.offsetWidth;
  };
  const describe = (td) => {
    const h = head(td);
    bar.who.textContent = nameOf(td);
    bar.on.textContent = [h.dataset.on, h.dataset.label].filter(Boolean).join(' · ');
    bar.what.textContent = [td.dataset.m, td.dataset.a, td.title].filter(Boolean).join(' · ');
  };

  /* ── writing ─────────────────────────────────────────────────────────── */
  const columnEntry = (h) => {
    if (h.dataset.cv !== '0' || h.dataset.made) return [];
    h.dataset.made = '1';
    return [{ url, what: 'columns', part: { uid: h.dataset.column, lesson: h.dataset.lesson, seen: 0, work_kind: h.dataset.kind } }];
  };
  const entriesFor = (td, meaning) => {
    const h = head(td);
    if ('mark' in meaning) return [...columnEntry(h), { url, what: 'marks', part: { student: student(td), column: h.dataset.column, code: meaning.mark, seen: Number(td.dataset.v) } }];
    return [{ url, what: 'attendance', part: { student: student(td), lesson: h.dataset.lesson, code: meaning.attendance, seen: Number(td.dataset.av) } }];
  };
  const set = (td, meaning) => {
    const before = 'mark' in meaning ? { mark: td.dataset.m } : { attendance: td.dataset.a };
    if ('mark' in meaning) td.dataset.m = meaning.mark; else td.dataset.a = meaning.attendance;
    td.dataset.q = 'wait';
    draw(td);
    return [td, before];
  };
  const allowed = (td, meaning) => !readonly(td) && ('mark' in meaning ? marked : 'main' in head(td).dataset);
  /* One step of the person: any number of cells, one undo. */
  const write = (changes, remember = true) => {
    const real = changes.filter(([td, meaning]) => allowed(td, meaning) && ('mark' in meaning ? td.dataset.m !== meaning.mark : td.dataset.a !== meaning.attendance));
    if (!real.length) return false;
    const entries = real.flatMap(([td, meaning]) => entriesFor(td, meaning));
    const before = real.map(([td, meaning]) => set(td, meaning));
    if (remember) undo.push(before);
    outbox.enter(entries);
    return true;
  };
  const clear = (td) => write([...(td.dataset.m ? [[td, { mark: '' }]] : []), ...(td.dataset.a ? [[td, { attendance: '' }]] : [])]);
  const commit = (td) => {
    if (!buffer) return;
    const meaning = keys.finish(buffer);
    buffer = '';
    draw(td);
    if (meaning) write([[td, meaning]]);
  };
  const typed = (td, event) => {
    const [r, c] = place(td);
    if (event.altKey) {
      const away = keys.ofAlt(event);
      if (away && write([[td, { attendance: away.code }]])) focus(r + 1, c);
      return Boolean(away);
    }
    for (const sign of keys.signs(event)) {
      const meaning = keys.read(buffer + sign);
      if (!meaning) continue;
      if (readonly(td)) return true;
      if (meaning.wait) { buffer += sign; td.textContent = buffer; return true; }
      buffer = '';
      write([[td, meaning.done]]);
      draw(td);
      focus(r + 1, c);
      return true;
    }
    return false;
  };
  const fillDown = (td) => {
    const [r, c] = place(td);
    if (r === 0) return;
    const above = rows[r - 1][c];
    const meaning = above.dataset.m ? { mark: above.dataset.m } : { attendance: above.dataset.a };
    write([[td, meaning]]);
    focus(r + 1, c);
  };

  /* ── keys ────────────────────────────────────────────────────────────── */
  grid.addEventListener('focusin', (event) => {
    const td = event.target.closest('td[tabindex]');
    if (!td) return;
    if (current && current !== td) { commit(current); current.tabIndex = -1; current.removeAttribute('aria-selected'); }
    current = td;
    td.tabIndex = 0;
    td.setAttribute('aria-selected', 'true');
    describe(td);
    historyButton.hidden = false;
  });
  grid.addEventListener('keydown', (event) => {
    const td = event.target.closest('td[tabindex]');
    if (!td || event.isComposing) return;
    const [r, c] = place(td);
    const key = event.key;
    const moves = { ArrowUp: [r - 1, c], ArrowDown: [r + 1, c], ArrowLeft: [r, c - 1], ArrowRight: [r, c + 1], Enter: [r + 1, c], Home: [r, 0], End: [r, rows[r].length - 1] };
    const command = event.ctrlKey || event.metaKey;
    if (command && (key.toLowerCase() === 'z' || event.code === 'KeyZ')) { const step = undo.pop(); if (step) { write(step, false); step[0][0].focus(); } }
    else if (command && (key.toLowerCase() === 'd' || event.code === 'KeyD')) fillDown(td);
    else if (command) return;
    else if (moves[key]) { commit(td); focus(...moves[key]); }
    else if (key === 'Delete' || key === 'Backspace') { if (buffer) { buffer = ''; draw(td); } else clear(td); }
    else if (key === 'Escape' && buffer) { buffer = ''; draw(td); }
    else if (key === 'F2') history(td);
    else if (!typed(td, event)) return;
    event.preventDefault();
  });

  /* ── paste ───────────────────────────────────────────────────────────── */
  const panel = document.querySelector('[data-panel]');
  const panelTitle = panel.querySelector('[data-panel-title]'), panelList = panel.querySelector('[data-panel-list]'), yes = panel.querySelector('[data-panel-yes]');
  const open = (title, lines, work) => {
    panelTitle.textContent = title;
    panelList.textContent = '';
    for (const line of lines) { const li = document.createElement('li'); li.textContent = line; panelList.append(li); }
    yes.hidden = !work;
    yes.onclick = () => { panel.close(); work(); };
    panel.showModal();
  };
  panel.querySelector('[data-panel-close]').addEventListener('click', () => { panel.close(); current?.focus(); });
  grid.addEventListener('paste', (event) => {
    const td = event.target.closest('td[tabindex]');
    if (!td) return;
    event.preventDefault();
    const [r, c] = place(td);
    const block = event.clipboardData.getData('text/plain').replace(/\r/g, '').replace(/\n$/, '').split('\n').map((line) => line.split('\t'));
    const changes = [], bad = [];
    block.forEach((line, dr) => line.forEach((text, dc) => {
      const target = rows[r + dr]?.[c + dc];
      const meaning = target && keys.parse(text);
      if (!target || !meaning || !allowed(target, meaning)) bad.push(target ? `${nameOf(target)}, ${head(target).dataset.on}: ${text}` : text);
      else changes.push([target, meaning]);
    }));
    if (bad.length) open(outbox.fill(outbox.words.badCells, { n: bad.length, cells: '' }), bad);
    else open(outbox.fill(outbox.words.paste, { n: changes.length }), changes.slice(0, 12).map(([one, meaning]) => `${nameOf(one)}, ${head(one).dataset.on}: ${meaning.mark ?? meaning.attendance}`), () => { write(changes); td.focus(); });
  });

  /* ── history ─────────────────────────────────────────────────────────── */
  const historyButton = document.querySelector('[data-history]');
  const history = async (td) => {
    const h = head(td);
    const which = td.dataset.m || Number(td.dataset.v) ? { column: h.dataset.column } : { lesson: h.dataset.lesson };
    const answer = await fetch(grid.dataset.historyUrl + '?' + new URLSearchParams({ student: student(td), ...which }));
    const { changes } = answer.ok ? await answer.json() : { changes: [] };
    const lines = changes.map((one, n) => `${n ? (changes[n - 1].value || '–') + ' → ' : ''}${one.value || '–'} · ${one.by}, ${one.at}${one.reason ? ' · ' + one.reason : ''}`);
    open(`${nameOf(td)}, ${h.dataset.on}`, lines.length ? lines.reverse() : [outbox.words.historyNone]);
  };
  historyButton.addEventListener('click', () => { if (current) history(current); });

  /* ── answers ─────────────────────────────────────────────────────────── */
  const cell = (studentId, test) => rows.find((row) => row[0].parentElement.dataset.student === studentId)?.find((td, c) => test(heads[c]));
  const ofMark = (part) => cell(part.student, (h) => h.dataset.column === part.column);
  const ofAttendance = (part) => cell(part.student, (h) => h.dataset.lesson === part.lesson && 'main' in h.dataset);
  document.addEventListener('classbook:saved', (event) => {
    if (event.detail.url !== url) return;
    for (const one of event.detail.answer.marks) { const td = ofMark(one); if (td) { td.dataset.v = one.version; delete td.dataset.q; } }
    for (const one of event.detail.answer.attendance) { const td = ofAttendance(one); if (td) { td.dataset.av = one.version; delete td.dataset.q; } }
  });
  const show = (failed) => outbox.decide(box, failed, {
    name: (row) => { const td = row.what === 'marks' ? ofMark(row.part) : ofAttendance(row.part); return td ? `${nameOf(td)}, ${head(td).dataset.on}` : ''; },
    redo: () => {},
    drop: (row) => {
      const td = row.what === 'marks' ? ofMark(row.part) : row.what === 'attendance' ? ofAttendance(row.part) : null;
      const fault = row.fault || {};
      if (!td || !('theirs' in fault)) { location.reload(); return; }
      if (row.what === 'marks') { td.dataset.m = fault.theirs; td.dataset.v = fault.version; } else { td.dataset.a = fault.theirs; td.dataset.av = fault.version; }
      delete td.dataset.q;
      draw(td);
    },
  });
  document.addEventListener('classbook:failed', (event) => { if (event.detail.url === url) outbox.pending(url).then(({ failed }) => show(failed)); });
  outbox.pending(url).then(({ entries, failed }) => {
    for (const { what, part } of entries) {
      const td = what === 'marks' ? ofMark(part) : what === 'attendance' ? ofAttendance(part) : null;
      if (td) set(td, what === 'marks' ? { mark: part.code } : { attendance: part.code });
    }
    show(failed);
  });

  /* The grid is one stop of the Tab key; it opens at today. */
  const start = Math.max(0, heads.findIndex((h) => h.classList.contains('todaycol')));
  if (rows.length && rows[0].length) {
    const column = heads.some((h) => h.classList.contains('todaycol')) ? start : rows[0].length - 1;
    rows[0][column].tabIndex = 0;
    const scroll = grid.closest('.scroll');
    scroll.scrollLeft = Math.max(0, rows[0][column].offsetLeft - scroll.clientWidth * 0.7);
  }
})();
