/* The journal: the grid behaves like a spreadsheet; what is entered is kept on the device at once and sent in the background. */
'use strict';
(() => {
  const grid = document.querySelector('[data-grid]');
  if (!grid) return;
  const { keys, outbox, ask } = Classbook;
  const words = document.getElementById('journal-words').dataset;
  const url = grid.dataset.save, mayWrite = 'write' in grid.dataset, marked = 'marked' in grid.dataset;
  const heads = [...grid.querySelectorAll('thead tr:last-child th')];
  const rows = [...grid.querySelectorAll('tbody tr')].map((tr) => [...tr.querySelectorAll('td[tabindex]')]);
  const scroll = grid.closest('.scroll');
  const box = document.querySelector('[data-decisions]');
  const bar = { who: document.querySelector('[data-bar-who]'), on: document.querySelector('[data-bar-on]'), what: document.querySelector('[data-bar-what]') };
  const tools = document.querySelector('[data-tools]');
  const undo = [], faults = new Map();
  let buffer = '', current = null;

  const place = (td) => { const r = rows.findIndex((row) => row[0].parentElement === td.parentElement); return [r, rows[r].indexOf(td)]; };
  const student = (td) => td.parentElement.dataset.student;
  const head = (td) => heads[place(td)[1]];
  const nameOf = (td) => td.parentElement.cells[0].lastChild.textContent.trim() || td.parentElement.cells[0].textContent;
  const placeName = (td) => `${nameOf(td)}, ${head(td).dataset.on}`;
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
    const name = td.parentElement.cells[0];
    if (td.offsetLeft - name.offsetWidth < scroll.scrollLeft) scroll.scrollLeft = td.offsetLeft - name.offsetWidth;
  };
  const describe = (td) => {
    const h = head(td).dataset;
    bar.who.textContent = nameOf(td);
    bar.on.textContent = [h.on, h.label, h.weight === '1' || !h.label ? '' : '×' + h.weight, 'free' in h ? words.free : '', h.comment].filter(Boolean).join(' · ');
    bar.what.textContent = [td.dataset.m, td.dataset.a, td.title, 'free' in td.dataset ? words.free : ''].filter(Boolean).join(' · ');
  };

  /* ── writing ─────────────────────────────────────────────────────────── */
  const columnPart = (h) => ({ uid: h.dataset.column, lesson: h.dataset.lesson, seen: Number(h.dataset.cv), work_kind: h.dataset.kind,
    title: h.dataset.title, weight: h.dataset.cv === '0' && !h.dataset.chosen ? '' : h.dataset.weight, comment: h.dataset.comment,
    ...(h.dataset.cv === '0' && !h.dataset.chosen ? {} : { counts: !('free' in h.dataset) }) });
  const columnEntry = (h) => {
    if (h.dataset.cv !== '0' || h.dataset.made) return [];
    h.dataset.made = '1';
    return [{ url, what: 'columns', part: columnPart(h) }];
  };
  const entriesFor = (td, meaning) => {
    const h = head(td), { reason } = meaning;
    const because = reason ? { reason } : {};
    if ('mark' in meaning) {
      const said = 'comment' in meaning ? { comment: meaning.comment, counts: meaning.counts } : meaning.mark ? {} : { comment: '', counts: true };
      return [...columnEntry(h), { url, what: 'marks', part: { student: student(td), column: h.dataset.column, code: meaning.mark, seen: Number(td.dataset.v), ...said, ...because } }];
    }
    return [{ url, what: 'attendance', part: { student: student(td), lesson: h.dataset.lesson, code: meaning.attendance, seen: Number(td.dataset.av), ...because } }];
  };
  const set = (td, meaning) => {
    const before = 'mark' in meaning ? { mark: td.dataset.m } : { attendance: td.dataset.a };
    if ('comment' in meaning) {
      Object.assign(before, { comment: td.title, counts: !('free' in td.dataset) });
      td.title = meaning.comment;
      if (meaning.counts) delete td.dataset.free; else td.dataset.free = '';
    }
    if ('mark' in meaning) {
      td.dataset.m = meaning.mark;
      if (!meaning.mark) { td.title = ''; delete td.dataset.free; }
    } else td.dataset.a = meaning.attendance;
    td.dataset.q = 'wait';
    draw(td);
    return [td, before];
  };
  const allowed = (td, meaning) => !readonly(td) && ('mark' in meaning ? marked : 'main' in head(td).dataset);
  const differs = (td, meaning) => ('mark' in meaning ? td.dataset.m !== meaning.mark || 'comment' in meaning : td.dataset.a !== meaning.attendance);
  const isCorrection = ([td, meaning]) => 'late' in head(td).dataset && Boolean('mark' in meaning ? td.dataset.m : td.dataset.a);
  const put = (changes, remember) => {
    const entries = changes.flatMap(([td, meaning]) => entriesFor(td, meaning));
    const before = changes.map(([td, meaning]) => set(td, meaning));
    if (remember) undo.push(before);
    outbox.enter(entries);
    if (current) describe(current);
  };
  /* One step of the person: any number of cells, one undo. Old entries change with a reason, asked once for the step. */
  const write = (changes, { remember = true, next = null } = {}) => {
    const real = changes.filter(([td, meaning]) => allowed(td, meaning) && differs(td, meaning));
    if (!real.length) return false;
    if (!real.some(isCorrection)) { put(real, remember); return true; }
    ask.reason().then((reason) => {
      if (reason === null) { for (const [td] of real) draw(td); return; }
      put(real.map((change) => (isCorrection(change) ? [change[0], { ...change[1], reason }] : change)), remember);
      if (next) focus(...next);
    });
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
    if (!buffer && command(td, event)) return true;
    if (event.altKey) {
      const away = keys.ofAlt(event);
      if (away && write([[td, { attendance: away.code }]], { next: [r + 1, c] })) focus(r + 1, c);
      return Boolean(away);
    }
    for (const sign of keys.signs(event)) {
      const meaning = keys.read(buffer + sign);
      if (!meaning) continue;
      if (readonly(td)) return true;
      if (meaning.wait) { buffer += sign; td.textContent = buffer; return true; }
      buffer = '';
      write([[td, meaning.done]], { next: [r + 1, c] });
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
    write([[td, meaning]], { next: [r + 1, c] });
    focus(r + 1, c);
  };

  /* ── windows over the grid ───────────────────────────────────────────── */
  const panel = document.querySelector('[data-panel]');
  const panelTitle = panel.querySelector('[data-panel-title]'), panelList = panel.querySelector('[data-panel-list]'), yes = panel.querySelector('[data-panel-yes]');
  const open = (title, lines, work) => {
    panelTitle.textContent = title;
    panelList.textContent = '';
    for (const line of lines) {
      const li = document.createElement('li'), [first, ...more] = [line].flat();
      li.append(first);
      for (const text of more.filter(Boolean)) { const small = document.createElement('small'); small.textContent = text; li.append(small); }
      panelList.append(li);
    }
    yes.hidden = !work;
    yes.onclick = () => { panel.close(); work(); };
    panel.showModal();
  };
  panel.querySelector('[data-panel-close]').addEventListener('click', () => { panel.close(); current?.focus(); });
  /* A window with fields: `accept` gets its form when the person saves; false keeps it open. */
  /* `accept` answers false to keep the window open, or what to do when it is closed: the next key belongs there already. */
  const form = (dialog, accept) => {
    if (!dialog) return;
    dialog.querySelector('form').onsubmit = (event) => {
      event.preventDefault();
      const then = accept();
      if (then === false) return;
      dialog.close();
      if (then) then(); else current?.focus();
    };
    dialog.querySelector('[data-cancel]').onclick = () => { dialog.close(); current?.focus(); };
    dialog.showModal();
  };
  const cellDialog = document.querySelector('[data-cell-dialog]'), columnDialog = document.querySelector('[data-column-dialog]');
  const comment = (td) => {
    if (readonly(td) || !marked) return;
    if (!td.dataset.m) { open(placeName(td), [words.noMark]); return; }
    const field = cellDialog.querySelector('#cell-say'), free = cellDialog.querySelector('[data-free]');
    cellDialog.querySelector('[data-of]').textContent = `${placeName(td)}: ${td.dataset.m}`;
    field.value = td.title;
    free.checked = 'free' in td.dataset;
    const was = [field.value, free.checked].join();
    form(cellDialog, () => {
      if ([field.value.trim(), free.checked].join() !== was) setTimeout(() => write([[td, { mark: td.dataset.m, comment: field.value.trim(), counts: !free.checked }]]));
    });
    field.focus();
  };
  const fieldOf = (name) => columnDialog.querySelector(`[name="col-${name}-one"]`);
  const badWeight = (text) => text !== '' && !(/^\d{1,3}([.,]\d{1,2})?$/.test(text) && Number(text.replace(',', '.')) <= 100);
  const takeKind = () => {
    const { weight, free } = fieldOf('kind').selectedOptions[0].dataset;
    fieldOf('weight').value = weight;
    fieldOf('free').checked = free !== undefined;
  };
  columnDialog?.querySelector('select').addEventListener('change', takeKind);
  const drawHead = (h) => {
    h.querySelector('small').textContent = h.dataset.weight === '1' ? '' : '×' + h.dataset.weight;
    h.title = [h.dataset.label, h.dataset.comment].filter(Boolean).join(' ');
    h.toggleAttribute('data-c', Boolean(h.dataset.comment));
  };
  const takeColumn = (h, part) => {
    const option = [...fieldOf('kind').options].find((one) => one.value === part.work_kind);
    Object.assign(h.dataset, { kind: part.work_kind, title: part.title, weight: part.weight || option?.dataset.weight || '1', comment: part.comment, label: part.title || option?.dataset.name || '', chosen: '1' });
    if (part.counts === false) h.dataset.free = ''; else delete h.dataset.free;
    drawHead(h);
  };
  /* The same window changes a column and makes one; an empty lesson's promised column is the one that is made. */
  const column = (td, isNew) => {
    const h = head(td), makes = isNew && (h.dataset.cv !== '0' || h.dataset.made);
    if (!columnDialog || !mayWrite) return;
    columnDialog.querySelector('[data-of]').textContent = h.dataset.on;
    fieldOf('kind').selectedIndex = 0;
    if (!makes) fieldOf('kind').value = h.dataset.kind;
    takeKind();
    if (!makes && (h.dataset.cv !== '0' || h.dataset.chosen)) { fieldOf('weight').value = h.dataset.weight; fieldOf('free').checked = 'free' in h.dataset; }
    fieldOf('title').value = makes ? '' : h.dataset.title;
    fieldOf('say').value = makes ? '' : h.dataset.comment;
    const error = columnDialog.querySelector('[data-error]');
    error.hidden = true;
    form(columnDialog, () => {
      const weight = fieldOf('weight').value.trim();
      error.hidden = !badWeight(weight);
      if (badWeight(weight)) { fieldOf('weight').focus(); return false; }
      const part = { uid: makes ? crypto.randomUUID() : h.dataset.column, lesson: h.dataset.lesson, seen: makes ? 0 : Number(h.dataset.cv), work_kind: fieldOf('kind').value,
        title: fieldOf('title').value.trim(), weight, counts: !fieldOf('free').checked, comment: fieldOf('say').value.trim() };
      outbox.enter([{ url, what: 'columns', part }]);
      if (makes) { const [r] = place(td), c = addColumn(part); return () => focus(r, c); }
      h.dataset.made = '1';
      takeColumn(h, part);
      describe(td);
      return undefined;
    });
    fieldOf('kind').focus();
  };
  /* A further column stands in the grid at once, beside the lesson's others. Answers its place. */
  const addColumn = (part) => {
    const before = heads.findLastIndex((h) => h.dataset.lesson === part.lesson);
    if (before < 0) return -1;
    const h = heads[before].cloneNode(true);
    Object.assign(h.dataset, { column: part.uid, cv: '0', made: '1' });
    delete h.dataset.main;
    heads[before].after(h);
    heads.splice(before + 1, 0, h);
    let upTo = 0;
    for (const month of [...grid.tHead.rows[0].cells].slice(1)) { upTo += month.colSpan; if (upTo > before) { month.colSpan += 1; break; } }
    for (const row of rows) {
      const td = document.createElement('td'), beside = row[before];
      td.tabIndex = -1;
      Object.assign(td.dataset, { v: '0', m: '', a: '', av: '0' });
      if (beside.getAttribute('aria-readonly') === 'true') { td.setAttribute('aria-readonly', 'true'); td.className = 'locked'; }
      beside.after(td);
      row.splice(before + 1, 0, td);
    }
    takeColumn(h, part);
    return before + 1;
  };
  const command = (td, event) => {
    if (ask.isCommand(event, 'h')) history(td);
    else if (ask.isCommand(event, 'c')) comment(td);
    else if (ask.isCommand(event, 'k')) column(td, false);
    else if (event.key === '+' && !event.altKey && !keys.read('+')) column(td, true);
    else return false;
    return true;
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
    sayFault(td);
    tools.hidden = false;
  });
  grid.addEventListener('keydown', (event) => {
    const td = event.target.closest('td[tabindex]');
    if (!td || event.isComposing) return;
    const [r, c] = place(td);
    const key = event.key;
    const moves = { ArrowUp: [r - 1, c], ArrowDown: [r + 1, c], ArrowLeft: [r, c - 1], ArrowRight: [r, c + 1], Enter: [r + 1, c], Home: [r, 0], End: [r, rows[r].length - 1] };
    const control = event.ctrlKey || event.metaKey;
    if (control && (key.toLowerCase() === 'z' || event.code === 'KeyZ')) { const step = undo.pop(); if (step) { write(step, { remember: false }); step[0][0].focus(); } }
    else if (control && (key.toLowerCase() === 'd' || event.code === 'KeyD')) fillDown(td);
    else if (control) return;
    else if (moves[key]) { commit(td); focus(...moves[key]); }
    else if (key === 'Delete' || key === 'Backspace') { if (buffer) { buffer = ''; draw(td); } else clear(td); }
    else if (key === 'Escape' && buffer) { buffer = ''; draw(td); }
    else if (key === 'F2') { commit(td); if (event.shiftKey) comment(td); else history(td); }
    else if (!typed(td, event)) return;
    event.preventDefault();
  });
  tools.addEventListener('click', (event) => {
    const what = event.target.closest('[data-do]')?.dataset.do;
    if (!what || !current) return;
    if (what === 'history') history(current);
    else if (what === 'comment') comment(current);
    else column(current, what === 'add');
  });

  /* ── paste ───────────────────────────────────────────────────────────── */
  const SHOWN = 12;
  const shortened = (lines) => (lines.length > SHOWN ? [...lines.slice(0, SHOWN), outbox.fill(words.more, { n: lines.length - SHOWN })] : lines);
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
      if (!target) bad.push([text || '–', words.outside]);
      else if (!meaning) bad.push([`${placeName(target)}: ${text}`, words.unknown]);
      else if (!allowed(target, meaning)) bad.push([`${placeName(target)}: ${text}`, words.shut]);
      else changes.push([target, meaning]);
    }));
    const real = changes.filter(([one, meaning]) => differs(one, meaning));
    const valueOf = (one, meaning) => ('mark' in meaning ? [one.dataset.m, meaning.mark] : [one.dataset.a, meaning.attendance]);
    const told = real.map(([one, meaning]) => { const [was, now] = valueOf(one, meaning); return `${placeName(one)}: ${was ? was + ' → ' : ''}${now || '–'}`; });
    if (bad.length) open(outbox.fill(outbox.words.badCells, { n: bad.length, cells: '' }), shortened(bad));
    else if (real.length) open(outbox.fill(outbox.words.paste, { n: real.length }), shortened(told), () => { write(real); td.focus(); });
  });

  /* ── history ─────────────────────────────────────────────────────────── */
  const history = async (td) => {
    const h = head(td), asked = { student: student(td) };
    if (Number(td.dataset.v) || td.dataset.m) asked.column = h.dataset.column;
    if (!asked.column || Number(td.dataset.av)) asked.lesson = h.dataset.lesson;
    let lines = [words.noHistory];
    try {
      const answer = await fetch(grid.dataset.historyUrl + '?' + new URLSearchParams(asked));
      const { changes } = answer.ok ? await answer.json() : { changes: null };
      if (changes) lines = changes.reverse().map((one) => [[`${one.before || '–'} → ${one.value || '–'}`, ...one.more].join(' · '), `${one.by}, ${one.at}`, one.reason ? `${outbox.words.reason}: ${one.reason}` : '']);
      if (changes && !changes.length) lines = [outbox.words.historyNone];
    } catch { /* no connection: the sentence says so */ }
    open(placeName(td), lines);
  };

  /* ── answers ─────────────────────────────────────────────────────────── */
  const cell = (studentId, test) => rows.find((row) => row[0].parentElement.dataset.student === studentId)?.find((td, c) => test(heads[c]));
  const ofMark = (part) => cell(part.student, (h) => h.dataset.column === part.column);
  const ofAttendance = (part) => cell(part.student, (h) => h.dataset.lesson === part.lesson && 'main' in h.dataset);
  const headOf = (uid) => heads.find((h) => h.dataset.column === uid);
  document.addEventListener('classbook:saved', (event) => {
    if (event.detail.url !== url) return;
    const { answer } = event.detail;
    for (const one of answer.columns || []) { const h = headOf(one.uid); if (h) h.dataset.cv = one.version; }
    for (const one of answer.marks) { const td = ofMark(one); if (td) td.dataset.v = one.version; }
    for (const one of answer.attendance) { const td = ofAttendance(one); if (td) td.dataset.av = one.version; }
    /* A cell in which something newer waits keeps it; every other one shows what was stored, whichever tab sent it. */
    outbox.pending(url).then(({ entries }) => {
      const waits = new Set(entries.map((row) => cellOf(row)));
      const told = [...answer.marks.map((one) => [ofMark(one), 'm', one.code]), ...answer.attendance.map((one) => [ofAttendance(one), 'a', one.code])];
      for (const [td, what, code] of told) {
        if (!td || waits.has(td)) continue;
        td.dataset[what] = code;
        delete td.dataset.q;
        if (!(buffer && td === current)) draw(td);
      }
    });
  });
  const cellOf = ({ what, part }) => (what === 'marks' ? ofMark(part) : what === 'attendance' ? ofAttendance(part) : null);
  const name = (row) => { const td = cellOf(row); return td ? placeName(td) : row.what === 'columns' ? headOf(row.part.uid)?.dataset.on || '' : ''; };
  const drop = (row) => {
    const td = cellOf(row), fault = row.fault || {};
    if (!td || !('theirs' in fault) || 'comment' in row.part) { location.reload(); return; }
    if (row.what === 'marks') { td.dataset.m = fault.theirs; td.dataset.v = fault.version; } else { td.dataset.a = fault.theirs; td.dataset.av = fault.version; }
    delete td.dataset.q;
    draw(td);
    settled(row);
  };
  const settled = (row) => { const td = cellOf(row); if (td) { faults.delete(td); if (td.dataset.q === 'clash') delete td.dataset.q; } note.hidden = true; listFaults(); };
  /* What is refused is said beside its cell, when one stands on it; above the grid stands where that is. */
  const note = document.createElement('div');
  note.className = 'cell-note stack tight';
  note.hidden = true;
  scroll.append(note);
  const sayFault = (td) => {
    const list = faults.get(td);
    note.hidden = !list;
    if (!list) return;
    outbox.decide(note, list, { name, redo: settled, drop });
    const [at, frame] = [td.getBoundingClientRect(), scroll.getBoundingClientRect()];
    note.style.insetBlockStart = `${at.bottom - frame.top + scroll.scrollTop + 4}px`;
    note.style.insetInlineStart = `${Math.max(8, Math.min(at.left - frame.left, scroll.clientWidth - note.offsetWidth - 8)) + scroll.scrollLeft}px`;
  };
  const listFaults = () => {
    const list = box.querySelector('[data-faults]') || document.createElement('p');
    list.dataset.faults = '';
    list.className = 'notice bad';
    list.textContent = '';
    if (!faults.size) { list.remove(); return; }
    const line = document.createElement('span');
    line.append(words.faults + ' ');
    for (const td of faults.keys()) {
      const button = document.createElement('button');
      button.type = 'button'; button.className = 'btn quiet'; button.textContent = placeName(td);
      button.addEventListener('click', () => { const [r, c] = place(td); focus(r, c); });
      line.append(button);
    }
    list.append(line);
    box.append(list);
  };
  const show = (failed) => {
    faults.clear();
    for (const td of grid.querySelectorAll('[data-q="clash"]')) delete td.dataset.q;
    for (const row of failed) {
      const td = cellOf(row);
      if (!td) continue;
      faults.set(td, [...(faults.get(td) || []), row]);
      td.dataset.q = 'clash';
    }
    outbox.decide(box, failed.filter((row) => !cellOf(row)), { name, redo: () => {}, drop });
    listFaults();
    const first = current && faults.has(current) ? current : faults.keys().next().value;
    if (first) sayFault(first); else note.hidden = true;
  };
  document.addEventListener('classbook:failed', (event) => { if (event.detail.url === url) outbox.pending(url).then(({ failed }) => show(failed)); });
  const restore = (row) => {
    const { what, part } = row, td = cellOf(row);
    if (what === 'columns') { const h = headOf(part.uid); if (h) { h.dataset.made = '1'; takeColumn(h, part); } else addColumn(part); }
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
