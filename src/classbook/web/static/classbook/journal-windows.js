/* What opens over the journal's left page: a cell's history, a mark's comment, a column, what is about to be pasted. */
'use strict';
(() => {
  const { journal, keys, outbox } = Classbook;
  if (!journal) return;
  const { grid, url, words, rows, mayWrite, marked, state, place, student, head, placeName, readonly } = journal;
  const back = () => state.current?.focus();

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
  panel.querySelector('[data-panel-close]').addEventListener('click', () => { panel.close(); back(); });
  /* A window with fields. `accept` answers false to keep it open, or what to do when it is closed: the next key belongs
     there already. */
  const form = (dialog, accept) => {
    dialog.querySelector('form').onsubmit = (event) => {
      event.preventDefault();
      const then = accept();
      if (then === false) return;
      dialog.close();
      if (then) then(); else back();
    };
    dialog.querySelector('[data-cancel]').onclick = () => { dialog.close(); back(); };
    dialog.showModal();
  };

  /* ── a mark's comment ────────────────────────────────────────────────── */
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
      const said = { mark: td.dataset.m, comment: field.value.trim(), counts: !free.checked };
      if ([said.comment, free.checked].join() === was) return undefined;
      return () => { back(); journal.write([[td, said]]); };
    });
    field.focus();
  };

  /* ── a column ────────────────────────────────────────────────────────── */
  const fieldOf = (name) => columnDialog.querySelector(`[name="col-${name}-one"]`);
  const badWeight = (text) => text !== '' && !(/^\d{1,3}([.,]\d{1,2})?$/.test(text) && Number(text.replace(',', '.')) <= 100);
  const takeKind = () => {
    const { weight, free } = fieldOf('kind').selectedOptions[0].dataset;
    fieldOf('weight').value = weight;
    fieldOf('free').checked = free !== undefined;
  };
  columnDialog?.querySelector('select').addEventListener('change', takeKind);
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
      if (makes) { const [r] = place(td), c = journal.addColumn(part); return () => journal.focus(r, c); }
      h.dataset.made = '1';
      journal.takeColumn(h, part);
      journal.describe(td);
      return undefined;
    });
    fieldOf('kind').focus();
  };

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
      else if (!journal.allowed(target, meaning)) bad.push([`${placeName(target)}: ${text}`, words.shut]);
      else changes.push([target, meaning]);
    }));
    const real = changes.filter(([one, meaning]) => journal.differs(one, meaning));
    const valueOf = (one, meaning) => ('mark' in meaning ? [one.dataset.m, meaning.mark] : [one.dataset.a, meaning.attendance]);
    const told = real.map(([one, meaning]) => { const [was, now] = valueOf(one, meaning); return `${placeName(one)}: ${was ? was + ' → ' : ''}${now || '–'}`; });
    if (bad.length) open(outbox.fill(outbox.words.badCells, { n: bad.length, cells: '' }), shortened(bad));
    else if (real.length) open(outbox.fill(outbox.words.paste, { n: real.length }), shortened(told), () => { journal.write(real); td.focus(); });
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

  Object.assign(journal, { comment, column, history });
})();
