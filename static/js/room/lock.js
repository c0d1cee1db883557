// The sign-in ran out: the page is covered, and goes on where it was when the same person has signed in again.
import { keepToken, presentToken as token } from "./server.js";

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

/** Nobody touched the page for a while: sign out, and cover it. */
export async function lockNow() {
  if (waiting !== null) return;
  await fetch(main.dataset.signOut, { method: "POST", body: new URLSearchParams({ csrfmiddlewaretoken: token() }), redirect: "manual" });
  untilUnlocked();
}

function unlock() {
  document.body.classList.remove("tm-room-locked");
  dialog.close();
  form.reset();
  waiting = null;
  open();
}

/** The form that signs in, as the server makes it: its token is fresh. */
async function signInToken() {
  const page = await fetch(main.dataset.signIn, { redirect: "manual" });
  if (page.type === "opaqueredirect") return null; // signed in already, in another tab
  const made = new DOMParser().parseFromString(await page.text(), "text/html");
  return made.querySelector("[name=csrfmiddlewaretoken]").value;
}

/** Who is signed in now, as an answer of the room says. */
async function who() {
  const answer = await fetch(`${main.dataset.room}since/?token=1&after=999999999999999`, { redirect: "manual" });
  if (answer.status !== 200) return null;
  const told = await answer.json();
  keepToken(told.csrf);
  return told.user;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const note = form.querySelector("[data-error=password]");
  note.textContent = "";
  try {
    const token = await signInToken();
    if (token !== null) {
      const body = new URLSearchParams({
        login: main.dataset.email,
        password: form.elements.password.value,
        csrfmiddlewaretoken: token,
      });
      await fetch(main.dataset.signIn, { method: "POST", body, redirect: "manual" });
    }
    const user = await who();
    if (user === null) note.textContent = "The password does not match. Check it and try again.";
    else if (user !== JSON.parse(document.getElementById("room-state").textContent).user) window.location.reload();
    else unlock();
  } catch {
    note.textContent = "No connection. Try again.";
  }
});

dialog.addEventListener("cancel", (event) => event.preventDefault());
