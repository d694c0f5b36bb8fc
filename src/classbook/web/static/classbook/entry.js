/* The code of a QR square stands behind the # of the address: browsers send it to nobody. Here it goes into the form. */
'use strict';
(() => {
  const form = document.querySelector('[data-letter-code]');
  if (!form) return;
  const take = () => {
    const code = decodeURIComponent(location.hash.slice(1));
    if (!/^[0-9A-Za-z-]{10,20}$/.test(code)) return;
    // Not kept in the history of the browser.
    history.replaceState(null, '', location.pathname);
    form.elements.code.value = code;
    form.requestSubmit();
  };
  take();
  // A square that is scanned while this page is open changes only what stands behind the #.
  addEventListener('hashchange', take);
})();
