/* What lesson and journal ask alike: why an old entry changes, and which letters are free for commands. */
'use strict';
window.Classbook = window.Classbook || {};
Classbook.ask = (() => {
  const { keys } = Classbook;
  const dialog = document.querySelector('[data-reason-dialog]');
  let last = '', asked = null;

  /* The reason, or null when the person leaves the entry as it was. The last one stands there, ready for Enter. */
  const reason = () => {
    if (asked) return asked;
    const field = dialog.querySelector('input');
    field.value = last;
    dialog.returnValue = '';
    asked = new Promise((answer) => {
      dialog.addEventListener('close', () => {
        asked = null;
        last = field.value.trim() || last;
        answer(dialog.returnValue === 'yes' && field.value.trim() ? field.value.trim() : null);
      }, { once: true });
    });
    dialog.showModal();
    field.select();
    return asked;
  };
  dialog?.querySelector('[data-cancel]').addEventListener('click', () => dialog.close(''));

  /* A letter is free when no mark and no absence of this group begins with it, on any layout; else it takes Alt. */
  const taken = (letter) => keys.twins(letter).some((sign) => keys.read(sign));
  const isCommand = (event, letter) => {
    if (event.ctrlKey || event.metaKey || event.altKey !== taken(letter)) return false;
    if (event.altKey && keys.ofAlt(event)) return false;
    return event.key.toLowerCase() === letter || event.code === 'Key' + letter.toUpperCase();
  };
  for (const place of document.querySelectorAll('[data-key]')) {
    const letter = place.dataset.key;
    place.textContent = (taken(letter) ? 'Alt ' : '') + letter.toUpperCase();
  }
  return { reason, isCommand };
})();
