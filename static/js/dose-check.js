// The page of a session: asks the server to check the dose while it is typed, adds rows, and shows the signatures that a
// crossed limit asks for. Without it the page works the same when it is sent.
"use strict";

const form = document.querySelector("form[data-check]");
const pane = document.querySelector("[data-check-pane]");
const state = document.querySelector("[data-check-state]");
const sign = document.querySelector("[data-sign]");
const second = document.querySelector("[data-sign-second]");
const stopped = document.querySelector("[data-when-stopped]");
let asked = null;
let timer = 0;

/** Show what must be signed; what was typed or refused there is never hidden. */
function showSignatures() {
  if (!sign) return;
  const answer = pane.querySelector("[data-needs-reason]");
  const holds = (box) => box.querySelector(".is-invalid") !== null
    || [...box.querySelectorAll("textarea, select")].some((field) => field.value !== "");
  const needs = (name) => answer !== null && answer.dataset[name] === "yes";
  second.hidden = !(needs("needsSecond") || holds(second));
  sign.hidden = !(needs("needsReason") || holds(sign));
}

function showStopReason() {
  if (!stopped) return;
  const chosen = form.querySelector("[name=status]:checked");
  const text = stopped.querySelector("textarea");
  stopped.hidden = !(chosen && chosen.value === "stopped_early") && text.value === "" && !stopped.querySelector(".is-invalid");
}

/** Long texts are no part of the check and stay here until the form is sent. */
function typed() {
  const data = new FormData(form);
  for (const area of form.querySelectorAll("textarea")) data.delete(area.name);
  return data;
}

async function check() {
  if (asked) asked.abort();
  asked = new AbortController();
  const mine = asked;
  pane.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.dataset.check, {
      method: "POST",
      body: typed(),
      headers: { "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]").value },
      signal: mine.signal,
      redirect: "error",
    });
    if (!answer.ok) throw new Error(String(answer.status));
    const parts = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine !== asked) return;
    for (const name of ["findings", "sums"]) {
      pane.querySelector(`[data-place=${name}]`).replaceChildren(...parts.querySelector(`[data-part=${name}]`).childNodes);
    }
    state.textContent = "";
  } catch (error) {
    if (error.name === "AbortError") return;
    state.textContent = "Not checked: no connection. Saving checks again.";
  }
  pane.removeAttribute("aria-busy");
  showSignatures();
}

function checkSoon(event) {
  if (event.target.closest("textarea, [data-rows=during], [data-rows=after], [data-rows=events], [data-sign]")) return;
  if (!pane) return;
  state.textContent = "checking";
  clearTimeout(timer);
  timer = setTimeout(check, 350);
}

/** One more row: a copy of the last one, empty, under the next number. */
function addRow(name) {
  const rows = document.querySelector(`[data-rows="${name}"]`);
  const last = rows.lastElementChild;
  const number = rows.children.length;
  if (number >= 60) return;
  const row = last.cloneNode(true);
  const old = `${name}-${number - 1}-`;
  for (const part of [row, ...row.querySelectorAll("*")]) {
    for (const attribute of [...part.attributes]) {
      if (attribute.value.includes(old)) part.setAttribute(attribute.name, attribute.value.replaceAll(old, `${name}-${number}-`));
    }
  }
  for (const message of row.querySelectorAll(".invalid-feedback")) message.remove();
  for (const field of row.querySelectorAll("input, select, textarea")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
    if (field.type === "checkbox") field.checked = false;
    else if (field.tagName === "SELECT") {
      field.selectedIndex = Math.max(0, [...field.options].findIndex((option) => option.defaultSelected && option.value !== ""));
    } else field.value = "";
  }
  row.querySelector("[data-number]").textContent = String(number + 1);
  rows.append(row);
  row.querySelector("input, select").focus();
}

document.addEventListener("click", (event) => {
  const add = event.target.closest("[data-add-row]");
  if (add) addRow(add.dataset.addRow);
  const fill = event.target.closest("[data-fill]");
  if (fill) {
    const field = form.querySelector(`[name="${fill.dataset.fill}"]`);
    field.value = fill.dataset.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }
});

for (const add of document.querySelectorAll("[data-add-row]")) add.hidden = false;
if (form) {
  form.addEventListener("input", checkSoon);
  form.addEventListener("change", (event) => { if (event.target.name === "status") showStopReason(); });
  showStopReason();
  showSignatures();
}
