/* What if, and what do I need: the server reckons, as it does for every average; here only the two answers change. */
'use strict';

{
  const form = document.querySelector('[data-whatif]');
  const button = form && form.querySelector('button');
  const result = form && form.querySelector('[data-result]');
  let asked = 0;

  const ask = async () => {
    const mine = ++asked;
    const query = new URLSearchParams(new FormData(form));
    try {
      const answer = await fetch(`${location.pathname}?${query}`, { headers: { Accept: 'application/json' } });
      if (!answer.ok) throw new Error(String(answer.status));
      const { result: average, needs } = await answer.json();
      // An answer to an earlier question comes too late.
      if (mine !== asked) return;
      result.textContent = average;
      form.querySelectorAll('[data-need]').forEach((place, number) => { place.textContent = needs[number] ?? '–'; });
    } catch {
      if (mine === asked) button.hidden = false;
    }
  };

  if (form) {
    button.hidden = true;
    form.addEventListener('change', ask);
    form.addEventListener('submit', (event) => { if (button.hidden) { event.preventDefault(); ask(); } });
  }
}
