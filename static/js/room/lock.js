// The sign-in ran out: the page is covered, and goes on where it was when the same person has signed in again.
import { keepToken, pause, RETRY_MS } from "./server.js";

const main = document.querySelector("[data-room]");
const dialog = document.querySelector("[data-lock]");
const form = dialog.querySelector("[data-unlock]");
let waiting = null;
let open = () => {};

/** Resolves once the same person has signed in again. */
export function untilUnlocked() {
  if (waiting === null) {
    waiting = new Promise((resolve) => { open = resolve; });
    document.body.classList.add("tm-room-locked");
    for (const other of document.querySelectorAll("dialog[open]")) if (other !== dialog) other.close();
    if (!dialog.open) dialog.showModal();
  }
  return waiting;
}

/** Nobody touched the page for a while: sign out, and cover it. Without a connection it is covered at once all the same. */
export async function lockNow() {
  if (waiting !== null) return;
  let out = await Promise.race([signOut(), pause(RETRY_MS)]).catch(() => false);
  untilUnlocked();
  while (!out && waiting !== null) {
    await pause(RETRY_MS);
    out = waiting === null || await signOut().catch(() => false);
  }
}

function unlock() {
  document.body.classList.remove("tm-room-locked");
  dialog.close();
  form.reset();
  waiting = null;
  open();
}

/** Fill in a form that the server makes, with its fresh token; null where it leads elsewhere at once: it is done already. */
async function post(address, fields) {
  const page = await fetch(address, { redirect: "manual" });
  if (page.type === "opaqueredirect") return null;
  const made = new DOMParser().parseFromString(await page.text(), "text/html");
  const csrfmiddlewaretoken = made.querySelector("[name=csrfmiddlewaretoken]").value;
  const body = new URLSearchParams({ ...fields, csrfmiddlewaretoken });
  return fetch(address, { method: "POST", body, redirect: "manual" });
}

/** Whether nobody is signed in now. */
async function signOut() {
  const answer = await post(main.dataset.signOut, {});
  return answer === null || answer.type === "opaqueredirect";
}

/** The token of whoever is signed in now; null where the session is not for her, or is no more. */
async function tokenNow() {
  const answer = await fetch(`${main.dataset.room}since/?token=1&after=999999999999999`, { redirect: "manual" });
  return answer.status === 200 ? (await answer.json()).csrf : null;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const note = form.querySelector("[data-error=password]");
  note.textContent = "";
  try {
    await signOut(); // whoever is signed in, here or in another tab: the password opens the page, nothing else
    const answer = await post(main.dataset.signIn, { login: main.dataset.email, password: form.elements.password.value });
    if (answer?.type !== "opaqueredirect") {
      note.textContent = "The password does not match. Check it and try again.";
      return;
    }
    const token = await tokenNow();
    keepToken(token);
    if (token === null) window.location.reload();
    else unlock();
  } catch {
    note.textContent = "No connection. Try again.";
  }
  form.elements.password.select();
});

dialog.addEventListener("cancel", (event) => event.preventDefault());
