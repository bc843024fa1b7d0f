// Comfort on top of pages that work without it: nothing here is needed to do the work.
"use strict";
(() => {
  const all = (selector, root = document) => root.querySelectorAll(selector);

  // Controls that only a script can serve are hidden in the page and shown here.
  const wake = (root) => {
    all("[data-dismiss][hidden], [data-copy][hidden], [data-print][hidden], [data-open][hidden]", root)
      .forEach((element) => { element.hidden = false; });
  };

  const copy = async (button) => {
    const source = document.getElementById(button.dataset.copy);
    const label = button.textContent;
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      button.textContent = button.dataset.copied;
    } catch {
      getSelection().selectAllChildren(source);
      button.textContent = button.dataset.notCopied;
    }
    setTimeout(() => { button.textContent = label; }, 4000);
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-dismiss], [data-copy], [data-print], [data-open]");
    if (!button) return;
    if ("dismiss" in button.dataset) button.closest(".toast").remove();
    else if ("copy" in button.dataset) copy(button);
    else if ("print" in button.dataset) window.print();
    else document.getElementById(button.dataset.open).showModal();
  });

  // Keys are left alone while something is being typed or a dialog is open.
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (typing || event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
    if (event.key === "/") {
      const search = document.querySelector("[data-search]");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    } else if (event.key === "?") {
      event.preventDefault();
      document.getElementById("keyboard-help")?.showModal();
    }
  });

  // Unsaved input: the browser asks before the page is left.
  const changed = new Set();
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-guard]");
    if (form) changed.add(form);
  });
  window.addEventListener("beforeunload", (event) => {
    if ([...changed].some((form) => form.isConnected)) event.preventDefault();
  });

  // <form data-confirm="…"> or <button data-confirm="…">: asks once more, then sends with the same button.
  const dialog = document.getElementById("confirm-dialog");
  const confirmed = new WeakSet();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
    if (question && dialog && !confirmed.has(form)) {
      event.preventDefault();
      event.stopPropagation();
      dialog.querySelector("[data-confirm-text]").textContent = question;
      dialog.returnValue = "";
      dialog.onclose = () => {
        if (dialog.returnValue !== "yes") return;
        confirmed.add(form);
        form.requestSubmit(event.submitter);
        confirmed.delete(form);
      };
      dialog.showModal();
      return;
    }
    changed.delete(form);
  }, true);

  document.addEventListener("htmx:afterSwap", (event) => {
    wake(event.target);
    if (event.target.id === "toasts") event.target.scrollIntoView({ block: "nearest" });
  });

  wake(document);
  document.querySelector("[data-focus]:not([data-sample] *)")?.focus();
  if (matchMedia("(min-width: 62.5rem)").matches && !CSS.supports("selector(::details-content)")) {
    all(".menu").forEach((menu) => { menu.open = true; });
  }
})();
