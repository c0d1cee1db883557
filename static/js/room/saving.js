// Every field saves itself: within two seconds of the last key and on leaving it. A field carries the version that was
// seen; when somebody else changed it meanwhile, both texts are shown and the reader chooses.
import { timeOfDay } from "./clock.js";
import { newKey, pause, send, sendLast } from "./server.js";

const TYPED_IN = "textarea, input:not([type=radio], [type=checkbox])";
const QUIET_MS = 1000;
const LONGEST_MS = 2500;
const fields = new Map();
const line = document.querySelector("[data-save]");
const words = line.querySelector("[data-save-words]");
let saved = "";
let unsavedSince = null;
let changed = () => {};

export function onSaved(callback) { changed = callback; }

const elementsOf = (name) => [...document.querySelectorAll(`[data-field="${CSS.escape(name)}"]`)];

function valueOf(element) {
  if (element.type === "checkbox") return element.checked ? "yes" : "";
  return element.value;
}

function read(field) {
  const radios = field.elements.filter((element) => element.type === "radio");
  if (radios.length) return radios.find((element) => element.checked)?.value ?? "";
  return field.elements.length ? valueOf(field.elements[0]) : field.value;
}

/** The option that a choice begins with: "not recorded" where there is one, never an answer. */
const firstChosen = (select) => Math.max(0, [...select.options].findIndex((option) => option.defaultSelected));

function write(field, value) {
  for (const element of field.elements) {
    if (element.type === "radio") element.checked = element.value === value;
    else if (element.type === "checkbox") element.checked = value === "yes";
    else if (element.tagName === "SELECT") {
      const chosen = [...element.options].find((option) => option.value === value && value !== "");
      element.selectedIndex = chosen ? chosen.index : firstChosen(element);
    } else element.value = value;
    element.dispatchEvent(new Event("room:shown", { bubbles: true }));
  }
  field.value = value;
}

function fieldOf(name) {
  if (!fields.has(name)) {
    const elements = elementsOf(name);
    fields.set(name, { name, elements, value: "", version: 0, known: "", timer: 0, first: 0, sending: false, conflict: null, refused: null, theirs: null });
    const field = fields.get(name);
    field.known = read(field);
  }
  return fields.get(name);
}

/** What a field says now, typed or saved. */
export const valueOfField = (name) => (fields.has(name) ? read(fields.get(name)) : "");

const isRefused = (field) => field.refused !== null && read(field) === field.refused;
const isOpen = (field) => field.sending || (read(field) !== field.known && !isRefused(field));

function showState() {
  const waiting = [...fields.values()].filter(isOpen);
  if (!waiting.length) unsavedSince = null;
  else if (unsavedSince === null) unsavedSince = { at: timeOfDay(), ms: Date.now() };
  const late = unsavedSince !== null && Date.now() - unsavedSince.ms > 3500;
  const refused = [...fields.values()].some(isRefused);
  line.dataset.save = late || refused ? "offline" : waiting.length ? "saving" : "saved";
  line.className = `tm-save tm-room-save tm-save--${line.dataset.save}`;
  const kept = waiting.length ? "Saving" : saved ? `Saved ${saved}` : "All saved";
  const text = late ? `Not saved since ${unsavedSince.at}` : refused ? "Not all saved: see the field" : kept;
  if (words.textContent !== text) words.textContent = text;
}

export function showSaved(at) { saved = at; showState(); }

function note(name, text) {
  for (const box of document.querySelectorAll(`[data-note="${CSS.escape(name)}"]`)) box.textContent = text;
}

/** What somebody else wrote is what the server has: the next save begins from it. */
function settle(field, theirs) {
  document.querySelector(`[data-conflict="${CSS.escape(field.name)}"]`)?.remove();
  Object.assign(field, { conflict: null, theirs: null, version: theirs.version, known: theirs.value });
}

/** Both texts, and the choice between them. */
function askWhich(field, theirs) {
  field.conflict = theirs;
  const anchor = field.elements.at(-1)?.closest(".tm-fld, fieldset, .tm-vital, .tm-tick") ?? line;
  anchor.querySelector("[data-conflict]")?.remove();
  const box = document.createElement("div");
  box.dataset.conflict = field.name;
  box.className = "tm-room-conflict";
  box.setAttribute("role", "alert");
  const told = document.createElement("p");
  told.textContent = `${theirs.by || "Somebody"} wrote at ${theirs.at}: “${theirs.value}”\nYou wrote: “${read(field)}”`;
  const choice = (text, take) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-outline-secondary";
    button.textContent = text;
    button.addEventListener("click", () => {
      settle(field, theirs);
      if (take) write(field, theirs.value);
      save(field);
    });
    return button;
  };
  box.append(told, choice("Keep mine", false), choice("Take theirs", true));
  anchor.append(box);
}

async function save(field) {
  clearTimeout(field.timer);
  field.first = 0;
  if (field.sending || field.conflict) return;
  const value = read(field);
  if (isRefused(field)) return;
  if (field.refused !== null) note(field.name, "");
  field.refused = null;
  if (value === field.known) { showState(); return; }
  field.sending = true;
  showState();
  const sent = { name: field.name, value, seen: String(field.version), key: newKey() };
  const { status, data } = await send("field/", sent, showState);
  field.sending = false;
  if (status === 200) {
    field.version = data.version;
    field.known = value;
    note(field.name, data.note);
    showSaved(data.at);
    changed(field);
  } else if (status === 409) {
    askWhich(field, data);
  } else {
    note(field.name, (data.errors ?? ["This could not be saved. Load the page again."]).join(" "));
    field.refused = value; // for good: it stays on the page, with the reason beside it, whatever others write
  }
  showState();
  if (read(field) !== field.known && !field.conflict) save(field);
}

function saveSoon(field) {
  clearTimeout(field.timer);
  if (!field.first) field.first = Date.now();
  const wait = Math.min(QUIET_MS, Math.max(0, field.first + LONGEST_MS - Date.now()));
  field.timer = setTimeout(() => save(field), wait);
  showState();
}

/** Set a field that no input shows, or one that does, and save it. */
export function setField(name, value) {
  const field = fieldOf(name);
  write(field, value);
  save(field);
}

/** Empty drafts once their entry was made. */
export function clearDrafts(form) {
  for (const element of form.querySelectorAll("[data-field^='my.']")) {
    const field = fieldOf(element.dataset.field);
    if (field.conflict) settle(field, field.conflict);
    write(field, "");
    save(field);
  }
}

/** Fields as the server has them: taken over unless something else is typed here. */
export function takeOver(told) {
  for (const [name, theirs] of Object.entries(told)) {
    const field = fieldOf(name);
    for (const who of document.querySelectorAll(`[data-who="${CSS.escape(name)}"]`)) {
      who.textContent = theirs.value ? `${theirs.by}, ${theirs.at}` : "";
    }
    if (theirs.version > field.version) field.theirs = theirs;
    takeIfLeft(field);
  }
  showState();
}

/** Take over what others wrote, unless something else is typed here, or may be at any moment: then both are shown. */
function takeIfLeft(field) {
  const { theirs } = field;
  if (!theirs || field.sending || read(field) !== field.known) return;
  if (theirs.version > field.version) {
    if (document.hasFocus() && field.elements.some((element) => element === document.activeElement && element.matches(TYPED_IN))) {
      note(field.name, `${theirs.by} changed this at ${theirs.at}. It is shown when you leave the field.`);
      return;
    }
    settle(field, theirs);
    write(field, theirs.value);
    field.known = read(field);
  }
  field.theirs = null;
  note(field.name, "");
}

/** Whether all that belongs to the record is saved, after a moment's wait. */
export async function recordSaved() {
  await saveAll();
  return ![...fields.values()].some((field) => !field.name.startsWith("my.") && isOpen(field));
}

/** Save what is typed at once; resolves when it is saved, or after a while all the same. */
export async function saveAll() {
  for (const field of fields.values()) save(field);
  for (let tries = 0; tries < 20 && [...fields.values()].some(isOpen); tries += 1) await pause(100);
}

document.addEventListener("input", (event) => {
  const element = event.target.closest("[data-field]");
  if (!element) return;
  const field = fieldOf(element.dataset.field);
  if (element.type !== "radio") { // a field may stand in a step and in a dialog: what is typed in one stands in the other
    for (const other of field.elements) if (other !== element) other.value = element.value;
  }
  saveSoon(field);
});
document.addEventListener("change", (event) => {
  const element = event.target.closest("[data-field]");
  if (element) save(fieldOf(element.dataset.field));
});
document.addEventListener("focusout", (event) => {
  const element = event.target.closest("[data-field]");
  if (!element) return;
  const field = fieldOf(element.dataset.field);
  save(field);
  setTimeout(() => takeIfLeft(field)); // once the focus has gone
});
window.addEventListener("pagehide", () => {
  for (const field of fields.values()) {
    if (read(field) === field.known || isRefused(field) || field.conflict) continue;
    sendLast("field/", { name: field.name, value: read(field), seen: String(field.version), key: newKey() });
  }
});
window.addEventListener("beforeunload", (event) => {
  if (line.dataset.save === "offline") event.preventDefault();
});
for (const element of document.querySelectorAll("[data-field]")) fieldOf(element.dataset.field); // as they are before anybody types
setInterval(showState, 1000);
