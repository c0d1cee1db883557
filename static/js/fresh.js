// A page that changes by itself. Its part [data-fresh] asks the server whether it still holds; when it does not, the part is
// replaced and the rest follows. Nothing is asked while nobody looks, and the reader keeps the place she is at.
"use strict";

{
  const askedBy = (event) => event.detail.elt.closest("[data-fresh]");
  let over = false; // signed out, or not allowed any more: nothing is asked again

  function showTrouble(event, on) {
    const part = askedBy(event);
    if (part) part.querySelector("[data-trouble]").hidden = !on;
  }

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (askedBy(event) && (over || document.hidden)) event.preventDefault();
  });

  // Signed out meanwhile: the page itself leads to signing in, unless something may be typed on it.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig } = event.detail;
    const asked = new URL(requestConfig.path, window.location.href).pathname;
    if (new URL(xhr.responseURL).pathname === asked) return;
    event.detail.shouldSwap = false;
    over = true;
    if (document.querySelector("main form")) showTrouble(event, true);
    else window.location.reload();
  });

  for (const trouble of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    document.addEventListener(trouble, (event) => {
      const { status } = event.detail.xhr;
      if (status >= 400 && status < 500) over = true;
      showTrouble(event, true);
    });
  }
  document.addEventListener("htmx:beforeOnLoad", (event) => showTrouble(event, event.detail.xhr.status >= 400));

  // What was opened stays open when the rest is replaced: tables beside charts, and folds.
  let tables = [];
  let folds = [];
  document.addEventListener("htmx:beforeSwap", () => {
    const all = (what) => [...document.querySelectorAll(what)];
    tables = all(".tm-figure [data-shows=table][aria-pressed=true]").map((button) => button.closest(".tm-figure").id);
    folds = all("details").map((fold) => fold.open);
  });
  document.addEventListener("htmx:afterSettle", () => {
    for (const id of tables) document.getElementById(id)?.querySelector("[data-shows=table]").click();
    const now = document.querySelectorAll("details");
    if (now.length === folds.length) now.forEach((fold, at) => { fold.open = folds[at]; });
    document.dispatchEvent(new Event("tidemark:changed"));
  });
}
