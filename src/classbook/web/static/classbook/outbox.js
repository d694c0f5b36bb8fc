/* The queue of entries: kept on this device before they are sent, sent once, in order, under their own person.
   Nothing leaves a store of the vault before its successor is stored. */
'use strict';
window.Classbook = window.Classbook || {};
Classbook.outbox = (() => {
  const { vault } = Classbook;
  const { person } = vault;
  const SLOWEST = 20000;
  const listeners = new Set();
  /* `n` is null until it is known what an earlier visit left. */
  let state = { name: 'idle', n: null, failed: 0, at: null, oldest: null, places: [] };
  const tell = (change) => { state = { ...state, ...change }; for (const listen of listeners) listen(state); };

  /* What waits, in numbers and by the page where it was entered. */
  vault.listen((stores) => {
    const waiting = [...[...stores.ops.values()].flatMap((op) => op.rows), ...stores.drafts.values()];
    const rows = [...waiting, ...stores.failed.values()];
    const places = new Map(rows.map((row) => [row.url, { url: row.url, ...row.from }]));
    tell({ n: waiting.length, failed: stores.failed.size, oldest: rows.length ? Math.min(...rows.map((row) => row.at)) : null, places: [...places.values()] });
  });

  /* ── entering ────────────────────────────────────────────────────────── */
  const keyOf = (url, what, part) => {
    const own = { lesson: part.uid, columns: part.uid, marks: part.column, attendance: part.lesson }[what];
    return [url, what, part.student || '', own || part.column || part.lesson || part.uid || ''].join('|');
  };
  /* The newest version of a cell that an entry of this browser got; a page that is still being told may not know it. */
  const known = new Map();
  const here = () => ({ path: location.pathname, title: document.title.split(' · ')[0] });
  /* Keep entries: [{url, what: "lesson"|"columns"|"marks"|"attendance", part}]. A newer entry of a cell replaces the older
     one that was not sent yet; the version the person saw stays that of the first. */
  const enter = async (entries) => {
    await vault.change((stores) => {
      const waiting = [...[...stores.ops.values()].flatMap((op) => op.rows), ...stores.drafts.values()];
      let last = Math.max(0, ...waiting.map((row) => row.turn || 0));
      for (const { url, what, part } of entries) {
        const key = keyOf(url, what, part);
        const draft = stores.drafts.get(key), fault = stores.failed.get(key);
        /* A column that the page takes for new may be there by now: the server finds it by its id and leaves it as it is. */
        const newest = what === 'columns' && !part.seen ? 0 : known.get(key) || 0;
        const seen = draft ? draft.part.seen : Math.max(part.seen || 0, newest);
        stores.drafts.set(key, { key, url, what, part: { ...(draft || fault)?.part, ...part, seen }, turn: draft?.turn || (last += 1), at: (draft || fault)?.at || Date.now(), from: here() });
        stores.failed.delete(key);
      }
    });
    pump();
  };
  const pending = (url) => vault.change((stores) => {
    const of = (rows) => [...rows].filter((row) => row.url === url);
    return { entries: [...of(stores.ops.values()).flatMap((op) => op.rows), ...of(stores.drafts.values())], failed: of(stores.failed.values()) };
  });
  const settle = (key) => vault.change((stores) => { stores.failed.delete(key); });

  /* ── sending ─────────────────────────────────────────────────────────── */
  const cookie = () => (document.cookie.split('; ').find((one) => /classbook-csrf=/.test(one)) || '').split('=')[1] || '';
  const newId = () => {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64; bytes[8] = (bytes[8] & 63) | 128;
    return [...bytes].map((byte, n) => ([4, 6, 8, 10].includes(n) ? '-' : '') + byte.toString(16).padStart(2, '0')).join('');
  };
  /* The operation that is there; when there is none, the drafts of one address become one. */
  const nextOperation = () => vault.change((stores) => {
    const [kept] = stores.ops.values();
    if (kept) return kept;
    const [first] = stores.drafts.values();
    if (!first) return null;
    const rows = [...stores.drafts.values()].filter((row) => row.url === first.url);
    const body = { op: newId(), person, lessons: [], columns: [], marks: [], attendance: [] };
    for (const row of rows) body[row.what === 'lesson' ? 'lessons' : row.what].push(row.part);
    const op = { key: body.op, url: first.url, text: JSON.stringify(body), rows };
    stores.ops.set(op.key, op);
    for (const row of rows) stores.drafts.delete(row.key);
    return op;
  });
  /* An operation that was stored before an update speaks of one lesson, and so does its answer. */
  const lessonsOf = (answer) => answer.lessons || (answer.lesson ? [answer.lesson] : []);
  const versions = (url, answer) => {
    const found = new Map();
    for (const what of ['marks', 'attendance', 'columns']) for (const one of answer[what] || []) found.set(keyOf(url, what, one), one.version);
    for (const one of lessonsOf(answer)) found.set(keyOf(url, 'lesson', one), one.version);
    return found;
  };
  /* Other tabs of the person show what this one sent. */
  const tabs = window.BroadcastChannel && person ? new BroadcastChannel('classbook-' + person) : null;
  const announce = (kind, detail) => {
    if (kind === 'saved') { for (const [key, version] of versions(detail.url, detail.answer)) known.set(key, version); tell({ name: 'saved', at: new Date() }); }
    document.dispatchEvent(new CustomEvent('classbook:' + kind, { detail }));
  };
  if (tabs) tabs.onmessage = (event) => { announce(event.data.kind, event.data.detail); vault.change(() => {}); };
  const spread = (kind, detail) => { tabs?.postMessage({ kind, detail }); announce(kind, detail); };

  /* Entries made while the operation was on its way go on from the version it has now. */
  const saved = async (op, answer) => {
    const now = versions(op.url, answer);
    for (const [key, version] of now) known.set(key, version);
    await vault.change((stores) => {
      for (const [key, draft] of stores.drafts) if (now.has(key)) stores.drafts.set(key, { ...draft, part: { ...draft.part, seen: now.get(key) } });
      stores.ops.delete(op.key);
    });
    spread('saved', { url: op.url, answer });
  };
  /* Refused: the cells at fault wait for a decision, all others go on as a new operation. */
  const refused = async (op, status, answer) => {
    const faults = new Map();
    for (const one of [...(answer.conflicts || []), ...(answer.cells || [])]) {
      const what = { mark: 'marks', column: 'columns' }[one.what] || one.what;
      faults.set(keyOf(op.url, what, { ...one, uid: one.column || one.lesson }), one);
    }
    /* An answer that names no cell we sent speaks of all of them. */
    const all = !op.rows.some((row) => faults.has(row.key));
    const failed = [];
    await vault.change((stores) => {
      for (const row of op.rows) {
        const newer = stores.drafts.get(row.key);
        if (newer) stores.drafts.set(row.key, { ...newer, at: row.at, part: { ...row.part, ...newer.part, seen: row.part.seen } });
        else if (all || faults.has(row.key)) {
          const fault = faults.get(row.key) || {};
          failed.push({ ...row, fault, sentence: fault.sentence || answer.sentence || (status === 404 ? 'gone' : String(status)) });
        } else stores.drafts.set(row.key, row);
      }
      for (const row of failed) stores.failed.set(row.key, row);
      stores.ops.delete(op.key);
    });
    if (failed.length) spread('failed', { url: op.url, failed });
  };

  let running = false, again = false, pause = 0, timer = 0;
  const pump = () => {
    again = true;
    if (running || !person) return;
    running = true;
    clearTimeout(timer);
    const alone = navigator.locks ? (work) => navigator.locks.request('classbook-outbox-' + person, work) : (work) => work();
    const work = async () => { while (again) { again = false; await drain(); } };
    alone(work).catch(() => later(10)).finally(() => { running = false; if (again) pump(); });
  };
  const later = (seconds) => { clearTimeout(timer); timer = setTimeout(pump, seconds * 1000); };
  /* A connection that hangs is given up like one that broke: the same operation is sent again. */
  const send = async (op) => {
    const stop = new AbortController(), limit = setTimeout(() => stop.abort(), SLOWEST);
    try {
      const response = await fetch(op.url, { method: 'POST', body: op.text, credentials: 'same-origin', redirect: 'error', signal: stop.signal,
        headers: { 'Content-Type': 'application/json', 'X-CSRFToken': cookie() } });
      const text = await response.text();
      let answer = null;
      try { answer = JSON.parse(text); } catch { /* a 404 has a page, not an answer */ }
      return { response, answer };
    } finally { clearTimeout(limit); }
  };
  const drain = async () => {
    for (let op = await nextOperation(); op; op = await nextOperation()) {
      /* While the network is away each new try would flicker; what waits goes on waiting until it is there. */
      if (state.name !== 'waiting') tell({ name: 'saving' });
      let response, answer;
      try { ({ response, answer } = await send(op)); } catch {
        pause = Math.min(30, pause ? pause * 2 : 2);
        tell({ name: 'waiting' }); later(pause);
        return;
      }
      if (answer?.error === 'proof' || answer?.error === 'factor') { tell({ name: answer.error }); return; }
      if (response.status === 401 || response.status === 403) { tell({ name: 'signed-out' }); return; }
      if (answer?.error === 'person') { tell({ name: 'other' }); return; }
      if (response.status >= 500 || response.status === 429 || (response.ok && !answer)) {
        tell({ name: 'waiting' }); later(Number(response.headers.get('Retry-After')) || 10);
        return;
      }
      pause = 0;
      if (response.ok) await saved(op, answer);
      else { await refused(op, response.status, answer || {}); tell({ name: 'idle' }); }
    }
    if (state.name === 'saving') tell({ name: 'idle' });
  };

  addEventListener('online', pump);
  document.addEventListener('visibilitychange', () => { if (!document.hidden && state.n) pump(); });
  addEventListener('beforeunload', (event) => {
    /* What is still being typed counts as entered; it is stored while the next page is fetched. */
    const field = document.activeElement;
    if (field?.closest?.('[data-save]')) { field.blur(); field.focus(); }
    if (vault.isWorking() || (!vault.isKept() && state.n + state.failed)) event.preventDefault();
  });
  if (person) vault.opened.then(() => vault.change(() => {})).then(() => { if (state.n) pump(); });

  return { enter, pending, settle, pump, lessonsOf, listen: (listener) => { listeners.add(listener); listener(state); }, state: () => state };
})();
