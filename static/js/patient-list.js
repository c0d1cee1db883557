// The list of patients: finds while one types, keeps the filters (never the name) in the address, says when it cannot find.
"use strict";

const form = document.getElementById("patient-find");
const box = document.getElementById("id_q");
const found = document.getElementById("patient-found");
const count = document.getElementById("patient-count");
let turningPage = false;

// A list that was posted would ask to be sent again on Back; with the address in its place Back just opens it.
function keepFilters() {
  const list = found.querySelector("[data-address]");
  if (list) history.replaceState(null, "", list.dataset.address);
}

// On this page "/" leads to its own box; a keyboard is at hand where a pointer is fine.
const bar = document.querySelector(".tm-appbar [data-key]");
if (bar) delete bar.dataset.key;
box.dataset.key = "/";
if (window.matchMedia("(pointer: fine)").matches && !box.value) box.focus();
keepFilters();

form.addEventListener("submit", (event) => {
  turningPage = Boolean(event.submitter && ["after", "before"].includes(event.submitter.name));
});

form.addEventListener("htmx:beforeSwap", (event) => {
  const asked = event.detail.xhr;
  if (new URL(asked.responseURL).pathname !== new URL(form.action).pathname) {
    event.detail.shouldSwap = false; // signed out meanwhile: the page itself leads to signing in
    location.reload();
  } else if (asked.status === 422) {
    event.detail.shouldSwap = true;
  }
});

form.addEventListener("htmx:afterSwap", () => {
  keepFilters();
  const list = found.querySelector(".tm-listed");
  if (turningPage && list) {
    list.focus({ preventScroll: true });
    window.scrollTo({ top: 0 });
  }
  turningPage = false;
});

for (const trouble of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  form.addEventListener(trouble, (event) => {
    if (event.detail.xhr && event.detail.xhr.status === 422) return;
    count.textContent = "The clinic’s server did not answer. The list below is from before; try again.";
  });
}
