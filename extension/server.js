// The one file that calls the server, and the only one that uses the network.
import "./browser.js";

const { api, get } = globalThis.ShareLM.browser;
const ANSWERS_WITHIN = 20_000; // ms; the browser ends a worker that waits for 30 s

/** The server did not answer, or not in words that are its own: try again later. */
export class NoAnswer extends Error {}

export async function config() {
  const baked = await (await fetch(api.runtime.getURL("config.json"))).json();
  const chosen = await get("server");
  return chosen ? { ...baked, ...chosen } : baked;
}

/** @returns {Promise<{status: number, body: any, retryAfter: number|null}>} retryAfter in seconds */
export async function call(method, path, { body, userId } = {}) {
  const { server } = await config();
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (userId) headers.Authorization = `Bearer ${userId}`;
  const options = { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal: AbortSignal.timeout(ANSWERS_WITHIN) };
  try {
    const answer = await fetch(server + path, { ...options, credentials: "omit", cache: "no-store", redirect: "error", referrerPolicy: "no-referrer" });
    const retryAfter = Number.parseInt(answer.headers.get("Retry-After") ?? "", 10);
    const text = await answer.text();
    return { status: answer.status, body: answer.ok ? JSON.parse(text) : parsed(text), retryAfter: Number.isFinite(retryAfter) ? retryAfter : null };
  } catch (problem) {
    throw new NoAnswer(problem.name);
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
