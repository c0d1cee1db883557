// The page of a session: puts the parts together, shows one step at a time, and asks what others entered.
import { clockShown, now, setNow, setZone, timeOfDay } from "./clock.js";
import { onEntry } from "./entering.js";
import { lockNow } from "./lock.js";
import { showLast } from "./pad.js";
import { onSaved, saveAll, setField, showSaved, takeOver, valueOfField } from "./saving.js";
import { ask, keepToken, pause } from "./server.js";

const ALONE_MS = 5100; // under one request in five seconds, and who comes in is seen before she can have entered anything
const TOGETHER_MS = 2000;
const HIDDEN_MS = 20000;
const ANEW_MS = 60000; // what was given so far is computed by the server
const STEP_OF = { planned: "before", checks: "before", running: "during", paused: "during", recovery: "after", discharged: "sign", signed: "sign" };

const state = JSON.parse(document.getElementById("room-state").textContent);
let { latest, stage, step } = state;
let others = "";
let drawnAt = 0;
const shown = new Map();

function showStep(name) {
  step = name;
  for (const part of document.querySelectorAll("[data-steps]")) {
    const now = part.dataset.steps.split(" ").includes(name);
    part.hidden = !now || (stage === "planned" && part.dataset.part !== "against"); // nothing else before the checks begin
  }
  for (const link of document.querySelectorAll(".tm-step[data-step]")) {
    if (link.dataset.step === name) link.setAttribute("aria-current", "step");
    else link.removeAttribute("aria-current");
  }
  document.body.dataset.roomStep = name;
  window.history.replaceState(null, "", `?step=${name}`);
}

/** Replace what changed; what was opened stays open, and the focus stays where it was. */
function showPart(place, html) {
  if (shown.get(place) === html) return;
  shown.set(place, html);
  const open = [...place.querySelectorAll("details")].map((fold) => fold.open);
  const held = place.contains(document.activeElement) ? { ...document.activeElement.dataset } : null;
  place.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
  place.querySelectorAll("details").forEach((fold, at) => { fold.open = open[at] ?? false; });
  if (!held) return;
  const same = (element) => Object.entries(held).every(([name, value]) => name === "key" || element.dataset[name] === value);
  [...place.querySelectorAll("button, a, summary")].find((element) => Object.keys(held).length > 0 && same(element))?.focus();
}

function showToggles() {
  for (const button of document.querySelectorAll("[data-toggle]")) {
    const on = valueOfField(button.dataset.toggle) === "yes";
    button.setAttribute("aria-pressed", String(on));
    button.querySelector("span").textContent = `${button.dataset.words} ${on ? "on" : "off"}`;
  }
  for (const button of document.querySelectorAll("[data-shows]")) {
    const value = valueOfField(button.dataset.shows);
    button.setAttribute("aria-pressed", String(value !== ""));
    button.querySelector("span").textContent = value ? `${button.dataset.words}: ${value}` : button.dataset.words;
  }
}

function showOthers(told) {
  others = told.map((one) => `${one.name} ${one.editing}`).join("; ");
  const words = told.map((one) => `${one.name} is here too${one.editing ? `, in ${one.editing}` : ""}`).join(" · ");
  for (const place of document.querySelectorAll("[data-others]")) place.textContent = words;
}

function show(told) {
  keepToken(told.csrf);
  setNow(told.now);
  setZone(told.zone);
  latest = Math.max(latest, told.latest);
  showLast(told.last);
  takeOver(told.fields);
  for (const [name, html] of Object.entries(told.parts ?? {})) {
    for (const place of document.querySelectorAll(`[data-part="${name}"]`)) showPart(place, html);
  }
  if (told.parts) { // without them only drafts have changed, and the clock stands as it was drawn
    drawnAt = now();
    clockShown();
  }
  showOthers(told.others);
  if (told.stage !== stage) {
    stage = told.stage;
    step = STEP_OF[stage];
  }
  showStep(step);
  showToggles();
  lockFields(told.may);
}

/** What can no longer be changed, or not yet, is not offered. */
function lockFields(may) {
  const closed = stage === "planned" || stage === "signed" || may.called_off === false && stage === "checks";
  for (const element of document.querySelectorAll("[data-field]:not([data-field^='my.'])")) {
    element.disabled = closed || (stage !== "checks" && element.closest("[data-order]") !== null);
  }
  for (const button of document.querySelectorAll("[data-toggle]")) button.disabled = closed;
  for (const form of document.querySelectorAll("main form[data-entry]")) {
    const allowed = form.dataset.correction !== undefined || may[form.dataset.entry];
    form.querySelector("[type=submit]").disabled = !allowed;
    if (form.dataset.entry === "vitals") document.querySelector("[data-key-of-pad=save]").disabled = !allowed;
  }
}

/** The field that is in focus, under the name others know it by. */
function editing() {
  const name = document.activeElement?.dataset?.field ?? "";
  return name.startsWith("my.") ? name.split(".")[1] : name;
}

let busy = false;
let gone = false;
async function look(anew = false) {
  if (busy || gone) return;
  busy = true;
  const query = { after: String(latest), editing: editing(), others };
  if (anew) query.token = "1";
  const { status, data } = await ask(query);
  busy = false;
  if (status === 200) show(data);
  gone = status === 404; // voided, moved to another patient, or no more for this person: the server says what there is now
  if (gone) window.location.reload();
}

async function watch() {
  while (!gone) {
    await pause(document.hidden ? HIDDEN_MS : others ? TOGETHER_MS : ALONE_MS);
    await look((stage === "running" || stage === "recovery") && now() - drawnAt > ANEW_MS);
  }
}
document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });

let refresh = 0;
onSaved((field) => {
  showToggles();
  if (field.name.startsWith("my.") || field.elements.some((element) => element.tagName === "TEXTAREA")) return;
  clearTimeout(refresh);
  refresh = setTimeout(look, 150);
});
onEntry(() => latest, (told) => { show(told); showSaved(timeOfDay()); }, look);

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-step]");
  if (link && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    showStep(link.dataset.step);
    window.scrollTo({ top: 0 });
  }
  const toggle = event.target.closest("[data-toggle]");
  if (toggle) setField(toggle.dataset.toggle, valueOfField(toggle.dataset.toggle) === "yes" ? "no" : "yes");
  const set = event.target.closest("[data-set]");
  if (set) setField(set.dataset.set, set.dataset.value);
  showToggles();
});

// Nobody touched it for as long as the clinic allows: what is typed is saved, and the page is covered. Somebody who watches
// several rooms in several tabs is signed in once for all of them: a touch of one counts for each.
let touchedAt = Date.now();
const touches = new BroadcastChannel("room-touched");
touches.addEventListener("message", () => { touchedAt = Date.now(); });
function touched() {
  if (Date.now() - touchedAt > 1000) touches.postMessage("");
  touchedAt = Date.now();
}
for (const kind of ["pointerdown", "keydown", "input"]) document.addEventListener(kind, touched, true);
setInterval(async () => {
  if (Date.now() - touchedAt < state.lock_after_ms) return;
  touchedAt = Date.now();
  await saveAll();
  await lockNow();
}, 1000);

show({ ...state, parts: {} });
document.documentElement.dataset.roomReady = "yes";
watch();
