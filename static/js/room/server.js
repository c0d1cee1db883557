// Talking to the server: every request is tried until it is answered, also when the connection, the token or the sign-in
// was lost in between. Nothing is kept in the browser's storage.
import { untilUnlocked } from "./lock.js";

const main = document.querySelector("[data-room]");
const { user } = JSON.parse(document.getElementById("room-state").textContent);
const base = main.dataset.room;
export const RETRY_MS = 2000;
const PATIENCE_MS = 10000;

let token = "";

export function keepToken(fresh) {
  if (fresh) token = fresh;
}

export const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** A key that no other entry has: the server makes one record of however many tries. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** One try: its status, and what it says once all of that has come. 0 is no answer, 401 that somebody must sign in. */
async function request(path, options) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  try {
    const answer = await fetch(base + path, { redirect: "manual", signal: patience.signal, ...options });
    if (answer.type === "opaqueredirect") return { status: 401, data: {} };
    const json = answer.headers.get("Content-Type")?.startsWith("application/json");
    if (answer.status === 200 && !json) return { status: 0, data: {} }; // something on the way said it, not the server
    return { status: answer.status, data: json ? await answer.json() : {} };
  } catch {
    return { status: 0, data: {} };
  } finally {
    clearTimeout(timer);
  }
}

/** `user` is whom the page was made for: the server keeps nothing of it under the name of another. */
const post = (path, fields, more = {}) => request(path, {
  method: "POST",
  body: new URLSearchParams({ ...fields, user, csrfmiddlewaretoken: token }),
  ...more,
});

/** Send and wait for an answer, however long it takes. `trouble` is told of each try that came to nothing. */
export async function send(path, fields, trouble) {
  const begun = Date.now();
  for (let renewed = false; ;) {
    const waited = Math.max(0, Math.floor((Date.now() - begun) / 1000)); // an entry happened when it was sent first
    const answer = await post(path, { ...fields, waited: String(waited) });
    const { status } = answer;
    if (status === 401) {
      trouble?.();
      await untilUnlocked();
    } else if (status === 403 && !renewed) {
      renewed = true;
      await freshToken();
    } else if (status === 0 || status >= 500 || status === 403 || status === 429) {
      renewed = false;
      trouble?.();
      await pause(RETRY_MS);
    } else {
      return answer;
    }
  }
}

/** What an open page does not know yet, with the status: 404 is that there is no such session any more. */
export async function ask(query) {
  const answer = await request(`since/?${new URLSearchParams(query)}`, {});
  const another = answer.status === 200 && answer.data.user !== user; // signed in meanwhile, in another tab
  if (answer.status !== 401 && !another) return answer;
  await untilUnlocked();
  return { status: 401, data: {} };
}

async function freshToken() {
  const { status, data } = await ask({ token: "1", after: "999999999999999" });
  if (status === 200) keepToken(data.csrf);
  else await pause(RETRY_MS);
}

/** The page goes away: what is typed is sent along, without waiting. */
export function sendLast(path, fields) {
  post(path, fields, { keepalive: true });
}
