// The number pad types into the reading that was last in focus; a keyboard types into it as well.
const boxes = [...document.querySelectorAll("[data-pad]")];
const round = boxes.filter((box) => !("aside" in box.dataset)); // what every set asks for
const keys = document.querySelector("[data-pad-keys]");
let current = boxes[0];

// A phone has no room for the pad beside the readings: its own keys come up.
const narrow = window.matchMedia("(max-width: 36rem)");
const useKeys = () => { for (const box of boxes) box.inputMode = !narrow.matches ? "none" : box.dataset.pointAfter ? "decimal" : "numeric"; };
narrow.addEventListener("change", useKeys);
useKeys();

const following = (box) => round[(round.indexOf(box) + 1) % round.length];

function show() {
  for (const box of boxes) {
    const row = box.closest(".tm-vital");
    row.classList.toggle("tm-vital--now", box === current);
    row.classList.toggle("tm-vital--empty", box.value === "");
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
  if (key === "delete") current.value = current.value.slice(0, -1);
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
    if (box === round.at(-1) || !round.includes(box)) box.form.requestSubmit();
    else move(following(box));
  });
}
document.addEventListener("reset", () => setTimeout(show));
show();

/** The latest value of each reading, beside its box. */
export function showLast(last) {
  for (const place of document.querySelectorAll("[data-last]")) {
    place.textContent = last[place.dataset.last] ?? "–";
  }
}
