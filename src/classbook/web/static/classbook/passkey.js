/* Passkeys: asks the browser for one and sends its answer with the form. Without this file the buttons stay hidden. */
'use strict';
(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  if (!window.PublicKeyCredential || !navigator.credentials) return;

  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
    return Uint8Array.from(plain, (sign) => sign.charCodeAt(0)).buffer;
  };
  const text = (buffer) => {
    const plain = String.fromCharCode(...new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  };
  const named = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  /* The server's words into the browser's, and back. Written out: not every browser in schools knows parseRequestOptionsFromJSON. */
  const asked = ({ publicKey: from }) => {
    const to = { ...from, challenge: bytes(from.challenge) };
    if (from.user) to.user = { ...from.user, id: bytes(from.user.id) };
    if (from.excludeCredentials) to.excludeCredentials = named(from.excludeCredentials);
    if (from.allowCredentials) to.allowCredentials = named(from.allowCredentials);
    return { publicKey: to };
  };
  const answered = (made) => {
    const response = {};
    for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
      if (made.response[name]) response[name] = text(made.response[name]);
    }
    if (made.response.getTransports) response.transports = made.response.getTransports();
    return {
      id: made.id, rawId: text(made.rawId), type: made.type, response,
      authenticatorAttachment: made.authenticatorAttachment, clientExtensionResults: made.getClientExtensionResults(),
    };
  };

  const ask = async (button) => {
    const form = button.form, purpose = button.dataset.passkey;
    // A passkey that the site then refuses would stay in the device.
    if (!form.reportValidity()) return;
    const body = new FormData();
    body.set('csrfmiddlewaretoken', form.elements.csrfmiddlewaretoken.value);
    body.set('for', purpose);
    const response = await fetch(button.dataset.options, { method: 'POST', body, headers: { Accept: 'application/json' } });
    if (!response.ok) throw new Error(String(response.status));
    const options = asked(await response.json());
    const made = purpose === 'add' ? await navigator.credentials.create(options) : await navigator.credentials.get(options);
    form.elements[button.dataset.field].value = JSON.stringify(answered(made));
    const shared = document.querySelector('form:not([data-passkey-form]) [name=shared]');
    if (shared && form.elements.shared) form.elements.shared.disabled = !shared.checked;
    form.requestSubmit();
  };

  for (const button of all('[data-passkey]')) {
    const told = button.parentElement.querySelector('[data-passkey-told]');
    button.hidden = false;
    button.addEventListener('click', async () => {
      told.hidden = true;
      button.disabled = true;
      try {
        await ask(button);
      } catch (error) {
        const { cancelled, again, failed } = button.dataset;
        told.textContent = error.name === 'NotAllowedError' ? cancelled : error.name === 'InvalidStateError' ? again : failed;
        told.hidden = false;
      }
      button.disabled = false;
    });
  }
  for (const one of all('[data-passkey-can]')) one.hidden = false;
  for (const one of all('[data-passkey-cannot]')) one.hidden = true;
})();
