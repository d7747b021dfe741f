// What the extension's own pages ask for: the popup, the consent page, the options.
import "./browser.js";
import "./shared/record.js";
import * as agreement from "./agreement.js";
import * as hosts from "./hosts.js";
import * as outbox from "./outbox.js";
import * as pages from "./pages.js";
import { plan, send } from "./sending.js";
import { config } from "./server.js";
import * as tabs from "./tabs.js";

const { api, get } = globalThis.ShareLM.browser;
const { record } = globalThis.ShareLM;
const HOUR = 3600_000;
const TITLE = 120;

/** Everything the popup needs to know about one tab, and in general. */
export async function status({ tabId }) {
  const { settings = {}, pause = null, sent_count: sent = 0, user_id: userId = null } = await api.storage.local.get(["settings", "pause", "sent_count", "user_id"]);
  const tab = await tabs.ofTab(tabId);
  const { server, contact, operator, licence, hold_hours: hours } = await config();
  const isPausedEverywhere = Boolean(settings.isPaused);
  return { consent: await agreement.consentState(), access: await hosts.accessOf(tabId, tab.view), view: tab.view, isPaused: tab.isPaused || isPausedEverywhere, isPausedEverywhere, pause, sent, userId, server, contact, operator, licence, hours };
}

/** What waits, the newest first: no text but the beginning of the first message. */
export async function list() {
  const { hold_hours: hours } = await config();
  const conversations = (await outbox.all()).filter((kept) => kept.state === "open" && (record.waiting(kept).length || kept.refused));
  return conversations.sort((one, other) => other.changed - one.changed).map((kept) => ({
    ...{ id: kept.id, platform: kept.platform, title: titleOf(kept), count: record.waiting(kept).length, due: record.nextDue(kept, hours * HOUR) },
    ...{ sent: record.sentCount(kept), refused: kept.refused, rating: kept.rating },
  }));
}

function titleOf(kept) {
  const waiting = record.waiting(kept);
  const text = (waiting.find(({ role }) => role === "user") ?? waiting[0])?.text ?? "";
  return text.replace(/\s+/g, " ").trim().slice(0, TITLE);
}

export async function conversation({ id }) {
  const kept = await outbox.one(id);
  return record.waiting(kept).map(({ id: messageId, role, text, rating, gap }) => ({ id: messageId, role, text, rating, gap }));
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
  const { operator, licence, hold_hours: hours, study, server } = await config();
  return { consent: await agreement.consentState(), agreed: (await get("consent")) ?? null, text: await agreement.termsInForce(), operator, licence, hours, study, server };
}

export async function agree({ version, sha256, language }) {
  await agreement.agree({ version, sha256, language });
  await settle();
  return agreement.consentState();
}

async function settle() {
  await plan();
  await pages.tellState();
}
