/* Where entries lie on this device until the server has them: three stores of one IndexedDB database per person, each row
   sealed (AES-GCM) with a key that no script can read out. "drafts": entered and not yet part of an operation. "ops":
   operations with their id, made before the first send and never changed. "failed": refused, waiting for a decision.

   On a shared computer, and in a browser that cannot seal, rows live in the memory of this page only; `isKept` says so. */
'use strict';
window.Classbook = window.Classbook || {};
Classbook.vault = (() => {
  const STORES = ['drafts', 'ops', 'failed'];
  const person = document.body.dataset.person;
  const shared = 'shared' in document.body.dataset;
  const empty = () => Object.fromEntries(STORES.map((name) => [name, new Map()]));
  let memory = empty(), database = null, key = null, told = () => {};

  const promised = (request) => new Promise((yes, no) => { request.onsuccess = () => yes(request.result); request.onerror = () => no(request.error); });
  const finished = (transaction) => new Promise((yes, no) => { transaction.oncomplete = () => yes(); transaction.onabort = transaction.onerror = () => no(transaction.error); });

  /* ── opening ─────────────────────────────────────────────────────────── */
  const openDatabase = () => new Promise((yes, no) => {
    const request = indexedDB.open('classbook-' + person, 2);
    request.onupgradeneeded = () => {
      for (const name of [...STORES, 'keys']) if (!request.result.objectStoreNames.contains(name)) request.result.createObjectStore(name, { keyPath: 'key' });
    };
    request.onsuccess = () => yes(request.result);
    request.onerror = request.onblocked = () => no(request.error);
  });
  const isEmpty = async (db) => {
    const transaction = db.transaction(STORES, 'readonly');
    const counts = await Promise.all(STORES.map((name) => promised(transaction.objectStore(name).count())));
    return counts.every((n) => n === 0);
  };
  /* The device's key of this person. Two tabs that make one at the same time end up with the same. */
  const ownKey = async (db) => {
    const made = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
    const transaction = db.transaction('keys', 'readwrite', { durability: 'strict' });
    const done = finished(transaction), store = transaction.objectStore('keys');
    const kept = await promised(store.get('own'));
    if (!kept) store.put({ key: 'own', value: made });
    await done;
    return kept ? kept.value : made;
  };
  /* Sealing and order between tabs need all three; without them (an old browser, a page without https) nothing is kept. */
  const canKeep = () => Boolean(person && window.indexedDB && window.crypto?.subtle && navigator.locks);
  const opened = (async () => {
    if (!canKeep()) return;
    try {
      const db = await openDatabase();
      /* What an earlier visit left is sent first; from then on a shared computer keeps nothing. */
      if (shared && await isEmpty(db)) { db.close(); return; }
      key = await ownKey(db);
      database = db;
      navigator.storage?.persist?.().catch(() => {});
    } catch { database = null; }
  })();

  /* ── sealing ─────────────────────────────────────────────────────────── */
  const seal = async (row) => {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    return { key: row.key, iv, sealed: await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, new TextEncoder().encode(JSON.stringify(row))) };
  };
  const unseal = async ({ iv, sealed }) => JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, sealed)));

  /* ── changing ────────────────────────────────────────────────────────── */
  const read = async () => {
    const transaction = database.transaction(STORES, 'readonly');
    const sealed = await Promise.all(STORES.map((name) => promised(transaction.objectStore(name).getAll())));
    const rows = await Promise.all(sealed.map((list) => Promise.all(list.map(unseal))));
    /* The database sorts by key, and keys hold random ids: `turn` brings back the order in which things were entered. */
    for (const list of rows) list.sort((one, other) => (one.turn || 0) - (other.turn || 0));
    return Object.fromEntries(STORES.map((name, place) => [name, new Map(rows[place].map((row) => [row.key, row]))]));
  };
  const write = async (before, now) => {
    const puts = [], deletes = [];
    for (const name of STORES) {
      for (const [id, row] of now[name]) if (before[name].get(id) !== row) puts.push(seal(row).then((sealed) => [name, sealed]));
      for (const id of before[name].keys()) if (!now[name].has(id)) deletes.push([name, id]);
    }
    if (!puts.length && !deletes.length) return;
    const sealed = await Promise.all(puts);
    const transaction = database.transaction(STORES, 'readwrite', { durability: 'strict' });
    const done = finished(transaction);
    for (const [name, row] of sealed) transaction.objectStore(name).put(row);
    for (const [name, id] of deletes) transaction.objectStore(name).delete(id);
    await done;
  };
  const once = async (work) => {
    const before = database ? await read() : memory;
    const now = Object.fromEntries(STORES.map((name) => [name, new Map(before[name])]));
    const result = work(now);
    if (database) {
      /* A full or broken disk: the entries go on living in this page, and the page says so. */
      try { await write(before, now); } catch { memory = now; database = null; }
    } else memory = now;
    told(now);
    return result;
  };

  /* One change at a time: within the page by turn, between tabs by a lock. `work` gets the stores as maps, answers at once
     and replaces rows instead of altering them. All of the change is stored, durably, before the promise resolves. */
  let turn = Promise.resolve(), working = 0;
  const change = (work) => {
    working += 1;
    const mine = turn.then(async () => {
      await opened;
      return database ? navigator.locks.request('classbook-vault-' + person, () => once(work)) : once(work);
    }).finally(() => { working -= 1; });
    turn = mine.catch(() => {});
    return mine;
  };

  return { person, shared, opened, change, listen: (listener) => { told = listener; }, isKept: () => database !== null, isWorking: () => working > 0 };
})();
