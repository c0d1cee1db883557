// What every page does: "/" goes to the search box, a form is sent once, the first mistake gets the focus, menus close.
"use strict";

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    const box = document.querySelector("[data-key='/']");
    if (box) { event.preventDefault(); box.focus(); box.select(); }
  }
  if (event.key === "Escape") {
    const open = document.querySelector("details.tm-menu[open]");
    if (open) { open.open = false; open.querySelector("summary").focus(); }
  }
});

document.addEventListener("click", (event) => {
  const show = event.target.closest("[data-show]");
  if (show) {
    const box = document.getElementById(show.dataset.show);
    const shown = box.type === "text";
    box.type = shown ? "password" : "text";
    show.setAttribute("aria-pressed", String(!shown));
    show.textContent = shown ? "Show" : "Hide";
  }
  for (const menu of document.querySelectorAll("details.tm-menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// The key in the form makes a second click harmless; this only shows that the first was heard.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-once]");
  if (!form) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  const button = event.submitter;
  if (button) button.setAttribute("aria-busy", "true");
});

// A page that comes back from the browser's memory can be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-once]")) delete form.dataset.sent;
  const wrong = document.querySelector("[data-focus]");
  if (wrong) wrong.focus();
});
