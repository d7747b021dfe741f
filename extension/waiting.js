// What the extension's own pages ask for: the popup, the consent page, the options.
import "./browser.js";
import "./shared/record.js";
import * as agreement from "./agreement.js";
import * as hosts from "./hosts.js";
import * as labels from "./labels.js";
import * as outbox from "./outbox.js";
import * as pages from "./pages.js";
import { plan, send } from "./sending.js";
import { config, hasAccess } from "./server.js";
import * as tabs from "./tabs.js";

const { api, get } = globalThis.ShareLM.browser;
const { record } = globalThis.ShareLM;
const HOUR = 3600_000;
const LITTLE_ROOM = 100_000_000; // bytes

/** Everything the popup needs to know about one tab, and in general. */
export async function status({ tabId }) {
  const { settings = {}, pause = null, sent_count: sent = 0, user_id: userId = null } = await api.storage.local.get(["settings", "pause", "sent_count", "user_id"]);
  const tab = await tabs.ofTab(tabId);
  const { hold_hours: hours, ...facts } = await config();
  const isPausedEverywhere = Boolean(settings.isPaused);
  const [consent, access] = [await agreement.consentState(), await hasAccess()];
  const pauses = { isPaused: tab.isPaused || isPausedEverywhere, isPausedEverywhere, pause, notHere: settings.notHere ?? [] };
  return { ...facts, hours, consent, access, pageAccess: await hosts.accessOf(tabId, tab.view), view: tab.view, ...pauses, sent, userId, hasLittleRoom: await hasLittleRoom() };
}

async function hasLittleRoom() {
  const { usage, quota } = await navigator.storage.estimate();
  return quota - usage < LITTLE_ROOM;
}

/** The first of what waits, the newest first, and how many there are in all: no text but the beginning of the first message. */
export async function list({ limit = 20 }) {
  const { hold_hours: hours } = await config();
  const open = (await outbox.summaries()).filter(({ state, count, refused }) => state === "open" && (count > 0 || refused)).sort((one, other) => other.changed - one.changed);
  const items = open.slice(0, limit).map((one) => ({ ...one, due: one.since === null ? null : one.since + hours * HOUR }));
  return { items, total: open.length };
}

/** What waits of one conversation, in pieces: what stays, and what is replaced before it leaves. And the passages that were hidden by hand. */
export async function conversation({ id }) {
  const kept = await outbox.one(id);
  const waiting = record.waiting(kept);
  const { pieces } = await labels.inPieces(kept, waiting);
  const messages = waiting.map(({ id: messageId, role, rating, gap }, place) => ({ id: messageId, role, rating, gap, pieces: pieces[place] }));
  return { messages, hidden: (kept.hidden ?? []).filter(({ text }) => text !== null).map(({ digest, text }) => ({ digest, text })) };
}

/** Whether the passage stands in what waits; it is hidden then, wherever it stands in this conversation. */
export async function hide({ id, passage }) {
  return Boolean(await outbox.change(id, (kept) => kept.state === "open" && labels.hide(kept, String(passage))));
}

/** Until it is sent, what was hidden can be shown again. */
export async function show({ id, digest }) {
  return Boolean(await outbox.change(id, (kept) => void (kept.hidden = kept.hidden.filter((one) => one.digest !== digest))));
}

/** The text goes at once; the answer holds it once more, for an undo while the popup is open. */
export async function remove({ id, state }) {
  const removed = await outbox.stop(id, state === "private" ? "private" : "deleted", Date.now());
  await settle();
  return removed;
}

export async function undo({ before }) {
  await outbox.restore(before);
  await settle();
  return true;
}

export async function thumb({ id, messageId, rating }) {
  if (!messageId) return pages.rateOne(id, rating);
  return outbox.change(id, (kept) => {
    const message = kept.messages.find((one) => one.id === messageId);
    if (!message || message.text === null) return false;
    Object.assign(message, { rating, isSent: false });
    return void (kept.revision = Math.max(kept.revision + 1, Date.now()));
  });
}

export const sendNow = ({ id = null }) => send({ id, isNow: true }).finally(pages.tellState);

/** What the server refused is tried once more. */
export async function again({ id }) {
  await outbox.change(id, (kept) => void (kept.refused = null));
  return sendNow({ id });
}

export async function pauseTab({ tabId, isPaused }) {
  await tabs.change(tabId, { isPaused });
  if (!isPaused) await pages.setPausedEverywhere(false);
  await pages.tellState();
  return true;
}

export async function pauseAll({ isPaused }) {
  await pages.setPausedEverywhere(isPaused);
  await pages.tellState();
  return true;
}

export const lookAgain = ({ tabId }) => tabs.tell(tabId, { kind: "look" });

export const here = ({ host }) => pages.setNotHere(host, false);

export const withdraw = ({ id }) => pages.withdrawOne(id);

/** The text to be agreed to; the server is asked first, and without it the one in the package is shown. */
export async function terms() {
  await agreement.checkTerms();
  const { hold_hours: hours, ...facts } = await config();
  return { ...facts, hours, consent: await agreement.consentState(), agreed: (await get("consent")) ?? null, text: await agreement.termsInForce() };
}

export async function agree({ version, sha256, language }) {
  await agreement.agree({ version, sha256, language });
  await settle();
  return agreement.consentState();
}

/** Another server or user ID, or the browser lets us call the server again: what is planned and shown follows. */
export async function settle() {
  await plan();
  await pages.tellState();
}
