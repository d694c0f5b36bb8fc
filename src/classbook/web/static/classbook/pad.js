/* The thumb pad: marks and absences under the thumb where there is no keyboard. Lesson and journal have the same one. */
'use strict';
window.Classbook = window.Classbook || {};
Classbook.pad = (() => {
  const place = document.querySelector('[data-pad]');
  const isUsed = Boolean(place) && matchMedia('(max-width: 47.99rem), (max-width: 63.99rem) and (pointer: coarse)').matches;
  const moreMarks = (button) => {
    const open = button.getAttribute('aria-expanded') !== 'true';
    button.setAttribute('aria-expanded', String(open));
    for (const word of place.querySelectorAll('.word')) word.hidden = !open;
  };
  /* `press` gets what a button stands for (its letter) and its code; the cell that is chosen keeps the focus. A pad that
     has grown is told, too: the cell may lie under it now. */
  const wire = (press) => {
    for (const button of place.querySelectorAll('button')) {
      button.addEventListener('pointerdown', (event) => event.preventDefault());
      button.addEventListener('click', () => {
        if (button.value === 'w:') moreMarks(button);
        press(button.value[0], button.value.slice(2));
      });
    }
  };
  const say = (text) => { if (place) place.querySelector('[data-pad-who]').textContent = text; };
  return { place, isUsed, wire, say };
})();
