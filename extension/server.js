// The one file that calls the server, and the only one that uses the network.
import "./browser.js";
import { originOf, patternOf } from "./shared/origin.js";

const { api } = globalThis.ShareLM.browser;
const ANSWERS_WITHIN = 20_000; // ms; the browser ends a worker that waits for 30 s
const LARGEST = 1_000_000; // bytes

/** The server did not answer, or not in words that are its own: try again later. */
export class NoAnswer extends Error {}

/** The server and what it says of itself: an administrator's choice goes before the person's, and that before the package's. */
export async function config() {
  const baked = await (await fetch(api.runtime.getURL("config.json"))).json();
  const { server: chosen, facts } = await api.storage.local.get(["server", "facts"]);
  const managed = await managedChoice();
  if (managed) return { ...withFacts({ ...unknown(baked, managed.server), ...managed }, facts), ...managed, source: "managed" };
  return chosen ? { ...withFacts({ ...baked, ...chosen }, facts), source: "chosen" } : { ...withFacts(baked, facts), source: "baked" };
}

/** What the server said with its latest terms goes before what was known of it. */
const withFacts = (known, facts) => (facts?.server === known.server ? { ...known, ...facts } : known);

/** Nothing that the package says of its own server is said of another one. */
function unknown(baked, server) {
  const { host } = new URL(server);
  return baked.server === server ? baked : { ...baked, study: host, operator: host, contact: "", licence: "" };
}

async function managedChoice() {
  try {
    const { serverUrl, study } = await api.storage.managed.get(["serverUrl", "study"]);
    const server = serverUrl ? originOf(serverUrl) : null;
    return server && { server, ...(study ? { study } : {}) };
  } catch {
    return null; // Firefox throws where nothing is managed
  }
}

/** Whether the browser lets us call the server; the person may have taken that back. */
export async function hasAccess() {
  const { server } = await config();
  return api.permissions.contains({ origins: [patternOf(server)] });
}

/**
 * @param {{body?: object, userId?: string, server?: string}} [options] `server` where another one is meant than ours
 * @returns {Promise<{status: number, body: any, retryAfter: number|null}>} retryAfter in seconds
 */
export async function call(method, path, { body, userId, server } = {}) {
  const base = server ?? (await config()).server;
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (userId) headers.Authorization = `Bearer ${userId}`;
  const options = { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal: AbortSignal.timeout(ANSWERS_WITHIN) };
  try {
    const answer = await fetch(base + path, { ...options, credentials: "omit", cache: "no-store", redirect: "error", referrerPolicy: "no-referrer" });
    const text = await textOf(answer);
    const content = answer.ok && text ? JSON.parse(text) : parsed(text);
    return { status: answer.status, body: content, retryAfter: secondsIn(answer.headers.get("Retry-After")) };
  } catch (problem) {
    throw new NoAnswer(problem.name);
  }
}

/** Retry-After is a number of seconds or a date (RFC 9110, section 10.2.3). */
function secondsIn(header) {
  const seconds = /^\d+$/.test(header ?? "") ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}

/** An answer that does not end is none. */
async function textOf({ body }) {
  const [reader, decoder] = [body?.getReader(), new TextDecoder()];
  let [text, size] = ["", 0];
  for (let part = await reader?.read(); part && !part.done; part = await reader.read()) {
    size += part.value.length;
    if (size > LARGEST) await reader.cancel().then(() => Promise.reject(new RangeError("too large")));
    text += decoder.decode(part.value, { stream: true });
  }
  return text + decoder.decode();
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
