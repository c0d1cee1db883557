// Keying a questionnaire from paper: the value of an option answers and moves on, "." marks an item as not answered,
// Backspace goes back, Enter on the last item saves. Mouse, touch, Tab and arrow keys work as on any radio.
//
// Works on <form data-entry="id of the json_script element"> for any instrument. Nothing leaves the page but the form.
"use strict";

for (const form of document.querySelectorAll("form[data-entry]")) {
  const data = JSON.parse(document.getElementById(form.dataset.entry).textContent);
  const draw = window.tidemark.questionnairePanel(form, data);
  const rows = [...form.querySelectorAll("[data-item]")];
  const save = form.querySelector("[data-save]");
  const said = form.querySelector("[data-said]");
  let current = 0;
  let pressing = false;
  let unsaved = "unsaved" in form.dataset;

  const radios = (row) => [...row.querySelectorAll("input[type=radio]")];
  const chosen = (row) => radios(row).find((radio) => radio.checked);
  const answerOf = (row) => {
    const radio = chosen(row);
    if (!radio) return undefined;
    return radio.value === data.notAnswered ? null : Number(radio.value);
  };
  const openRows = () => rows.filter((row) => !chosen(row));

  const show = () => {
    const answers = rows.map(answerOf);
    const last = answers.lastIndexOf(undefined);
    rows.forEach((row, index) => {
      row.classList.toggle("tm-item--now", index === current);
      row.classList.toggle("tm-item--skip", answers[index] === null);
      row.classList.toggle("tm-item--todo", answers[index] === undefined && index !== current);
      row.querySelector("[data-skipped]").hidden = answers[index] !== null;
      if (answers[index] !== undefined) row.classList.remove("tm-item--wrong");
    });
    save.setAttribute("aria-disabled", String(last >= 0));
    save.textContent = last >= 0 ? `Save after item ${last + 1}` : save.dataset.save;
    draw(answers, current + 1);
  };

  const go = (index) => {
    current = Math.min(Math.max(index, 0), rows.length - 1);
    const row = rows[current];
    (chosen(row) || radios(row)[0]).focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
    show();
  };

  const answer = (radio) => {
    radio.checked = true;
    unsaved = true;
    said.textContent = "";
    go(current + 1);
  };

  // Whether the form can be sent; if not, the first open item is shown and named.
  const complete = () => {
    const [first] = openRows();
    if (!first) return true;
    go(rows.indexOf(first));
    said.textContent = `Answer item ${current + 1}, or mark it as not answered.`;
    return false;
  };

  const keys = {
    Backspace: () => go(current - 1),
    Enter: () => {
      if (current < rows.length - 1) go(current + 1);
      else if (complete()) form.requestSubmit(save);
    },
  };

  document.addEventListener("keydown", (event) => {
    const place = event.target;
    const inRow = rows.some((row) => row.contains(place));
    // Everywhere but in the fields above; Enter and Backspace mean something else on a link or a button.
    const elsewhere = !inRow && place !== document.body;
    if (elsewhere && (place.closest("input, select, textarea") || event.key in keys)) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const key = event.key === "," ? data.notAnswered : event.key;  // the numeric pad of other countries
    const radio = radios(rows[current]).find((each) => each.value === key);
    const act = radio ? () => answer(radio) : keys[key];
    if (!act) {
      if (/^\d$/.test(key)) said.textContent = `${key} is no answer of this form.`;
      return;
    }
    event.preventDefault();
    if (!event.repeat || key === "Backspace") act();
  });

  // A press changes nothing until it is a click: rows that grow under the finger would make it miss.
  form.addEventListener("pointerdown", () => { pressing = true; });
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => { pressing = false; });
  form.addEventListener("focusin", (event) => {
    const index = rows.findIndex((row) => row.contains(event.target));
    if (index < 0 || index === current || pressing) return;
    current = index;
    show();
  });

  form.addEventListener("change", (event) => {
    unsaved = true;
    const index = rows.findIndex((row) => row.contains(event.target));
    if (index >= 0) { current = index; said.textContent = ""; }
    if (event.target.name === "form") {
      for (const stem of form.querySelectorAll("[data-printed]")) stem.hidden = stem.dataset.printed !== event.target.value;
    }
    show();
  });
  form.addEventListener("input", () => { unsaved = true; });

  form.addEventListener("submit", (event) => {
    if (complete()) unsaved = false;
    else { event.preventDefault(); event.stopPropagation(); }
  });
  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });

  for (const live of form.querySelectorAll("[data-live]")) live.hidden = false;
  current = Math.max(rows.findIndex((row) => row.contains(document.activeElement)), 0);
  show();
}
