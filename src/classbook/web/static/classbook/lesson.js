/* The lesson: one key or one tap a pupil; everything is kept on the device at once and sent in the background. */
'use strict';
(() => {
  const form = document.querySelector('[data-lesson]');
  if (!form || 'locked' in form.dataset) return;
  const { keys, outbox, ask, pad } = Classbook;
  const url = form.dataset.save, lesson = form.dataset.lesson, begun = 'begun' in form.dataset, late = 'late' in form.dataset;
  const words = document.getElementById('lesson-words').dataset;
  const roll = form.querySelector('.roll');
  const rows = [...roll.children];
  const box = document.querySelector('[data-decisions]');
  const versions = { lesson: Number(form.dataset.version) };
  const undo = [];
  let current = null, active = 0, buffer = '';

  const inputs = () => [...roll.querySelectorAll('.mark-in')];
  const inputsOf = (row) => [...row.querySelectorAll('.mark-in')];
  const rowOf = (element) => element.closest('li');
  const rowWith = (student) => rows.find((row) => row.dataset.student === student);
  const nameOf = (row) => row.querySelector('.who b').textContent;
  const cellOf = (student, column) => inputs().find((one) => one.dataset.column === column && rowOf(one).dataset.student === student);
  const radio = (row, code) => [...row.querySelectorAll('.att input')].find((one) => one.value === code);
  const checked = (row) => row.querySelector('.att input:checked')?.value || '';
  const isLate = (row) => ['late', 'left_early'].includes(keys.kindOf(checked(row)));
  const shownMark = new Map(inputs().map((input) => [input, input.value]));
  const shownAtt = new Map(rows.map((row) => [row, checked(row)]));
  const lateField = (row) => row.querySelector('[data-late] input');
  const sayOf = (input) => rowOf(input).querySelector(`[data-say="${input.dataset.column}"]`);

  const sums = () => {
    const codes = rows.map(checked);
    const count = (wanted) => codes.filter((code) => keys.kindOf(code) === wanted).length;
    form.querySelector('[data-sums]').textContent = outbox.fill(outbox.words.sums, {
      pupils: rows.length, absent: count('absent'), late: count('late'), marks: inputs().filter((input) => input.value.trim() && 'column' in input.dataset).length });
  };
  /* What a row holds besides its marks, and which of its fields make sense now. */
  const settleRow = (row) => {
    const minutes = lateField(row);
    if (minutes) minutes.closest('[data-late]').hidden = !isLate(row);
    let said = Boolean(row.querySelector('.row-say p'));
    for (const input of inputsOf(row)) {
      const say = 'column' in input.dataset && sayOf(input);
      if (!say) continue;
      const [comment, free] = say.querySelectorAll('input'), marked = Boolean(shownMark.get(input));
      comment.disabled = free.disabled = !marked;
      input.toggleAttribute('data-c', marked && Boolean(comment.value));
      input.toggleAttribute('data-free', marked && free.checked);
      said ||= marked && (Boolean(comment.value) || free.checked);
    }
    const after = isLate(row) && minutes?.value;
    let note = row.querySelector('[data-late-note]');
    if (after && !note) { note = document.createElement('em'); note.dataset.lateNote = ''; row.querySelector('.who small').append(note); }
    if (note) { note.hidden = !after; note.textContent = after ? outbox.fill(words.late, { n: minutes.value }) : ''; }
    row.querySelector('.row-more summary').toggleAttribute('data-said', said || Boolean(after));
  };

  /* ── writing ─────────────────────────────────────────────────────────── */
  /* An old entry changes with a reason. Goes on at once when none is asked for; `otherwise` when the person thinks better of it. */
  const withReason = (isCorrection, write, otherwise) => {
    if (!late || !isCorrection) { write({}); return; }
    ask.reason().then((reason) => { if (reason === null) otherwise(); else write({ reason }); });
  };
  const columns = () => [...form.querySelectorAll('[data-columns] > li')];
  const columnOf = (uid) => columns().find((li) => li.dataset.column === uid);
  const fieldOf = (place, name) => place.querySelector(`[name^="col-${name}-"]`);
  const columnPart = (li, uid = li.dataset.column) => ({
    uid, lesson, seen: Number(li.dataset.cv || 0), work_kind: fieldOf(li, 'kind').value, title: fieldOf(li, 'title').value.trim(),
    weight: fieldOf(li, 'weight').value.trim(), counts: !fieldOf(li, 'free').checked, comment: fieldOf(li, 'say').value.trim() });
  /* Columns that do not exist yet are made with the first mark. */
  const newColumn = (uid) => {
    const li = columnOf(uid);
    if (!li || li.dataset.cv !== '0' || li.dataset.made) return [];
    li.dataset.made = '1';
    return [{ url, what: 'columns', part: columnPart(li) }];
  };
  const mark = (input, code, remember = true) => {
    const before = shownMark.get(input);
    if (!('column' in input.dataset) || !begun || code === before) { input.value = before ?? ''; return; }
    input.value = code;
    withReason(Boolean(before), (reason) => {
      if (remember) undo.push(['mark', input, before]);
      shownMark.set(input, code);
      input.value = code;
      if (!code) { const [comment, free] = sayOf(input).querySelectorAll('input'); comment.value = ''; free.checked = false; }
      const said = code ? {} : { comment: '', counts: true };
      outbox.enter([...newColumn(input.dataset.column), { url, what: 'marks', part: { student: rowOf(input).dataset.student, column: input.dataset.column, code, seen: Number(input.dataset.v), ...said, ...reason } }]);
      settleRow(rowOf(input));
      sums();
      if ('reason' in reason) go(input, 1);
    }, () => { input.value = before; });
  };
  const say = (input) => {
    const code = shownMark.get(input);
    if (!code) return;
    const [comment, free] = sayOf(input).querySelectorAll('input');
    const was = [comment.defaultValue, free.defaultChecked];
    withReason(true, (reason) => {
      comment.defaultValue = comment.value.trim(); free.defaultChecked = free.checked;
      outbox.enter([{ url, what: 'marks', part: { student: rowOf(input).dataset.student, column: input.dataset.column, code, seen: Number(input.dataset.v), comment: comment.value.trim(), counts: !free.checked, ...reason } }]);
      settleRow(rowOf(input));
    }, () => { [comment.value, free.checked] = was; });
  };
  const attend = (row, code, remember = true) => {
    const before = shownAtt.get(row);
    const target = radio(row, code);
    if (!target || !begun || code === before) { if (radio(row, before)) radio(row, before).checked = true; return; }
    target.checked = true;
    withReason(Boolean(before), (reason) => {
      if (remember) undo.push(['att', row, before]);
      shownAtt.set(row, code);
      target.checked = true;
      if (lateField(row)) lateField(row).value = '';
      outbox.enter([{ url, what: 'attendance', part: { student: row.dataset.student, lesson, code, minutes: null, seen: Number(row.dataset.attv), ...reason } }]);
      settleRow(row);
      sums();
    }, () => { radio(row, before).checked = true; });
  };
  const sayLate = (row) => {
    const field = lateField(row), value = field.value.trim(), code = checked(row);
    const bad = value && (!/^\d{1,3}$/.test(value) || Number(value) > 600);
    field.setAttribute('aria-invalid', String(Boolean(bad)));
    if (bad || !isLate(row)) return;
    outbox.enter([{ url, what: 'attendance', part: { student: row.dataset.student, lesson, code, minutes: value ? Number(value) : null, seen: Number(row.dataset.attv) } }]);
    settleRow(row);
  };
  const lessonPart = (part) => outbox.enter([{ url, what: 'lesson', part: { uid: lesson, seen: versions.lesson, ...part } }]);

  /* ── columns ─────────────────────────────────────────────────────────── */
  const badWeight = (text) => text !== '' && !(/^\d{1,3}([.,]\d{1,2})?$/.test(text) && Number(text.replace(',', '.')) <= 100);
  const heads = form.querySelector('[data-heads]');
  const kindName = (li) => fieldOf(li, 'kind').selectedOptions[0]?.dataset.name || '';
  const drawHeads = () => {
    if (!heads) return;
    const all = columns(), place = heads.querySelector('.marks');
    heads.hidden = all.length < 2;
    roll.classList.toggle('several', all.length > 1);
    place.textContent = '';
    all.forEach((li, n) => {
      const head = document.createElement('button'), number = document.createElement('b'), label = document.createElement('span'), weight = document.createElement('small');
      head.type = 'button'; head.className = 'head'; head.setAttribute('aria-pressed', String(n === active));
      number.textContent = n + 1;
      label.textContent = fieldOf(li, 'title').value || kindName(li);
      weight.textContent = fieldOf(li, 'free').checked ? '–' : '×' + fieldOf(li, 'weight').value;
      head.title = [kindName(li), fieldOf(li, 'title').value, fieldOf(li, 'free').checked ? words.free : '', fieldOf(li, 'say').value].filter(Boolean).join(', ');
      head.append(number, label, weight);
      head.addEventListener('click', () => { choose(n); const row = current ? rowOf(current) : rows[0]; if (row) inputsOf(row)[n].focus(); });
      place.append(head);
    });
  };
  const choose = (n) => {
    if (n === active && roll.classList.contains('picked')) return;
    active = n;
    roll.classList.add('picked');
    for (const row of rows) inputsOf(row).forEach((input, place) => input.toggleAttribute('data-on', place === n));
    heads?.querySelectorAll('.head').forEach((head, place) => head.setAttribute('aria-pressed', String(place === n)));
  };
  const sendColumn = (li) => {
    const weight = fieldOf(li, 'weight');
    weight.setAttribute('aria-invalid', String(badWeight(weight.value.trim())));
    if (badWeight(weight.value.trim())) { weight.setCustomValidity(words.weight); weight.reportValidity(); return; }
    weight.setCustomValidity('');
    li.dataset.made = '1';
    drawHeads();
    outbox.enter([{ url, what: 'columns', part: columnPart(li) }]);
  };
  const takeKind = (place) => {
    const { weight, free } = fieldOf(place, 'kind').selectedOptions[0].dataset;
    fieldOf(place, 'weight').value = weight;
    fieldOf(place, 'free').checked = free !== undefined;
  };
  const wireColumn = (li) => li.addEventListener('change', (event) => { if (event.target.matches('select')) takeKind(li); sendColumn(li); });
  const renamed = (root, pairs) => {
    for (const element of [root, ...root.querySelectorAll('*')]) {
      for (const name of ['name', 'id', 'for', 'aria-describedby']) {
        const value = element.getAttribute(name);
        if (value) element.setAttribute(name, pairs.reduce((text, [from, to]) => text.replace(from, to), value));
      }
    }
    return root;
  };
  /* A further column stands on the page at once, as it will after the next load. */
  const addColumn = (part) => {
    const [columnParts, sayParts] = document.getElementById('column-parts').content.children;
    const li = renamed(columnParts.cloneNode(true), [[/-X$/, '-' + part.uid]]), n = columns().length + 1;
    li.dataset.column = part.uid;
    li.dataset.cv = '0';
    li.dataset.made = '1';
    li.querySelector('.col-no').textContent = n;
    li.querySelector('summary .vh').textContent = `${words.more}: ${n}`;
    fieldOf(li, 'kind').setAttribute('aria-label', outbox.fill(words.kind, { n }));
    form.querySelector('[data-columns]').append(li);
    fill(li, part);
    for (const row of rows) {
      const first = inputsOf(row)[0], input = document.createElement('input');
      Object.assign(input, { className: 'mark-in', name: `mark-${part.uid}-${row.dataset.student}`, maxLength: 12, autocomplete: 'off', placeholder: ' ', readOnly: first.readOnly, inputMode: first.inputMode });
      Object.assign(input.dataset, { column: part.uid, v: '0', was: '' });
      input.setAttribute('aria-label', `${outbox.fill(words.mark, { name: nameOf(row) })} ${n}`);
      row.querySelector('.marks').append(input);
      const fields = renamed(sayParts.cloneNode(true), [[/-X-Y$/, `-${part.uid}-${row.dataset.student}`]]);
      fields.dataset.say = part.uid;
      fields.querySelector('label').textContent = outbox.fill(words.say, { n });
      const says = [...row.querySelectorAll('[data-say]')];
      says[says.length - 1].after(fields);
      shownMark.set(input, '');
      wire(input);
      wireSay(input);
      settleRow(row);
    }
    wireColumn(li);
    drawHeads();
  };
  const fill = (li, part) => {
    fieldOf(li, 'kind').value = part.work_kind;
    fieldOf(li, 'title').value = part.title || '';
    fieldOf(li, 'weight').value = part.weight || '';
    fieldOf(li, 'free').checked = part.counts === false;
    fieldOf(li, 'say').value = part.comment || '';
  };
  const fresh = form.querySelector('[data-new-column]');
  const makeColumn = () => {
    const said = fresh.querySelector('[data-new-error]'), weight = fieldOf(fresh, 'weight').value.trim();
    said.hidden = !badWeight(weight);
    if (badWeight(weight)) { said.textContent = words.weight; fieldOf(fresh, 'weight').focus(); return; }
    const part = columnPart(fresh, crypto.randomUUID());
    /* The lesson's first column has been promised to the page: it is made first, so that it keeps its place. */
    const [first] = columns();
    const before = first.dataset.cv === '0' && !first.dataset.made ? newColumn(first.dataset.column) : [];
    addColumn(part);
    outbox.enter([...before, { url, what: 'columns', part: { ...part, seen: 0 } }]);
    fresh.open = false;
    for (const name of ['title', 'say']) fieldOf(fresh, name).value = '';
    const n = columns().length - 1;
    choose(n);
    const row = current ? rowOf(current) : rows[0];
    if (row) inputsOf(row)[n].focus();
  };
  for (const li of columns()) wireColumn(li);
  if (fresh) {
    takeKind(fresh);
    fieldOf(fresh, 'kind').addEventListener('change', () => takeKind(fresh));
    fresh.querySelector('button').type = 'button';
    fresh.querySelector('button').addEventListener('click', makeColumn);
    fresh.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && event.target.matches('input')) { event.preventDefault(); makeColumn(); }
      if (event.key === 'Escape') { fresh.open = false; (current || fresh.querySelector('summary')).focus(); }
    });
  }
  const askColumn = () => { if (fresh) { fresh.open = true; fieldOf(fresh, 'kind').focus(); } };

  /* ── keyboard ────────────────────────────────────────────────────────── */
  const go = (input, down, across = 0) => {
    const row = rowOf(input), next = rows[rows.indexOf(row) + down];
    const target = next && inputsOf(next)[inputsOf(row).indexOf(input) + across];
    if (target) { target.focus(); target.select(); }
  };
  const apply = (input, meaning) => {
    if ('mark' in meaning) { mark(input, meaning.mark); return true; }
    attend(rowOf(input), meaning.attendance);
    return keys.kindOf(meaning.attendance) !== 'late';   /* a late pupil may still get a mark */
  };
  /* Ends what was begun; false: the pupil may still get something. */
  const commit = (input) => {
    if (!buffer) return true;
    const meaning = keys.finish(buffer);
    buffer = '';
    input.value = shownMark.get(input);
    return meaning ? apply(input, meaning) : true;
  };
  const openMore = (row) => {
    const more = row.querySelector('.row-more'), minutes = lateField(row);
    more.open = true;
    const fields = [isLate(row) && !minutes?.value && minutes, row.querySelector(`[data-say="${(current || inputsOf(row)[0]).dataset.column}"] input:enabled`), minutes && isLate(row) && minutes, more.querySelector('a'), more.querySelector('summary')];
    fields.find(Boolean).focus();
  };
  const typed = (input, event) => {
    if (!buffer && ask.isCommand(event, 'c')) { openMore(rowOf(input)); return true; }
    if (!buffer && ask.isCommand(event, 'r')) { rowOf(input).querySelector('[data-remark-for]')?.click(); return true; }
    if (event.altKey) {
      const away = keys.ofAlt(event);
      if (!away) return false;
      if (apply(input, { attendance: away.code })) go(input, 1);
      return true;
    }
    if (event.key === '.' && !buffer) { attend(rowOf(input), ''); go(input, 1); return true; }
    if (event.key === '+' && !buffer && fresh && !keys.read('+')) { askColumn(); return true; }
    for (const sign of keys.signs(event)) {
      const meaning = keys.read(buffer + sign);
      if (!meaning) continue;
      if (meaning.wait) { buffer += sign; input.value = buffer; return true; }
      buffer = '';
      input.value = shownMark.get(input);
      if (apply(input, meaning.done)) go(input, 1);
      return true;
    }
    return event.key.length === 1;
  };
  const takeBack = () => {
    const [what, target, value] = undo.pop() || [];
    if (what === 'mark') { mark(target, value, false); target.focus(); }
    if (what === 'att') { attend(target, value, false); inputsOf(target)[active]?.focus(); }
  };
  const onKey = (input, event) => {
    if (event.isComposing) return;
    const command = event.ctrlKey || event.metaKey, isZ = event.key.toLowerCase() === 'z' || event.code === 'KeyZ';
    if (command && !isZ) return;
    if (command) takeBack();
    else if (event.key === 'F2' && event.shiftKey) { commit(input); openMore(rowOf(input)); }
    else if (event.key === 'Enter') { if (commit(input)) go(input, 1); }
    else if (event.key === 'ArrowDown') { commit(input); go(input, 1); }
    else if (event.key === 'ArrowUp') { commit(input); go(input, -1); }
    else if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') { commit(input); go(input, 0, event.key === 'ArrowRight' ? 1 : -1); }
    else if (event.key === 'Backspace' || event.key === 'Delete') { if (buffer) { buffer = ''; input.value = shownMark.get(input); } else mark(input, ''); }
    else if (event.key === 'Escape' && buffer) { buffer = ''; input.value = shownMark.get(input); }
    else if (!typed(input, event)) return;
    event.preventDefault();
  };
  function wire(input) {
    input.addEventListener('blur', () => { commit(input); });
    input.addEventListener('keydown', (event) => onKey(input, event));
    /* Without a keyboard event (voice, on-screen keyboards): what stands in the field counts. */
    input.addEventListener('change', () => { const meaning = keys.parse(input.value); if (meaning) apply(input, meaning); else input.value = shownMark.get(input); });
    input.addEventListener('focus', () => {
      current = input;
      choose(inputsOf(rowOf(input)).indexOf(input));
      for (const row of rows) row.toggleAttribute('data-now', row === rowOf(input));
      pad.say(nameOf(rowOf(input)));
    });
  }
  function wireSay(input) {
    sayOf(input)?.addEventListener('change', () => say(input));
  }

  /* ── fields, radios, thumb pad ───────────────────────────────────────── */
  let timer = 0;
  const homework = () => ({ homework: form.elements.homework.value.trim(), homework_minutes: form.elements.homework_minutes.value.trim() || null });
  for (const name of ['topic', 'homework']) {
    const area = form.elements[name];
    const send = () => { clearTimeout(timer); if (area.value.trim() !== area.defaultValue.trim()) { area.defaultValue = area.value; lessonPart(name === 'topic' ? { topic: area.value.trim() } : homework()); } };
    area.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(send, 800); });
    area.addEventListener('change', send);
    area.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      send();
      (name === 'topic' ? form.elements.homework : inputs()[0] || area).focus();
    });
  }
  form.elements.homework_minutes.addEventListener('change', (event) => { if (event.target.checkValidity()) lessonPart(homework()); });
  form.elements.no_homework.addEventListener('change', (event) => lessonPart({ no_homework: event.target.checked }));
  for (const row of rows) {
    const more = row.querySelector('.row-more');
    for (const one of row.querySelectorAll('.att input')) one.addEventListener('change', () => attend(row, one.value));
    row.querySelector('.who').addEventListener('click', () => inputsOf(row)[active].focus());
    lateField(row)?.addEventListener('change', () => sayLate(row));
    more.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' && !(event.key === 'Enter' && event.target.matches('input'))) return;
      event.preventDefault();
      event.target.blur();
      more.open = false;
      inputsOf(row)[active].focus();
    });
  }
  for (const input of inputs()) { wire(input); wireSay(input); }
  const here = form.querySelector('[data-all-here]');
  if (here) {
    here.hidden = false;
    here.addEventListener('click', () => { here.disabled = true; lessonPart({ register_taken: true }); });
  }
  const press = (input, what, code) => {
    if (what === 'm') return apply(input, { mark: code });
    if (what === 'a') return apply(input, { attendance: code });
    if (what === 'p') attend(rowOf(input), '');
    else if (what === 'd') mark(input, '');
    else if (what === 'c') openMore(rowOf(input));
    return what === 'p';
  };
  if (pad.isUsed && rows.length) {
    pad.place.hidden = false;
    form.classList.add('by-thumb');
    for (const input of inputs()) input.inputMode = keys.given.points ? 'decimal' : 'none';
    pad.wire((what, code) => {
      const input = current || inputs()[0];
      if (what === 'w') { current?.scrollIntoView({ block: 'nearest' }); return; }
      if (press(input, what, code)) go(input, 1);
      else if (current !== input) input.focus();
    });
  }
  form.addEventListener('submit', (event) => event.preventDefault());
  addEventListener('pagehide', () => { document.activeElement?.blur(); });

  /* ── answers ─────────────────────────────────────────────────────────── */
  document.addEventListener('classbook:saved', (event) => {
    if (event.detail.url !== url) return;
    const { answer } = event.detail;
    for (const one of answer.columns || []) { const li = columnOf(one.uid); if (li) li.dataset.cv = one.version; }
    for (const one of answer.marks) { const input = cellOf(one.student, one.column); if (input) input.dataset.v = one.version; }
    for (const one of answer.attendance) { const row = rowWith(one.student); if (row) row.dataset.attv = one.version; }
    for (const one of outbox.lessonsOf(answer)) if (one.uid === lesson) versions.lesson = one.version;
    /* A cell in which something newer waits keeps it; every other one shows what was stored, whichever tab sent it. */
    outbox.pending(url).then(({ entries }) => {
      const waits = new Set(entries.map(({ what, part }) => (what === 'marks' ? cellOf(part.student, part.column) : what === 'attendance' ? rowWith(part.student) : null)));
      for (const one of answer.marks) {
        const input = cellOf(one.student, one.column);
        if (!input || waits.has(input) || (buffer && document.activeElement === input)) continue;
        shownMark.set(input, one.code);
        input.value = one.code;
        settleRow(rowOf(input));
      }
      for (const one of answer.attendance) {
        const row = rowWith(one.student);
        if (!row || waits.has(row) || shownAtt.get(row) === one.code || !radio(row, one.code)) continue;
        shownAtt.set(row, one.code);
        radio(row, one.code).checked = true;
        settleRow(row);
      }
      sums();
    });
  });
  const placeOf = ({ what, part }) => (what === 'lesson' ? null : what === 'columns' ? columnOf(part.uid) : rowWith(part.student));
  const name = ({ what, part }) => {
    if (what === 'columns') return columnOf(part.uid) ? kindName(columnOf(part.uid)) : '';
    return part.student && rowWith(part.student) ? nameOf(rowWith(part.student)) : form.querySelector('label[for=topic]').textContent;
  };
  const drop = (one) => {
    const fault = one.fault || {}, { what, part } = one;
    const input = what === 'marks' && cellOf(part.student, part.column), row = what === 'attendance' && rowWith(part.student);
    /* A comment or minutes that were refused: the page says again what stands. */
    if (what === 'lesson' || what === 'columns' || 'comment' in part || part.minutes) { location.reload(); return; }
    if (input) { shownMark.set(input, fault.theirs ?? input.dataset.was); input.value = shownMark.get(input); input.dataset.v = fault.version ?? input.dataset.v; settleRow(rowOf(input)); }
    if (row) { const code = fault.theirs ?? ''; row.dataset.attv = fault.version ?? row.dataset.attv; shownAtt.set(row, code); radio(row, code).checked = true; settleRow(row); }
    clearFault(one);
    sums();
  };
  const clearFault = ({ what, part }) => { if (what === 'marks') cellOf(part.student, part.column)?.removeAttribute('aria-invalid'); };
  /* What is refused is said beside its cell; the sentence at the top leads there. */
  const show = (failed) => {
    for (const old of form.querySelectorAll('[data-here]')) old.remove();
    for (const input of inputs()) input.removeAttribute('aria-invalid');
    box.textContent = '';
    const places = new Map();
    for (const one of failed) {
      const place = placeOf(one);
      places.set(place, [...(places.get(place) || []), one]);
      if (one.what === 'marks') cellOf(one.part.student, one.part.column)?.setAttribute('aria-invalid', 'true');
    }
    for (const [place, list] of places) {
      const at = document.createElement('div');
      at.className = 'cell-say stack tight'; at.dataset.here = ''; at.dataset.decisions = '';
      (place || box).append(at);
      outbox.decide(at, list, { name, redo: clearFault, drop });
    }
  };
  document.addEventListener('classbook:failed', (event) => { if (event.detail.url === url) outbox.pending(url).then(({ failed }) => show(failed)); });
  document.querySelector('[data-saved]').addEventListener('click', () => form.querySelector('[data-here]')?.scrollIntoView({ block: 'center' }));

  /* Entries that an earlier visit left waiting stand on the page as they were typed. */
  const restore = ({ what, part }) => {
    if (what === 'columns') {
      const li = columnOf(part.uid);
      if (li) { fill(li, part); li.dataset.made = '1'; drawHeads(); } else addColumn(part);
    }
    const input = what === 'marks' && cellOf(part.student, part.column), row = what === 'attendance' && rowWith(part.student);
    if (input) {
      shownMark.set(input, part.code);
      input.value = part.code;
      const [comment, free] = sayOf(input).querySelectorAll('input');
      if ('comment' in part) comment.value = part.comment;
      if ('counts' in part) free.checked = !part.counts;
      settleRow(rowOf(input));
    }
    if (row && radio(row, part.code)) { shownAtt.set(row, part.code); radio(row, part.code).checked = true; if (lateField(row)) lateField(row).value = part.minutes ?? ''; settleRow(row); }
    if (what === 'lesson') for (const field of ['topic', 'homework', 'homework_minutes']) if (field in part) { form.elements[field].value = part[field] ?? ''; form.elements[field].defaultValue = part[field] ?? ''; }
  };
  for (const row of rows) settleRow(row);
  if (rows.length && columns().length) choose(0);
  drawHeads();
  sums();
  outbox.pending(url).then(({ entries, failed }) => {
    const all = [...entries, ...failed.filter((one) => one.what !== 'lesson' && !('theirs' in (one.fault || {})))];
    for (const one of [...all.filter((entry) => entry.what === 'columns'), ...all.filter((entry) => entry.what !== 'columns')]) restore(one);
    show(failed);
    sums();
  });
  if (!form.elements.topic.value) form.elements.topic.focus();
})();
