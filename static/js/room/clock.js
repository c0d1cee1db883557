// The clock of the session ticks on from what the server said, on the server's clock; what is due falls due here.
let offset = 0;
let shownAt = 0;
let zone = "UTC";

export function setNow(iso) { offset = Date.parse(iso) - Date.now(); }
export const now = () => Date.now() + offset;

/** The time of day on the clinic's clock, wherever this browser believes to be: "14:02:07". */
export function timeOfDay(moment = now()) {
  return new Date(moment).toLocaleTimeString("en-GB", { timeZone: zone, hour12: false });
}
export function setZone(name) { zone = name; }

export function clockShown() { shownAt = now(); tick(); }

function minutes(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

const put = (element, text) => { if (element && element.textContent !== text) element.textContent = text; };

function tick() {
  for (const at of document.querySelectorAll("[data-now]")) {
    if (at.dataset.touched !== "yes" && at !== document.activeElement) at.value = timeOfDay().slice(0, 5);
  }
  const clock = document.querySelector("[data-clock]");
  if (!clock) return;
  const passed = clock.dataset.running === "yes" ? (now() - shownAt) / 1000 : 0;
  put(clock.querySelector("[data-elapsed]"), minutes(Number(clock.dataset.pumped) + passed));
  const still = Number(clock.dataset.left) - passed;
  put(clock.querySelector("[data-left-words]"), still > 0 ? `${minutes(still)} left` : "time is over");
  if (!clock.dataset.due) return;
  const left = (Date.parse(clock.dataset.due) - now()) / 1000;
  const late = now() > Date.parse(clock.dataset.overdue);
  const box = clock.querySelector("[data-due-box]");
  const words = box.querySelector("[data-due-words]");
  const what = words.dataset.repeat === "yes" ? "Repeat the reading" : "Next vital signs";
  put(words, left >= 0 ? `${what} in` : late ? "Vital signs are overdue by" : `${what} now, late by`);
  put(box.querySelector("[data-due-in]"), minutes(Math.abs(left)));
  box.classList.toggle("tm-timer__due--soon", left < 180);
  box.classList.toggle("tm-timer__due--late", late);
  put(document.querySelector("[data-overdue-words]"), late ? "Vital signs are overdue: take a set now." : "");
}

setInterval(tick, 500);
