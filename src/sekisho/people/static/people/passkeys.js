// Passkeys and security keys: asks the server what to ask, the browser for the key, and sends the form with the answer.
// <form data-passkey="get|create" data-options="address">; all texts come from the page.
"use strict";
(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const opened = (keys) => (keys ?? []).map((key) => ({ ...key, id: bytes(key.id) }));

  const create = async (asked) => {
    const made = await navigator.credentials.create({
      publicKey: {
        ...asked,
        challenge: bytes(asked.challenge),
        user: { ...asked.user, id: bytes(asked.user.id) },
        excludeCredentials: opened(asked.excludeCredentials),
      },
    });
    return {
      id: made.id,
      rawId: text(made.rawId),
      type: made.type,
      clientExtensionResults: {},
      response: {
        clientDataJSON: text(made.response.clientDataJSON),
        attestationObject: text(made.response.attestationObject),
        transports: made.response.getTransports?.() ?? [],
      },
    };
  };

  const get = async (asked) => {
    const found = await navigator.credentials.get({
      publicKey: { ...asked, challenge: bytes(asked.challenge), allowCredentials: opened(asked.allowCredentials) },
    });
    return {
      id: found.id,
      rawId: text(found.rawId),
      type: found.type,
      clientExtensionResults: {},
      response: {
        clientDataJSON: text(found.response.clientDataJSON),
        authenticatorData: text(found.response.authenticatorData),
        signature: text(found.response.signature),
        userHandle: found.response.userHandle ? text(found.response.userHandle) : null,
      },
    };
  };

  const ask = async (form, button) => {
    const sent = new FormData();
    sent.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    sent.set("purpose", button.dataset.purpose ?? "");
    const answer = await fetch(button.dataset.options, { method: "POST", body: sent, headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    return (await answer.json()).publicKey;
  };

  const run = async (button) => {
    const form = button.form;
    const status = document.getElementById(button.getAttribute("aria-describedby"));
    button.disabled = true;
    status.textContent = status.dataset.waiting;
    try {
      const asked = await ask(form, button);
      const answer = button.dataset.passkey === "create" ? await create(asked) : await get(asked);
      form.elements.answer.value = JSON.stringify(answer);
      form.submit();
    } catch (error) {
      // The person turned away, the time ran out, or the key is registered already: the page says what to do.
      status.textContent = error.name === "InvalidStateError" ? status.dataset.known : status.dataset.failed;
      button.disabled = false;
    }
  };

  for (const button of document.querySelectorAll("[data-passkey]")) {
    // What the page says to those without JavaScript gives way.
    const status = document.getElementById(button.getAttribute("aria-describedby"));
    status.textContent = window.PublicKeyCredential ? "" : status.dataset.unable;
    button.hidden = !window.PublicKeyCredential;
    button.addEventListener("click", () => run(button));
  }
})();
