// The number pad types into the reading that was last in focus; a keyboard types into it as well.
const boxes = [...document.querySelectorAll("[data-pad]")];
const usual = boxes.filter((box) => !("aside" in box.dataset)); // what every set asks for
const scales = [...document.querySelectorAll("[data-field='my.sedation_scale']")];
const keys = document.querySelector("[data-pad-keys]");
let current = boxes[0];

// A phone has no room for the pad beside the readings: its own keys come up.
const narrow = window.matchMedia("(max-width: 36rem)");
const useKeys = () => { for (const box of boxes) box.inputMode = narrow.matches ? box.dataset.mode : "none"; };
narrow.addEventListener("change", useKeys);
useKeys();

const round = () => usual.filter((box) => !box.disabled);
const following = (box) => round()[(round().indexOf(box) + 1) % round().length];

/** What the keys enter instead of digits: each value of a scale below zero has a key, so that no sign can be forgotten. */
const valuesOf = (box) => box.dataset.keys?.split(" ");
const placeOf = (digit) => (Number(digit) + 9) % 10; // 1 to 9, then 0

function show() {
  for (const box of boxes) {
    const row = box.closest(".tm-vital");
    row.classList.toggle("tm-vital--now", box === current);
    row.classList.toggle("tm-vital--empty", box.value === "");
  }
  for (const key of keys.querySelectorAll("[data-key-of-pad]")) {
    const digit = key.dataset.keyOfPad;
    if (/^\d$/.test(digit)) key.textContent = (valuesOf(current)?.[placeOf(digit)] ?? digit).replace("-", "−");
  }
  keys.querySelector("[data-next-words]").textContent = following(current).dataset.words;
}

function move(box) {
  current = box;
  box.focus({ preventScroll: true });
  show();
}

function typed(box) {
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

function press(key) {
  if (key === "save") {
    current.form.requestSubmit();
    return;
  }
  if (key === "next") {
    move(following(current));
    return;
  }
  const values = valuesOf(current);
  if (key === "delete") current.value = values ? "" : current.value.slice(0, -1);
  else if (values) current.value = values[placeOf(key)];
  else if (current.value.length < current.maxLength) {
    if (current.value.length === Number(current.dataset.pointAfter)) current.value += ".";
    current.value += key;
  }
  typed(current);
}

keys.addEventListener("click", (event) => {
  const button = event.target.closest("[data-key-of-pad]");
  if (button) press(button.dataset.keyOfPad);
});
for (const box of boxes) {
  box.addEventListener("focus", () => { current = box; show(); });
  box.addEventListener("input", show);
  box.addEventListener("room:shown", show);
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (box === usual.at(-1) || !usual.includes(box)) box.form.requestSubmit();
    else move(following(box));
  });
}

/** One scale of sedation is shown; what stands in the other is not sent. */
function showScale() {
  const chosen = scales.find((scale) => scale.checked);
  if (!chosen) return; // between the two, while a saved choice is taken over
  for (const box of boxes.filter((one) => "scale" in one.dataset)) {
    box.disabled = box.name !== chosen.value;
    box.closest(".tm-vital").hidden = box.disabled;
  }
  if (current.disabled) current = boxes.find((box) => box.name === chosen.value);
  show();
}
for (const scale of scales) {
  scale.addEventListener("change", showScale);
  scale.addEventListener("room:shown", showScale);
}
boxes[0].form.addEventListener("reset", () => setTimeout(() => { // the next set begins with the first reading
  if (boxes.includes(document.activeElement)) move(usual[0]);
  current = usual[0];
  show();
}));
showScale();

/** The latest value of each reading, beside its box. */
export function showLast(last) {
  for (const place of document.querySelectorAll("[data-last]")) {
    place.textContent = String(last[place.dataset.last] ?? "–").replace("-", "−");
  }
}
