/* Letters: the file is fetched, so that the board shows what was printed. Every button works without this file too. */
'use strict';
(() => {
  const named = (answer) => {
    const found = /filename\*=UTF-8''([^;]+)/.exec(answer.headers.get('Content-Disposition') || '');
    return found ? decodeURIComponent(found[1]) : 'letters';
  };

  const fetched = async (form, button) => {
    const body = new FormData(form);
    if (button && button.name) body.append(button.name, button.value);
    const answer = await fetch(form.action, { method: 'POST', body });
    if (answer.status === 403) { openly(form, button); return; }
    const kind = answer.headers.get('Content-Type') || '';
    if (!answer.ok || kind.startsWith('text/html')) { location.assign(answer.url.includes('/print/') ? location.href : answer.url); return; }
    const link = document.createElement('a');
    link.href = URL.createObjectURL(await answer.blob());
    link.download = named(answer);
    document.body.append(link);
    link.click();
    // The browser has taken the file over when the page goes.
    setTimeout(() => { if (form.dataset.back) location.assign(form.dataset.back); else location.reload(); }, 1000);
  };

  /* The answer is a page to be seen: it asks whether it is still the same person. What was chosen travels with it. */
  const openly = (form, button) => {
    if (button && button.name) {
      const pressed = Object.assign(document.createElement('input'), { type: 'hidden', name: button.name, value: button.value });
      form.append(pressed);
    }
    form.submit();
  };

  for (const form of document.querySelectorAll('form[data-letters], form[data-download]')) {
    form.addEventListener('submit', (event) => {
      const button = event.submitter;
      if (event.defaultPrevented || (button && 'plain' in button.dataset)) return;
      event.preventDefault();
      if (form.hasAttribute('aria-busy')) return;
      form.setAttribute('aria-busy', 'true');
      watch();
      fetched(form, button).catch(() => location.reload());
    });
  }

  /* How many still wait, while files are being made. */
  const place = document.querySelector('[data-waiting]');
  let watching = false;
  const look = async () => {
    const { waiting, says } = await (await fetch('?waiting=1')).json();
    place.querySelector('[data-says]').textContent = says;
    if (!waiting) { if ('printing' in place.dataset) location.reload(); return; }
    setTimeout(look, 2000);
  };
  const watch = () => {
    if (!place || watching) return;
    watching = true;
    setTimeout(look, 2000);
  };
  if (place && 'printing' in place.dataset) watch();
})();
