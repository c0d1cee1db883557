// Talking to the server: every request is tried until it is answered, also when the connection, the token or the sign-in
// was lost in between. Nothing is kept in the browser's storage.
import { untilUnlocked } from "./lock.js";

const main = document.querySelector("[data-room]");
const base = main.dataset.room;
export const RETRY_MS = 2000;
const PATIENCE_MS = 10000;

let token = "";

export function keepToken(fresh) {
  if (fresh) token = fresh;
}

export const presentToken = () => token;

export const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** A key that no other entry has: the server makes one record of however many tries. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

async function request(path, options) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  try {
    return await fetch(base + path, { redirect: "manual", signal: patience.signal, ...options });
  } finally {
    clearTimeout(timer);
  }
}

const post = (path, fields, more = {}) => request(path, {
  method: "POST",
  body: new URLSearchParams({ ...fields, csrfmiddlewaretoken: token }),
  ...more,
});

/** Send and wait for an answer, however long it takes. `trouble` is told of each try that came to nothing. */
export async function send(path, fields, trouble) {
  for (;;) {
    let answer = null;
    try {
      answer = await post(path, fields);
    } catch {
      answer = null;
    }
    if (answer && answer.type === "opaqueredirect") {
      trouble?.();
      await untilUnlocked();
    } else if (answer && answer.status === 403) {
      await freshToken();
    } else if (answer && answer.status < 500 && answer.status !== 429) {
      const json = answer.headers.get("Content-Type")?.startsWith("application/json");
      return { status: answer.status, data: json ? await answer.json() : {} };
    } else {
      trouble?.();
      await pause(RETRY_MS);
    }
  }
}

/** What an open page does not know yet; null while there is nothing, or no answer. */
export async function ask(query) {
  try {
    const answer = await request(`since/?${new URLSearchParams(query)}`, {});
    if (answer.type === "opaqueredirect") {
      await untilUnlocked();
      return null;
    }
    return answer.status === 200 ? await answer.json() : null;
  } catch {
    return null;
  }
}

async function freshToken() {
  const told = await ask({ token: "1", after: String(Number.MAX_SAFE_INTEGER).slice(0, 15) });
  if (told) keepToken(told.csrf);
  else await pause(RETRY_MS);
}

/** The page goes away: what is typed is sent along, without waiting. */
export function sendLast(path, fields) {
  post(path, fields, { keepalive: true }).catch(() => {});
}
