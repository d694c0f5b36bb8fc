/* The short tour of a first page: one sentence after the other, the place it speaks of outlined. Without this file the
   link leads to the same steps as a page. Nothing is covered: the strip stands at the foot of the window while it runs. */
'use strict';
(() => {
  const card = document.querySelector('[data-tour]');
  if (!card) return;
  const part = (name) => card.querySelector(`[data-tour-${name}]`);
  const form = card.querySelector('form');
  const [stops, says, back, start, over] = ['stops', 'says', 'back', 'start', 'over'].map(part);
  const steps = [...stops.children].map((item) => ({ text: item.textContent, at: item.dataset.at }));
  const words = form.dataset;
  let here = -1;
  let marked = null;

  const unmark = () => { if (marked) marked.classList.remove('tour-here'); marked = null; };
  const calm = matchMedia('(prefers-reduced-motion: reduce)');

  const show = (place) => {
    here = place;
    unmark();
    const step = steps[here];
    card.classList.add('running');
    document.documentElement.classList.add('tour-on');
    part('offer').hidden = true;
    says.hidden = false;
    over.textContent = words.wordsStop;
    const count = document.createElement('b');
    count.textContent = words.wordsStep.replace('{n}', here + 1).replace('{all}', steps.length);
    says.replaceChildren(count, ' ', step.text);
    start.textContent = here + 1 < steps.length ? words.wordsNext : words.wordsEnd;
    back.hidden = here === 0;
    over.hidden = here + 1 === steps.length;
    marked = [...document.querySelectorAll(step.at)].find((found) => found.getClientRects().length) || null;
    if (!marked) return;
    marked.classList.add('tour-here');
    marked.scrollIntoView({ block: 'nearest', behavior: calm.matches ? 'auto' : 'smooth' });
  };

  /* Over for ever; when the note does not arrive, the offer comes again with the next page. */
  const end = () => {
    unmark();
    document.documentElement.classList.remove('tour-on');
    const body = new FormData(form);
    fetch(form.action, { method: 'POST', body, headers: { Accept: 'application/json' }, keepalive: true }).catch(() => {});
    const main = document.getElementById('main');
    card.remove();
    main.tabIndex = -1;
    main.focus({ preventScroll: true });
  };

  start.setAttribute('role', 'button');
  start.addEventListener('click', (event) => {
    event.preventDefault();
    if (here + 1 < steps.length) show(here + 1);
    else end();
  });
  start.addEventListener('keydown', (event) => { if (event.key === ' ') { event.preventDefault(); start.click(); } });
  back.addEventListener('click', () => { show(here - 1); if (back.hidden) start.focus(); });
  form.addEventListener('submit', (event) => { event.preventDefault(); end(); });
  addEventListener('keydown', (event) => { if (event.key === 'Escape' && here >= 0) end(); });
  if (location.hash === '#tour') { show(0); start.focus({ preventScroll: true }); }
})();
