/* The queue in words: what is saved, what waits, what needs a decision; and a question before entries are left behind. */
'use strict';
(() => {
  const { vault, outbox } = Classbook;
  const DAY = 24 * 3600 * 1000;
  const dataOf = (id) => document.getElementById(id)?.dataset || {};
  const words = { ...dataOf('queue-words'), ...dataOf('saving-words') };
  const fill = (text, values) => (text || '').replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
  const clock = (at) => at.getHours() + ':' + String(at.getMinutes()).padStart(2, '0');
  const isOld = (now) => now.oldest !== null && Date.now() - now.oldest > DAY;

  /* The server wants something of the person first: a proof, or a second step. */
  const asks = (now) => Boolean(now.n) && (now.name === 'proof' || now.name === 'factor');

  /* ── beside the title of a page on which one writes ──────────────────── */
  const sentence = (now) => {
    const kept = vault.isKept();
    if (now.failed) return [fill(words.failed, { n: now.failed }), 'fail'];
    if (asks(now)) return [words[now.name], 'queue'];
    if (now.n && now.name === 'signed-out') return [fill(kept ? words.signedOut : words.signedOutHere, now), 'queue'];
    if (now.n && now.name === 'other') return [fill(words.other, now), 'queue'];
    if (now.n && now.name === 'waiting') return [fill(kept ? words.waiting : vault.shared ? words.onlyHere : words.unstored, now), 'queue'];
    if (now.n) return [words.saving, 'busy'];
    if (now.name === 'saved' && now.at) return [fill(words.saved, { time: clock(now.at) }), 'ok'];
    return ['', ''];
  };
  const places = [...document.querySelectorAll('[data-saved]')];
  for (const place of places) {
    const before = place.textContent;
    outbox.listen((now) => {
      const [text, kind] = sentence(now);
      if (!text && place.textContent === before) return;
      place.hidden = false;
      place.dataset.s = kind === 'ok' ? '' : kind;
      place.textContent = text;
    });
  }

  /* ── above every page ────────────────────────────────────────────────── */
  const strip = document.querySelector('[data-queue]');
  const link = (text, address) => { const one = document.createElement('a'); one.href = address; one.textContent = text; return one; };
  /* What this page itself says or is just sending needs no strip; what waits from elsewhere or for long does. */
  const showStrip = (now) => {
    const said = [];
    const elsewhere = now.places.filter((one) => one.path && one.path !== location.pathname);
    const waits = now.n && now.name !== 'saving' && now.name !== 'idle';
    if (waits && (!places.length || elsewhere.length)) said.push(fill(words.wait, now));
    if (now.failed && (!places.length || elsewhere.length)) said.push(fill(words.decide, now));
    if (isOld(now) && (waits || now.failed)) said.push(words.old);
    const links = said.length ? elsewhere.slice(0, 4).map((one) => link(one.title, one.path)) : [];
    if (now.n && now.name === 'signed-out' && vault.isKept()) links.push(link(words.signIn, strip.dataset.signIn + '?next=' + encodeURIComponent(location.pathname)));
    if (asks(now)) {
      said.push(words[now.name]);
      /* In a tab of its own: what is on this page only stays here. */
      links.push(Object.assign(link(words[now.name + 'Link'], strip.dataset[now.name]), { target: '_blank', rel: 'noopener' }));
    }
    if (!said.length && vault.shared && places.length) said.push(words.shared);
    const text = strip.querySelector('[data-queue-text]');
    text.textContent = said.join(' ');
    for (const one of links) text.append(' ', one);
    strip.hidden = !said.length;
  };
  if (strip) outbox.listen(showStrip);

  /* ── signing out ─────────────────────────────────────────────────────── */
  const ask = (title, body, go, stay) => new Promise((yes) => {
    const dialog = document.createElement('dialog'), head = document.createElement('h2'), text = document.createElement('p'), buttons = document.createElement('p');
    dialog.className = 'sheet pad stack'; buttons.className = 'row';
    head.textContent = title; text.textContent = body;
    dialog.setAttribute('aria-label', title);
    for (const [label, answer, kind] of [[stay, false, 'btn primary'], [go, true, 'btn']]) {
      const button = document.createElement('button');
      button.type = 'button'; button.className = kind; button.textContent = label;
      button.addEventListener('click', () => { dialog.close(); yes(answer); });
      buttons.append(button);
    }
    dialog.addEventListener('cancel', () => yes(false));
    dialog.addEventListener('close', () => dialog.remove());
    dialog.append(head, text, buttons);
    document.body.append(dialog);
    dialog.showModal();
  });
  for (const form of document.querySelectorAll('form[data-sign-out]')) {
    form.addEventListener('submit', async (event) => {
      const { n, failed } = outbox.state();
      if (!n && !failed) return;
      event.preventDefault();
      const body = vault.isKept() ? words.outKept : words.outLost;
      if (await ask(fill(words.outTitle, { n: n + failed }), body, words.outGo, words.outStay)) form.submit();
    });
  }

  /* ── deciding ────────────────────────────────────────────────────────── */
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
      said.textContent = conflict ? fill(words.conflict, { who: fault.by || words.nobody, theirs: fault.theirs || words.empty, yours: fault.yours || words.empty })
        : row.sentence === 'gone' ? words.gone : row.sentence;
      const buttons = document.createElement('p'); buttons.className = 'row';
      const button = (label, work) => {
        const one = document.createElement('button'); one.type = 'button'; one.className = 'btn'; one.textContent = label;
        one.addEventListener('click', async () => { note.inert = true; await work(); note.remove(); });
        buttons.append(one);
      };
      if (fault.needs === 'reason') {
        const reason = document.createElement('input');
        reason.setAttribute('aria-label', words.reason); reason.placeholder = words.reason; reason.maxLength = 300;
        buttons.append(reason);
        button(words.send, () => outbox.enter([{ url: row.url, what: row.what, part: { ...row.part, reason: reason.value.trim() } }]));
      }
      if (conflict) button(words.mine, () => outbox.enter([{ url: row.url, what: row.what, part: { ...row.part, seen: fault.version } }]).then(() => redo(row)));
      button(conflict ? words.theirs : words.drop, async () => { await outbox.settle(row.key); drop(row); });
      body.append(title, said, buttons); note.append(body); box.append(note);
    }
  };
  Object.assign(outbox, { decide, fill, words });
})();
