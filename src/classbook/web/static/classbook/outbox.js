/* The queue of entries: kept on this device before they are sent, sent once, in order, under their own person.

   Two stores of one IndexedDB database per person: "drafts" (what was entered and is not yet part of an operation) and
   "ops" (operations with their id, made before the first send and never changed). What the server refuses goes to
   "failed" and waits for the person's decision. Nothing leaves a store before its successor is stored. */
'use strict';
window.Classbook = window.Classbook || {};
Classbook.outbox = (() => {
  const person = document.body.dataset.person;
  const shared = 'shared' in document.body.dataset;
  const STORES = ['drafts', 'ops', 'failed'];
  const listeners = new Set();
  let state = { name: 'idle', n: 0, at: null, stored: true };
  const tell = (change) => { state = { ...state, ...change }; for (const listen of listeners) listen(state); };

  /* ── storage ─────────────────────────────────────────────────────────── */
  const promised = (request) => new Promise((yes, no) => { request.onsuccess = () => yes(request.result); request.onerror = () => no(request.error); });
  const memory = Object.fromEntries(STORES.map((name) => [name, new Map()]));
  let database = null;
  const opened = (async () => {
    if (!person || shared || !window.indexedDB) { tell({ stored: false }); return; }
    try {
      const request = indexedDB.open('classbook-' + person, 1);
      request.onupgradeneeded = () => { for (const name of STORES) request.result.createObjectStore(name, { keyPath: 'key' }); };
      database = await promised(request);
      if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => {});
    } catch { tell({ stored: false }); }
  })();
  /* One atomic change of the stores; durable before it resolves. */
  const change = async (work) => {
    await opened;
    if (!database) {
      const stores = Object.fromEntries(STORES.map((name) => [name, {
        put: (row) => memory[name].set(row.key, row), delete: (key) => memory[name].delete(key),
        get: async (key) => memory[name].get(key), all: async () => [...memory[name].values()],
      }]));
      return work(stores);
    }
    const transaction = database.transaction(STORES, 'readwrite', { durability: 'strict' });
    const finished = new Promise((yes, no) => { transaction.oncomplete = yes; transaction.onabort = transaction.onerror = () => no(transaction.error); });
    const stores = Object.fromEntries(STORES.map((name) => {
      const store = transaction.objectStore(name);
      return [name, { put: (row) => { store.put(row); }, delete: (key) => { store.delete(key); }, get: (key) => promised(store.get(key)), all: () => promised(store.getAll()) }];
    }));
    const result = await work(stores);
    await finished;
    return result;
  };

  /* ── entering ────────────────────────────────────────────────────────── */
  const keyOf = (url, what, part) => [url, what, part.student || '', what === 'columns' ? part.uid : part.column || part.lesson || part.uid || ''].join('|');
  /* Keep entries: [{url, what: "lesson"|"columns"|"marks"|"attendance", part}]. A newer entry of a cell replaces the older
     one that was not sent yet; the version the person saw stays that of the first. */
  const enter = async (entries) => {
    await change(async (stores) => {
      for (const { url, what, part } of entries) {
        const key = keyOf(url, what, part);
        const before = await stores.drafts.get(key);
        const merged = before ? { ...before.part, ...part, seen: before.part.seen } : part;
        stores.drafts.put({ key, url, what, part: merged, at: Date.now() });
        stores.failed.delete(key);
      }
    });
    await count();
    pump();
  };
  const pending = (url) => change(async (stores) => {
    const drafts = (await stores.drafts.all()).filter((row) => row.url === url);
    const ops = (await stores.ops.all()).filter((row) => row.url === url);
    const failed = (await stores.failed.all()).filter((row) => row.url === url);
    const sent = ops.flatMap((op) => op.rows);
    return { entries: [...sent, ...drafts], failed };
  });
  const settle = async (key) => { await change(async (stores) => stores.failed.delete(key)); await count(); };

  const count = async () => {
    const [waiting, failed] = await change(async (stores) => {
      const ops = await stores.ops.all();
      return [(await stores.drafts.all()).length + ops.reduce((sum, op) => sum + op.rows.length, 0), (await stores.failed.all()).length];
    });
    tell({ n: waiting, failed });
    return waiting;
  };

  /* ── sending ─────────────────────────────────────────────────────────── */
  const cookie = () => (document.cookie.split('; ').find((one) => /classbook-csrf=/.test(one)) || '').split('=')[1] || '';
  /* The oldest operation; when there is none, the drafts of one address become one. */
  const nextOperation = () => change(async (stores) => {
    const ops = (await stores.ops.all()).sort((a, b) => a.made - b.made);
    if (ops.length) return ops[0];
    const drafts = (await stores.drafts.all()).sort((a, b) => a.at - b.at);
    if (!drafts.length) return null;
    const rows = drafts.filter((row) => row.url === drafts[0].url);
    const body = { op: crypto.randomUUID(), person, columns: [], marks: [], attendance: [] };
    for (const row of rows) { if (row.what === 'lesson') body.lesson = row.part; else body[row.what].push(row.part); }
    const op = { key: body.op, url: rows[0].url, made: Date.now(), text: JSON.stringify(body), rows };
    stores.ops.put(op);
    for (const row of rows) stores.drafts.delete(row.key);
    return op;
  });
  /* Entries made while the operation was on its way go on from the version it has now. */
  const versions = (op, answer) => {
    const found = new Map();
    for (const one of answer.marks || []) found.set(keyOf(op.url, 'marks', one), one.version);
    for (const one of answer.attendance || []) found.set(keyOf(op.url, 'attendance', one), one.version);
    for (const one of answer.columns || []) found.set(keyOf(op.url, 'columns', one), one.version);
    if (answer.lesson) found.set(keyOf(op.url, 'lesson', answer.lesson), answer.lesson.version);
    return found;
  };
  const saved = async (op, answer) => {
    const now = versions(op, answer);
    await change(async (stores) => {
      for (const draft of await stores.drafts.all()) {
        if (now.has(draft.key)) stores.drafts.put({ ...draft, part: { ...draft.part, seen: now.get(draft.key) } });
      }
      stores.ops.delete(op.key);
    });
    document.dispatchEvent(new CustomEvent('classbook:saved', { detail: { url: op.url, answer } }));
  };
  /* Refused: the cells at fault wait for a decision, all others go on as a new operation. */
  const refused = async (op, status, answer) => {
    const faults = new Map();
    for (const one of [...(answer.conflicts || []), ...(answer.cells || [])]) {
      const what = { mark: 'marks', column: 'columns', attendance: 'attendance', lesson: 'lesson' }[one.what];
      faults.set(keyOf(op.url, what, { ...one, uid: what === 'columns' ? one.column : one.lesson }), one);
    }
    const all = !faults.size;
    const failed = [];
    await change(async (stores) => {
      for (const row of op.rows) {
        if (all || faults.has(row.key)) {
          const fault = { ...row, fault: faults.get(row.key) || {}, sentence: (faults.get(row.key) || {}).sentence || answer.sentence || String(status) };
          stores.failed.put(fault);
          failed.push(fault);
        } else if (!(await stores.drafts.get(row.key))) stores.drafts.put(row);
      }
      stores.ops.delete(op.key);
    });
    document.dispatchEvent(new CustomEvent('classbook:failed', { detail: { url: op.url, failed } }));
  };

  let running = false, again = false, pause = 0, timer = 0;
  const pump = () => {
    again = true;
    if (running) return;
    running = true;
    clearTimeout(timer);
    const locked = navigator.locks ? (work) => navigator.locks.request('classbook-outbox-' + person, work) : (work) => work();
    locked(async () => { while (again) { again = false; await drain(); } }).finally(() => { running = false; });
  };
  const later = (seconds) => { clearTimeout(timer); timer = setTimeout(pump, seconds * 1000); };
  const drain = async () => {
    for (let op = await nextOperation(); op; op = await nextOperation()) {
      tell({ name: 'saving' });
      let response;
      try {
        response = await fetch(op.url, { method: 'POST', body: op.text, credentials: 'same-origin', redirect: 'error',
          headers: { 'Content-Type': 'application/json', 'X-CSRFToken': cookie() } });
      } catch {
        pause = Math.min(30, pause ? pause * 2 : 2);
        tell({ name: 'waiting' }); await count(); later(pause);
        return;
      }
      if (response.status === 401 || response.status === 403) { tell({ name: 'signed-out' }); await count(); return; }
      if (response.status >= 500 || response.status === 429) {
        tell({ name: 'waiting' }); await count(); later(Number(response.headers.get('Retry-After')) || 10);
        return;
      }
      pause = 0;
      let answer = {};
      try { answer = await response.json(); } catch { /* a 404 has a page, not an answer */ }
      if (response.ok) await saved(op, answer);
      else await refused(op, response.status, answer);
      tell({ name: 'saved', at: new Date() });
      await count();
    }
  };

  const start = async () => {
    await opened;
    if (!person) return;
    if (await count()) pump();
  };
  addEventListener('online', pump);
  document.addEventListener('visibilitychange', () => { if (!document.hidden && state.n) pump(); });
  addEventListener('beforeunload', (event) => { if (!state.stored && state.n) event.preventDefault(); });
  start();

  /* ── saying it in words ──────────────────────────────────────────────── */
  const words = (document.getElementById('saving-words') || { dataset: {} }).dataset;
  const fill = (text, values) => (text || '').replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
  const clock = (at) => at.getHours() + ':' + String(at.getMinutes()).padStart(2, '0');
  for (const place of document.querySelectorAll('[data-saved]')) {
    const show = (now) => {
      let text = '', kind = '';
      if (now.failed) { text = fill(words.failed, { n: now.failed }); kind = 'fail'; }
      else if (now.n && now.name === 'signed-out') { text = fill(words.signedOut, now); kind = 'queue'; }
      else if (now.n && now.name === 'waiting') { text = fill(now.stored ? words.waiting : words.unstored, now); kind = 'queue'; }
      else if (now.n) { text = words.saving; kind = 'busy'; }
      else if (now.name === 'saved' && now.at) { text = fill(words.saved, { time: clock(now.at) }); kind = 'ok'; }
      if (!text) return;
      place.hidden = false;
      place.dataset.s = kind === 'ok' ? '' : kind;
      place.textContent = text;
    };
    listeners.add(show);
    show(state);
  }

  /* What waits for a decision, as boxes with the two values and a choice. */
  const decide = (box, failed, { name, redo, drop }) => {
    box.textContent = '';
    for (const row of failed) {
      const fault = row.fault || {};
      const note = document.createElement('div');
      note.className = 'notice bad'; note.setAttribute('role', 'alert');
      const body = document.createElement('div');
      const title = document.createElement('h2'); title.className = 'small'; title.textContent = name(row);
      const said = document.createElement('p');
      const conflict = 'theirs' in fault;
      said.textContent = conflict ? fill(words.conflict, { who: fault.by || words.nobody, theirs: fault.theirs || words.empty, yours: fault.yours || words.empty }) : row.sentence;
      const buttons = document.createElement('p'); buttons.className = 'row';
      const button = (label, work) => {
        const one = document.createElement('button'); one.type = 'button'; one.className = 'btn'; one.textContent = label;
        one.addEventListener('click', async () => { await work(); note.remove(); });
        buttons.append(one);
      };
      if (fault.needs === 'reason') {
        const reason = document.createElement('input');
        reason.setAttribute('aria-label', words.reason); reason.placeholder = words.reason; reason.maxLength = 300;
        buttons.append(reason);
        button(words.send, () => enter([{ url: row.url, what: row.what, part: { ...row.part, reason: reason.value.trim() } }]));
      }
      if (conflict) button(words.mine, () => enter([{ url: row.url, what: row.what, part: { ...row.part, seen: fault.version } }]).then(() => redo(row)));
      button(conflict ? words.theirs : words.drop, async () => { await settle(row.key); drop(row); });
      body.append(title, said, buttons); note.append(body); box.append(note);
    }
  };

  return { enter, pending, settle, decide, fill, words, listen: (f) => listeners.add(f), pump, state: () => state };
})();
