// The cards of the chair board tick on from what the server said, on the server's clock; fresh.js fetches what changed.
"use strict";

{
  const SOON_S = 180;
  const title = document.title;
  let offset = 0; // the server's clock minus this browser's
  let shownAt = 0; // when what stands here was drawn
  let drawn = null;
  const told = new Set(); // what was spoken already
  const now = () => Date.now() + offset;

  const put = (element, text) => { if (element && element.textContent !== text) element.textContent = text; };
  const mark = (element, name, on) => { if (element.classList.contains(name) !== on) element.classList.toggle(name, on); };

  function minutes(seconds) {
    const whole = Math.max(0, Math.floor(seconds));
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  }

  function showLeft(card) {
    if (!card.dataset.left) return;
    const passed = card.dataset.runs === "yes" ? (now() - shownAt) / 1000 : 0;
    const left = Math.max(0, Number(card.dataset.left) - passed);
    put(card.querySelector("[data-left-in]"), minutes(left));
    const done = 1 - Math.min(left / Math.max(Number(card.dataset.planned), 1), 1);
    card.querySelector("[data-bar]").setAttribute("width", (400 * done).toFixed(1));
  }

  /** Whether the vital signs of this card are overdue. */
  function showDue(card) {
    if (!card.dataset.due) return false;
    const left = (Date.parse(card.dataset.due) - now()) / 1000;
    const late = now() > Date.parse(card.dataset.overdue);
    const what = card.dataset.repeat === "yes" ? "repeat the reading" : "vitals";
    const box = card.querySelector("[data-next]");
    put(box.querySelector("[data-next-in]"), minutes(Math.abs(left)));
    put(box.querySelector("[data-next-words]"), left >= 0 ? `${what} due in` : late ? `${what}: overdue by` : `${what} due, late by`);
    box.querySelector("[data-next-icon]").hidden = left >= SOON_S;
    mark(box, "tm-room__next--due", left < SOON_S && !late);
    mark(box, "tm-room__next--late", late);
    return late;
  }

  /** Speak what has become urgent since it was last spoken, and count it in the title of the tab. */
  function announce(urgent) {
    const fresh = urgent.filter((one) => !told.has(one));
    for (const one of [...told]) if (!urgent.includes(one)) told.delete(one);
    for (const one of fresh) told.add(one);
    if (fresh.length) put(document.querySelector("[data-rooms-urgent]"), `${fresh.join(". ")}.`);
    else if (!urgent.length) put(document.querySelector("[data-rooms-urgent]"), "");
    const words = urgent.length ? `(${urgent.length}) ${title}` : title;
    if (document.title !== words) document.title = words;
  }

  function tick() {
    const rooms = document.getElementById("rooms");
    if (!rooms?.dataset.rooms) return;
    if (rooms !== drawn) {
      drawn = rooms;
      offset = Date.parse(rooms.dataset.rooms) - Date.now();
      shownAt = now();
    }
    const urgent = [];
    for (const card of rooms.querySelectorAll("[data-card]")) {
      const { who, alerts } = card.dataset;
      showLeft(card);
      if (Number(alerts)) urgent.push(`${who}: ${alerts} open alert${alerts === "1" ? "" : "s"}`);
      if (showDue(card)) urgent.push(`${who}: vital signs are overdue`);
    }
    announce(urgent);
  }

  document.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.successful || event.detail.elt.id !== "rooms") return;
    tick();
    const time = new Date(now()).toLocaleTimeString("en-GB", { timeZone: drawn?.dataset.zone, hour12: false });
    for (const place of document.querySelectorAll("[data-checked]")) put(place, time);
  });
  setInterval(tick, 500);
  tick();
}
