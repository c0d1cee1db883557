// Entries of the log: dialogs, the pad's form and single buttons. A try that is not answered is made again under the same
// key, so that a double tap and a lost answer make one record.
import { clearDrafts, recordSaved } from "./saving.js";
import { newKey, send } from "./server.js";

let latest = () => 0;
let made = () => {};
let refused = () => {};

export function onEntry(known, whenMade, whenRefused) { latest = known; made = whenMade; refused = whenRefused; }

/** What answers for the fields: it must not arrive before them. */
const RESTS_ON_FIELDS = new Set(["started", "discharged", "signed"]);
const NOT_YET = "Something on this page is not saved yet, or waits for your choice between two texts. See to it, then try again.";
const NOT_SAVED = "This could not be saved. Load the page again.";

function clearErrors(form) {
  for (const place of form.querySelectorAll("[data-error]")) place.textContent = "";
  for (const invalid of form.querySelectorAll("[aria-invalid]")) invalid.removeAttribute("aria-invalid");
}

function showErrors(form, errors) {
  clearErrors(form);
  const rest = [];
  for (const [name, messages] of Object.entries(errors)) {
    const place = form.querySelector(`[data-error="${CSS.escape(name)}"]`);
    if (place && name) place.textContent = messages.join("\n");
    else rest.push(...messages);
    const input = name && form.elements[name];
    if (input && input.setAttribute) input.setAttribute("aria-invalid", "true");
  }
  const top = form.querySelector('[data-error=""]');
  if (top) top.textContent = rest.join("\n");
  form.querySelector("[aria-invalid=true]")?.focus();
}

function typedIn(form) {
  const typed = {};
  for (const [name, value] of new FormData(form)) typed[name] = value;
  const at = form.elements.at;
  if (at && at.dataset && "now" in at.dataset && at.dataset.touched !== "yes") delete typed.at;
  return typed;
}

async function enterForm(form) {
  if (form.dataset.sending) return;
  form.dataset.sending = "yes";
  form.dataset.key ||= newKey();
  const button = form.querySelector("[type=submit]");
  button.setAttribute("aria-busy", "true");
  const kind = form.elements.how ? form.elements.how.value : form.dataset.entry;
  const typed = { ...typedIn(form), key: form.dataset.key };
  const ready = !RESTS_ON_FIELDS.has(kind) || await recordSaved();
  const { status, data } = !ready ? { status: 0, data: { errors: { "": [NOT_YET] } } } : await send(
    `entries/${kind}/`,
    { ...typed, since: String(latest()) },
    () => showErrors(form, { "": ["Not saved yet: no connection. It is tried again until it is."] }),
  );
  delete form.dataset.sending;
  button.removeAttribute("aria-busy");
  if (status === 200) {
    form.dataset.key = "";
    clearErrors(form);
    clearDrafts(form);
    form.reset();
    for (const at of form.querySelectorAll("[data-touched]")) delete at.dataset.touched;
    form.closest("dialog")?.close();
    made(data);
  } else {
    if (status === 409) form.dataset.key = "";
    showErrors(form, data.errors ?? { "": [NOT_SAVED] });
    if (ready) refused();
  }
}

async function enterAlone(button) {
  if (button.dataset.sending) return;
  button.dataset.sending = "yes";
  button.dataset.key ||= newKey();
  button.setAttribute("aria-busy", "true");
  const { status, data } = await send(`entries/${button.dataset.enter}/`, { key: button.dataset.key, since: String(latest()) });
  delete button.dataset.sending;
  button.removeAttribute("aria-busy");
  if (status === 200 || status === 409) delete button.dataset.key;
  if (status === 200) made(data);
  else {
    window.alert(Object.values(data.errors ?? { "": [NOT_SAVED] }).flat().join(" "));
    refused();
  }
}

function shows(form, name, on) {
  for (const box of form.querySelectorAll(`[data-when="${name}"]`)) box.hidden = !on;
}

function openDialog(button) {
  const dialog = document.querySelector(`[data-dialog="${button.dataset.open}"]`);
  const form = dialog.querySelector("form");
  const from = button.closest("dialog");
  if ("withTerm" in button.dataset) {
    const term = form.querySelector("[name=term]");
    term.value = from.dataset.term ?? "";
    term.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (from) from.close();
  const of = form.querySelector("[data-of]");
  if (of && button.dataset.of) of.value = button.dataset.of;
  if (button.dataset.term !== undefined) dialog.dataset.term = button.dataset.term;
  const title = dialog.querySelector("[data-dialog-title]");
  if (title && button.dataset.title) title.textContent = button.dataset.title;
  const seen = form.querySelector("[data-seen]");
  if (seen) seen.value = button.dataset.title;
  for (const may of ["strike", "retime"]) {
    const label = dialog.querySelector(`[data-may=${may}]`);
    if (label && button.dataset[may]) label.hidden = button.dataset[may] === "no";
  }
  if (button.dataset.strike === "no") form.elements.how.value = "retimed";
  if (button.dataset.reason) shows(form, "reason", button.dataset.reason === "yes");
  if (form.dataset.entry === "started") shows(form, "second", button.dataset.second === "yes");
  if (button.dataset.early) form.elements.early.checked = button.dataset.early === "yes";
  clearErrors(form); // of an earlier try: what stood against it may be mended
  adapt(form);
  dialog.showModal();
  [...form.elements].find((one) => one.checkVisibility() && one.matches("input:not([data-now]), textarea, select, button"))?.focus();
}

/** What only one choice asks for. */
function adapt(form) {
  if (form.elements.how) shows(form, "retimed", form.elements.how.value === "retimed");
  for (const tick of ["serious", "early"]) if (form.elements[tick]) shows(form, tick, form.elements[tick].checked);
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-entry]");
  if (!form) return;
  event.preventDefault();
  enterForm(form);
});
document.addEventListener("click", (event) => {
  const open = event.target.closest("[data-open]");
  if (open && !open.disabled) openDialog(open);
  const alone = event.target.closest("[data-enter]");
  if (alone && !alone.disabled) enterAlone(alone);
  if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
});
// A witness proves herself for what she sees: nobody uses her password again after the dialog was closed.
document.addEventListener("close", (event) => {
  for (const secret of event.target.querySelectorAll("[type=password]")) secret.value = "";
}, true);
document.addEventListener("input", (event) => {
  if (event.target.matches("[data-now]")) event.target.dataset.touched = "yes";
  const form = event.target.closest("dialog form");
  if (form) adapt(form);
});
