/* The journal's left page: its cells, what stands in them, and how a change goes into the queue. What opens over the page is
   in journal-windows.js, keys and answers in journal-keys.js. */
'use strict';
window.Classbook = window.Classbook || {};
Classbook.journal = (() => {
  const grid = document.querySelector('[data-grid]');
  if (!grid) return null;
  const { outbox, ask, averages } = Classbook;
  const words = document.getElementById('journal-words').dataset;
  const url = grid.dataset.save, mayWrite = 'write' in grid.dataset, marked = 'marked' in grid.dataset;
  const heads = [...grid.querySelectorAll('thead tr:last-child th')];
  const rows = [...grid.querySelectorAll('tbody tr')].map((tr) => [...tr.querySelectorAll('td[tabindex]')]);
  const scroll = grid.closest('.scroll');
  const bar = { who: document.querySelector('[data-bar-who]'), on: document.querySelector('[data-bar-on]'), what: document.querySelector('[data-bar-what]') };
  const undo = [];
  /* `current`: the cell that is chosen. `buffer`: signs of a mark that is not finished. */
  const state = { current: null, buffer: '' };

  const place = (td) => { const r = rows.findIndex((row) => row[0].parentElement === td.parentElement); return [r, rows[r].indexOf(td)]; };
  const student = (td) => td.parentElement.dataset.student;
  const head = (td) => heads[place(td)[1]];
  const nameOf = (td) => { const { cells: [name] } = td.parentElement; return name.lastChild.textContent.trim() || name.textContent; };
  const placeName = (td) => `${nameOf(td)}, ${head(td).dataset.on}`;
  const readonly = (td) => !mayWrite || td.getAttribute('aria-readonly') === 'true' || 'future' in head(td).dataset;

  /* ── drawing ─────────────────────────────────────────────────────────── */
  const average = (row) => averages.settle(row[0].parentElement.querySelector('[data-avg]'), row, heads);
  const draw = (td) => {
    const { m, a } = td.dataset;
    td.textContent = m || a;
    if (m && a) { const small = document.createElement('small'); small.textContent = a; td.append(small); }
    td.classList.toggle('ab', Boolean(a && !m));
    if (!('s' in td.dataset)) td.classList.toggle('lo', Boolean(m && averages.meaning(m)?.low));
    average(rows[place(td)[0]]);
  };
  const focus = (r, c) => {
    const td = rows[r]?.[c];
    if (!td) return;
    td.focus();
    const { cells: [name] } = td.parentElement;
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
      delete td.dataset.s;
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
    if (state.current) describe(state.current);
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
  const takeBack = () => {
    const step = undo.pop();
    if (!step) return;
    write(step, { remember: false });
    step[0][0].focus();
  };
  const fillDown = (td) => {
    const [r, c] = place(td);
    if (r === 0) return;
    const above = rows[r - 1][c];
    const meaning = above.dataset.m ? { mark: above.dataset.m } : { attendance: above.dataset.a };
    write([[td, meaning]], { next: [r + 1, c] });
    focus(r + 1, c);
  };

  /* ── columns ─────────────────────────────────────────────────────────── */
  const kindOf = (code) => [...document.querySelectorAll('[data-column-dialog] select option')].find((one) => one.value === code);
  const drawHead = (h) => {
    h.querySelector('small').textContent = h.dataset.weight === '1' ? '' : '×' + h.dataset.weight;
    h.title = [h.dataset.label, h.dataset.comment].filter(Boolean).join(' ');
    h.toggleAttribute('data-c', Boolean(h.dataset.comment));
  };
  const takeColumn = (h, part) => {
    const option = kindOf(part.work_kind);
    Object.assign(h.dataset, { kind: part.work_kind, title: part.title, weight: part.weight || option?.dataset.weight || '1', comment: part.comment, label: part.title || option?.dataset.name || '', chosen: '1' });
    const free = part.counts === false || (part.counts === undefined && option?.dataset.free !== undefined);
    if (free) h.dataset.free = ''; else delete h.dataset.free;
    drawHead(h);
    rows.forEach(average);
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

  return { grid, url, words, heads, rows, scroll, mayWrite, marked, undo, state, place, student, head, placeName, nameOf, readonly, draw, focus, describe, set, allowed,
    differs, write, clear, takeBack, fillDown, takeColumn, addColumn };
})();
