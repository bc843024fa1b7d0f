// Counting without waiting: a reading is sent while the next one is typed, and the camera types like a scanner.
// <form data-scan>: without this script each reading is a page of its own. All texts come from the page.
"use strict";
(() => {
  const form = document.querySelector("form[data-scan]");
  if (!form) return;
  const { code, place } = form.elements;
  const trouble = form.querySelector("[data-trouble]");
  const waiting = [];
  let sending = false;

  const tell = (text) => { trouble.textContent = text && waiting.length ? `${text} (${waiting.length})` : text; };

  const post = async (reading) => {
    const data = new FormData(form);
    data.set("code", reading.code);
    data.set("place", reading.place);
    const answer = await fetch(form.action, { method: "POST", body: data, headers: { "HX-Request": "true" } });
    return new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("scanned");
  };

  // One after the other, in the order in which they were read; what could not be sent stays first.
  const send = async () => {
    if (sending) return;
    sending = true;
    try {
      while (waiting.length) {
        const found = await post(waiting[0]);
        if (!found) { tell(form.dataset.refused); break; }
        document.getElementById("scanned").replaceWith(found);
        waiting.shift();
        tell("");
      }
    } catch {
      tell(form.dataset.offline);
    } finally {
      sending = false;
    }
  };

  const take = (text) => {
    if (!text.trim()) return;
    waiting.push({ code: text.trim(), place: place.value });
    send();
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!code.value.trim()) { (place.value.trim() ? code : place).focus(); return; }
    take(code.value);
    code.value = "";
    (place.value.trim() ? code : place).focus();
  });
  // Enter in the field for the place goes on to the code instead of sending nothing.
  place.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); code.focus(); }
  });
  window.addEventListener("online", send);
  window.addEventListener("beforeunload", (event) => { if (waiting.length) event.preventDefault(); });

  const button = form.querySelector("[data-camera]");
  const picture = form.querySelector("[data-picture]");
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices?.getUserMedia) return;
  const start = button.textContent;
  const STILL = 6; // looks without a code after which the same label counts as shown anew
  let stream = null;
  button.hidden = false;

  const stop = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    picture.hidden = true;
    button.textContent = start;
  };

  const watch = async (detector) => {
    let seen = "";
    let empty = 0;
    while (stream) {
      const [found] = picture.readyState >= 2 ? await detector.detect(picture).catch(() => []) : [];
      empty = found ? 0 : empty + 1;
      if (empty > STILL) seen = "";
      if (found && found.rawValue !== seen) {
        seen = found.rawValue;
        take(seen);
      }
      await new Promise((resolve) => { setTimeout(resolve, 150); });
    }
  };

  button.addEventListener("click", async () => {
    if (stream) { stop(); return; }
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch (error) {
      trouble.textContent = error.message;
      return;
    }
    picture.srcObject = stream;
    picture.hidden = false;
    button.textContent = button.dataset.stop;
    await picture.play();
    watch(new BarcodeDetector());
  });
  window.addEventListener("pagehide", stop);
})();
