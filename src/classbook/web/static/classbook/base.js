/* Every page: appearance, menus, printing. Each page is readable and each form can be sent without this file. */
'use strict';
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  /* Appearance: the empty choice follows the device. */
  const stored = () => { try { return localStorage.getItem('classbook-theme') || ''; } catch { return ''; } };
  const show = (theme) => {
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
  };
  show(stored());
  for (const input of all('[data-theme-set] input')) {
    input.checked = input.value === stored();
    input.addEventListener('change', () => {
      show(input.value);
      try { localStorage.setItem('classbook-theme', input.value); } catch { /* a private window: for this page only */ }
    });
  }

  /* Menus close on Escape and on a press outside. */
  document.addEventListener('click', (event) => {
    for (const menu of all('details.menu[open]')) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    for (const menu of all('details.menu[open]')) { menu.open = false; menu.querySelector('summary').focus(); }
  });

  /* The calendar opens at the week on screen. */
  for (const menu of all('.week-nav details')) {
    const months = menu.querySelector('.months');
    menu.addEventListener('toggle', () => {
      const here = months.querySelector('a[aria-current]');
      if (menu.open && here) months.scrollTop = here.offsetTop - months.offsetTop - months.clientHeight / 2;
    });
  }

  for (const button of all('[data-print]')) { button.hidden = false; button.addEventListener('click', () => window.print()); }

  /* A form is sent once, however often its button is pressed; coming back to the page frees it. */
  document.addEventListener('submit', (event) => {
    const form = event.target;
    // A dialog's form goes nowhere and asks again the next time.
    if (event.defaultPrevented || form.method === 'dialog') return;
    if ('sent' in form.dataset) { event.preventDefault(); return; }
    form.dataset.sent = '';
    setTimeout(() => { delete form.dataset.sent; }, 10000);
  });
  addEventListener('pageshow', () => { for (const form of all('form[data-sent]')) delete form.dataset.sent; });

  /* A tick is a small form; with script it needs no new page. */
  for (const form of all('form[data-tick]')) {
    const box = form.querySelector('input[type=checkbox]');
    const button = form.querySelector('button');
    if (button) button.hidden = true;
    box.addEventListener('change', async () => {
      const body = new FormData(form);
      body.set('done', box.checked ? '1' : '');
      try {
        const answer = await fetch(form.action, { method: 'POST', body, headers: { Accept: 'application/json' } });
        if (!answer.ok) throw new Error(String(answer.status));
        form.removeAttribute('data-failed');
      } catch {
        box.checked = !box.checked;
        form.setAttribute('data-failed', '');
      }
    });
  }

  /* Passwords can be looked at before they are sent. */
  for (const button of all('[data-show-password]')) {
    const field = document.getElementById(button.dataset.showPassword);
    button.hidden = false;
    button.addEventListener('click', () => {
      const shown = field.type === 'text';
      field.type = shown ? 'password' : 'text';
      button.setAttribute('aria-pressed', String(!shown));
    });
  }

  /* Phone week strip: the day on screen is the current one. */
  const strip = document.querySelector('.week-strip');
  if (strip && 'IntersectionObserver' in window) {
    const days = all('.day'), inSight = new Set();
    const seen = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) inSight[isIntersecting ? 'add' : 'delete'](target);
      /* Short days stand there together: the upper one is the one to which a link of the strip leads. */
      const first = days.find((day) => inSight.has(day));
      if (!first) return;
      for (const link of all('a', strip)) {
        if (link.hash === '#' + first.id) link.setAttribute('aria-current', 'date');
        else link.removeAttribute('aria-current');
      }
    }, { rootMargin: '-112px 0px -70% 0px' });
    const today = strip.querySelector('a[aria-current]');
    for (const day of days) seen.observe(day);
    /* A phone shows one day at a time: today first. */
    if (today && !window.location.hash && strip.offsetParent) document.querySelector(today.hash)?.scrollIntoView();
  }
})();
