/* The lesson: one key or one tap a pupil; everything is kept on the device at once and sent in the background. */
'use strict';
(() => {
  const form = document.querySelector('[data-lesson]');
  if (!form || 'locked' in form.dataset) return;
  const { keys, outbox } = Classbook;
  const url = form.dataset.save, lesson = form.dataset.lesson, begun = 'begun' in form.dataset;
  const rows = [...form.querySelectorAll('.roll li')];
  const inputs = [...form.querySelectorAll('.mark-in')];
  const perRow = rows.length ? inputs.length / rows.length : 1;
  const box = document.querySelector('[data-decisions]');
  const kind = form.querySelector('#kind');
  const versions = { lesson: Number(form.dataset.version) };
  const undo = [];
  const rowOf = (element) => element.closest('li');
  const studentOf = (element) => rowOf(element).dataset.student;
  const nameOf = (student) => (rows.find((row) => row.dataset.student === student) || form).querySelector('.who b')?.textContent || '';
  const radio = (row, code) => [...row.querySelectorAll('.att input')].find((one) => one.value === code);
  const checked = (row) => row.querySelector('.att input:checked')?.value || '';
  const shownMark = new Map(inputs.map((input) => [input, input.value]));
  const shownAtt = new Map(rows.map((row) => [row, checked(row)]));

  const sums = () => {
    const codes = rows.map(checked);
    const count = (wanted) => codes.filter((code) => keys.kindOf(code) === wanted).length;
    form.querySelector('[data-sums]').textContent = outbox.fill(outbox.words.sums, {
      pupils: rows.length, absent: count('absent'), late: count('late'), marks: inputs.filter((input) => input.value.trim() && 'column' in input.dataset).length });
  };

  /* Columns that do not exist yet are made with the first mark. */
  const newColumn = (column) => {
    if (!kind || kind.dataset.column !== column || kind.dataset.made) return [];
    kind.dataset.made = '1';
    return [{ url, what: 'columns', part: { uid: column, lesson, seen: 0, work_kind: kind.value } }];
  };
  const mark = (input, code, remember = true) => {
    const before = shownMark.get(input);
    if (!('column' in input.dataset) || !begun || code === before) { input.value = before ?? ''; return; }
    if (remember) undo.push([['mark', input, before]]);
    shownMark.set(input, code);
    input.value = code;
    outbox.enter([...newColumn(input.dataset.column), { url, what: 'marks', part: { student: studentOf(input), column: input.dataset.column, code, seen: Number(input.dataset.v) } }]);
    sums();
  };
  const attend = (row, code, remember = true) => {
    const before = shownAtt.get(row);
    const target = radio(row, code);
    if (!target || !begun || code === before) { if (!begun) radio(row, before).checked = true; return; }
    if (remember) undo.push([['att', row, before]]);
    shownAtt.set(row, code);
    target.checked = true;
    outbox.enter([{ url, what: 'attendance', part: { student: row.dataset.student, lesson, code, seen: Number(row.dataset.attv) } }]);
    sums();
  };
  const lessonPart = (part) => outbox.enter([{ url, what: 'lesson', part: { uid: lesson, seen: versions.lesson, ...part } }]);

  /* ── keyboard ────────────────────────────────────────────────────────── */
  const go = (input, step) => { const next = inputs[inputs.indexOf(input) + step]; if (next) { next.focus(); next.select(); } };
  const apply = (input, meaning) => {
    if ('mark' in meaning) { mark(input, meaning.mark); return true; }
    attend(rowOf(input), meaning.attendance);
    return keys.kindOf(meaning.attendance) !== 'late';   /* a late pupil may still get a mark */
  };
  let buffer = '';
  const commit = (input) => {
    if (!buffer) return;
    const meaning = keys.finish(buffer);
    buffer = '';
    input.value = shownMark.get(input);
    if (meaning) apply(input, meaning);
  };
  const typed = (input, event) => {
    if (event.altKey) {
      const away = keys.ofAlt(event);
      if (!away) return false;
      if (apply(input, { attendance: away.code })) go(input, perRow);
      return true;
    }
    if (event.key === '.' && !buffer) { attend(rowOf(input), ''); go(input, perRow); return true; }
    for (const sign of keys.signs(event)) {
      const meaning = keys.read(buffer + sign);
      if (!meaning) continue;
      if (meaning.wait) { buffer += sign; input.value = buffer; return true; }
      buffer = '';
      input.value = shownMark.get(input);
      if (apply(input, meaning.done)) go(input, perRow);
      return true;
    }
    return event.key.length === 1;
  };
  const takeBack = () => {
    const step = undo.pop();
    for (const [what, target, value] of step || []) {
      if (what === 'mark') { mark(target, value, false); target.focus(); } else { attend(target, value, false); target.querySelector('.mark-in')?.focus(); }
    }
  };
  for (const input of inputs) {
    input.addEventListener('blur', () => { commit(input); });
    input.addEventListener('keydown', (event) => {
      if (event.isComposing) return;
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() !== 'z' && event.code !== 'KeyZ') return;
      if (event.ctrlKey || event.metaKey) takeBack();
      else if (event.key === 'ArrowDown' || event.key === 'Enter') { commit(input); go(input, perRow); }
      else if (event.key === 'ArrowUp') { commit(input); go(input, -perRow); }
      else if (event.key === 'ArrowRight' && perRow > 1) { commit(input); go(input, 1); }
      else if (event.key === 'ArrowLeft' && perRow > 1) { commit(input); go(input, -1); }
      else if (event.key === 'Backspace' || event.key === 'Delete') { if (buffer) { buffer = ''; input.value = shownMark.get(input); } else mark(input, ''); }
      else if (event.key === 'Escape' && buffer) { buffer = ''; input.value = shownMark.get(input); }
      else if (!typed(input, event)) return;
      event.preventDefault();
    });
    /* Without a keyboard event (voice, on-screen keyboards): what stands in the field counts. */
    input.addEventListener('change', () => { const meaning = keys.parse(input.value); if (meaning) apply(input, meaning); else input.value = shownMark.get(input); });
    input.addEventListener('focus', () => { current = input; if (who) who.textContent = nameOf(studentOf(input)); });
  }

  /* ── fields, radios, thumb pad ───────────────────────────────────────── */
  let timer = 0;
  for (const name of ['topic', 'homework']) {
    const area = form.elements[name];
    const send = () => { clearTimeout(timer); if (area.value.trim() !== area.defaultValue.trim()) { area.defaultValue = area.value; lessonPart({ [name]: area.value.trim() }); } };
    area.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(send, 800); });
    area.addEventListener('change', send);
    area.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      send();
      (name === 'topic' ? form.elements.homework : inputs[0] || area).focus();
    });
  }
  form.elements.no_homework.addEventListener('change', (event) => lessonPart({ no_homework: event.target.checked }));
  for (const row of rows) {
    for (const one of row.querySelectorAll('.att input')) one.addEventListener('change', () => attend(row, one.value));
    row.querySelector('.who').addEventListener('click', () => row.querySelector('.mark-in').focus());
  }
  const here = form.querySelector('[data-all-here]');
  if (here) {
    here.hidden = false;
    here.addEventListener('click', () => lessonPart({ register_taken: true }));
  }
  const pad = form.querySelector('[data-pad]');
  const who = form.querySelector('[data-pad-who]');
  let current = null;
  if (pad && matchMedia('(pointer: coarse), (max-width: 47.99rem)').matches) {
    pad.hidden = false;
    for (const input of inputs) input.inputMode = 'none';
    for (const button of pad.querySelectorAll('button')) {
      button.addEventListener('pointerdown', (event) => event.preventDefault());
      button.addEventListener('click', () => {
        const input = current || inputs[0];
        const [what, code] = [button.value[0], button.value.slice(2)];
        const next = what === 'm' ? apply(input, { mark: code }) : what === 'a' ? apply(input, { attendance: code }) : (attend(rowOf(input), ''), true);
        if (next) go(input, perRow);
      });
    }
  }
  form.addEventListener('submit', (event) => event.preventDefault());
  addEventListener('pagehide', () => { document.activeElement?.blur(); });

  /* ── answers ─────────────────────────────────────────────────────────── */
  const input4 = (student, column) => inputs.find((one) => one.dataset.column === column && studentOf(one) === student);
  document.addEventListener('classbook:saved', (event) => {
    if (event.detail.url !== url) return;
    const { answer } = event.detail;
    for (const one of answer.marks) { const input = input4(one.student, one.column); if (input) { input.dataset.v = one.version; if (document.activeElement !== input) { shownMark.set(input, one.code); input.value = one.code; } } }
    for (const one of answer.attendance) { const row = rows.find((r) => r.dataset.student === one.student); if (row) row.dataset.attv = one.version; }
    if (answer.lesson) versions.lesson = answer.lesson.version;
  });
  const name = (row) => (row.part.student ? nameOf(row.part.student) : form.querySelector('label[for=topic]').textContent);
  const show = (failed) => outbox.decide(box, failed, {
    name,
    redo: () => {},
    drop: (row) => {
      const fault = row.fault || {};
      if (row.what === 'marks') { const input = input4(row.part.student, row.part.column); if (input) { shownMark.set(input, fault.theirs ?? input.dataset.was); input.value = shownMark.get(input); input.dataset.v = fault.version ?? input.dataset.v; } }
      if (row.what === 'attendance') { const li = rows.find((r) => r.dataset.student === row.part.student); if (li) { const code = fault.theirs ?? ''; li.dataset.attv = fault.version ?? li.dataset.attv; shownAtt.set(li, code); radio(li, code).checked = true; } }
      if (row.what === 'lesson') location.reload();
      sums();
    },
  });
  document.addEventListener('classbook:failed', (event) => { if (event.detail.url === url) outbox.pending(url).then(({ failed }) => show(failed)); });

  /* Entries that an earlier visit left waiting stand on the page as they were typed. */
  outbox.pending(url).then(({ entries, failed }) => {
    for (const { what, part } of entries) {
      if (what === 'marks') { const input = input4(part.student, part.column); if (input) { shownMark.set(input, part.code); input.value = part.code; } }
      if (what === 'attendance') { const row = rows.find((r) => r.dataset.student === part.student); if (row) { shownAtt.set(row, part.code); radio(row, part.code).checked = true; } }
      if (what === 'lesson') for (const field of ['topic', 'homework']) if (field in part) { form.elements[field].value = part[field]; form.elements[field].defaultValue = part[field]; }
    }
    show(failed);
    sums();
  });
  if (!form.elements.topic.value) form.elements.topic.focus();
})();
