/* Remarks and praise: one press writes one, whatever becomes of the connection; what could not be sent stays in the field. */
'use strict';
(() => {
  const form = document.getElementById('remark'), fresh = document.querySelector('[data-remark-new]');
  if (!form) return;
  const words = document.getElementById('lesson-words').dataset;
  const list = document.querySelector('[data-remarks]'), said = document.querySelector('[data-remark-said]');
  const dialog = document.querySelector('[data-remark-dialog]');
  const post = (address, body) => fetch(address, { method: 'POST', body, headers: { Accept: 'application/json' } });
  const sprite = (name) => {
    const icon = document.querySelector(`[data-remarks-icons] [data-icon="${name}"]`);
    return icon.firstElementChild.cloneNode(true);
  };
  let back = null;

  const takeBack = async (button, address) => {
    button.disabled = true;
    try {
      const answer = await post(address, new FormData(document.getElementById('withdraw')));
      if (!answer.ok) throw new Error(String(answer.status));
      button.closest('li').remove();
      if (said) said.textContent = words.remarkBack;
    } catch {
      button.disabled = false;
      if (said) said.textContent = words.notBack;
    }
  };
  document.getElementById('withdraw').addEventListener('submit', (event) => {
    event.preventDefault();
    takeBack(event.submitter, event.submitter.formAction);
  });
  if (!fresh) return;
  const { student, kind, text, op } = form.elements;
  const error = fresh.querySelector('[data-remark-error]'), button = fresh.querySelector('button');

  const show = (uid) => {
    const li = document.createElement('li'), p = document.createElement('p'), who = document.createElement('b'), what = document.createElement('small'), undo = document.createElement('button');
    who.textContent = student.selectedOptions[0].textContent + '. ';
    what.className = 'muted';
    what.textContent = ' ' + words[kind.value];
    p.append(who, text.value.trim(), what);
    undo.type = 'button'; undo.className = 'btn quiet'; undo.textContent = words.back;
    undo.addEventListener('click', () => takeBack(undo, words.withdraw.replace(/remarks\/[^/]+/, 'remarks/' + uid)));
    li.append(sprite(kind.value === 'praise' ? 'heart' : 'pen'), p, undo);
    list.append(li);
    document.querySelector(`.roll [data-student="${student.value}"] .row-more summary`)?.setAttribute('data-said', '');
  };
  const close = () => {
    if (!dialog.open) return;
    dialog.close();
  };
  dialog.addEventListener('close', () => {
    document.querySelector('[data-remarks]').after(fresh);
    fresh.open = false;
    back?.focus();
  });
  let sent = '';
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    /* The same remark keeps its number, so that pressing again after a lost answer writes nothing twice. */
    const body = new FormData(form), now = ['student', 'kind', 'text'].map((name) => body.get(name)).join('\n');
    if (sent && sent !== now) { op.value = crypto.randomUUID(); body.set('op', op.value); }
    sent = now;
    button.disabled = true;
    error.hidden = true;
    try {
      const answer = await post(form.action, body);
      const found = await answer.json();
      if (answer.ok) {
        show(found.uid);
        said.textContent = words.remarkSent;
        text.value = '';
        sent = '';
        op.value = crypto.randomUUID();
        close();
      } else { error.textContent = found.sentence; error.hidden = false; }
    } catch { error.textContent = words.remarkKept; error.hidden = false; }
    button.disabled = false;
  });

  /* From a pupil's row: the same fields in a window over the page, the pupil chosen. */
  for (const link of document.querySelectorAll('[data-remark-for]')) {
    link.addEventListener('click', (event) => {
      event.preventDefault();
      const row = link.closest('li');
      back = row.querySelector('.mark-in[data-on]') || row.querySelector('.mark-in');
      student.value = row.dataset.student;
      dialog.append(fresh);
      fresh.open = true;
      dialog.showModal();
      text.focus();
    });
  }
})();
