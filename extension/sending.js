// When something is sent, and what the server's answer does to it. Text is erased after the acknowledgement, never before.
import "./browser.js";
import "./shared/record.js";
import * as agreement from "./agreement.js";
import { asSent } from "./labels.js";
import * as outbox from "./outbox.js";
import { NoAnswer, call, config, hasAccess } from "./server.js";

const { browser, record } = globalThis.ShareLM;
const FIRST_PAUSE = 30_000; // ms, doubled with each failure
const LONGEST_PAUSE = 6 * 3600_000;
const HOUR = 3600_000;
const AGAIN = 60; // minutes
const KEPT = new Set(["created", "updated", "unchanged"]);
const [SENT, DONE, LEFT, FAILED] = ["sent", "done", "left", "failed"];
const MOST_FAILURES = 3; // conversations in a row at which the server fails, until we leave it alone
const LONGEST_WAIT = 24 * HOUR; // whatever the server asks for, or a wrong clock says
const TRY_AGAIN = new Set([408, 425, 429]);

/** The reason why a round ended early; its name is what the popup says. */
class Halt extends Error {
  constructor(reason, { retryAfter = null } = {}) {
    super(reason);
    Object.assign(this, { reason, retryAfter });
  }
}

/**
 * Send what is old enough; with `isNow` all that waits, or the conversation `id` alone.
 * @returns {Promise<{sent: number, left: number, problem: string|null}>} `sent` counts what the server has now, `left` what is still to be done
 */
export function send({ id = null, isNow = false } = {}) {
  return browser.alone("sending", async () => {
    const pause = (await browser.get("pause")) ?? { failures: 0, until: 0, reason: null };
    if (!isNow && Date.now() < pause.until && pause.until - Date.now() <= LONGEST_WAIT) return { sent: 0, left: 0, problem: pause.reason };
    const outcome = await round({ id, isNow, failed: pause.failed ?? [] });
    await remember(outcome, pause);
    await plan();
    return { sent: outcome.sent, left: outcome.left, problem: outcome.problem };
  });
}

/** What the server failed at the last time comes last: one conversation must not stop all the others. */
async function round({ id, isNow, failed }) {
  const { hold_hours: hours } = await config();
  const options = { now: Date.now(), hold: hours * HOUR, isNow };
  const listed = (await outbox.summaries(id)).filter((one) => isWork(one, options)).sort((one, other) => failed.includes(one.id) - failed.includes(other.id));
  const results = new Map();
  const outcome = (problem, retryAfter) => ({ ...tally(listed, results), problem, retryAfter });
  try {
    for (const [ones, ready] of [[listed.filter(isWithdrawal), prepareWithdrawal], [listed.filter((one) => !isWithdrawal(one)), prepare]]) {
      if (ones.length) await ready();
      for (const { id: at } of ones) {
        const failures = inARow(results);
        results.set(at, FAILED); // also where the round ends with it
        results.set(at, await settle(at, { ...options, failures }));
      }
    }
  } catch (problem) {
    if (!(problem instanceof Halt || problem instanceof NoAnswer)) throw problem;
    return outcome(problem.reason ?? "no-answer", problem.retryAfter ?? null);
  }
  return outcome([...results.values()].includes(FAILED) ? "no-answer" : null, null);
}

function tally(listed, results) {
  const [sent, done] = [SENT, DONE].map((wanted) => [...results.values()].filter((result) => result === wanted).length);
  return { sent, left: listed.length - sent - done, failed: [...results.keys()].filter((id) => results.get(id) === FAILED) };
}

/** How many at the end failed, one after the other. */
function inARow(results) {
  const others = [...results.values()].reverse().findIndex((result) => result !== FAILED);
  return others < 0 ? results.size : others;
}

const isWithdrawal = ({ withdrawal }) => withdrawal === "wanted";
const isWork = (one, { now, hold, isNow }) => isWithdrawal(one) || (one.since !== null && (isNow || one.since + hold <= now));

/** What only the person can change: without it nothing is tried. */
async function obstacle() {
  if ((await agreement.consentState()) !== "given") return "consent";
  return (await hasAccess()) ? null : "access";
}

/** To take back, nobody must agree to anything anew. What another server has, ours cannot take back. */
async function obstacleToWithdrawal() {
  if (!(await agreement.isAgreedServer())) return "consent";
  return (await hasAccess()) ? null : "access";
}

function haltFor(reason) {
  if (reason) throw new Halt(reason);
  if (navigator.onLine === false) throw new Halt("offline");
}

const prepareWithdrawal = async () => haltFor(await obstacleToWithdrawal());

/** Nothing goes without a current agreement that the server knows of, nor to a host that the browser keeps from us. */
async function prepare() {
  haltFor(await obstacle());
  const { status, retryAfter } = await agreement.postConsent();
  if (status === 409) return renew();
  if (status !== 200) throw new Halt("no-answer", { retryAfter });
}

async function renew() {
  await agreement.forgetPosting();
  await agreement.checkTerms();
  // Nothing newer is known: to ask again at once would go on for ever.
  throw new Halt((await agreement.consentState()) === "given" ? "no-answer" : "consent");
}

/** One conversation: whether all that was due of it is with the server now. */
async function settle(id, options) {
  const kept = await outbox.one(id); // as it is now: it may have been deleted or renamed since the list was made
  if (!kept?.messages) return LEFT;
  if (isWithdrawal(kept)) return withdraw(id, options);
  const isRatingAlone = record.isRatingDue(kept);
  for (const part of record.parts(record.due(kept, options))) {
    const result = part.length || isRatingAlone ? await deliver(kept, part, options) : SENT;
    if (result !== SENT) return result;
  }
  return isRatingAlone ? DONE : SENT;
}

/** The server has trouble with this one, or with everything: after a few in a row, or where it asks for time, it is left alone. */
function failed(answer, { failures }) {
  if (answer.status < 500 || answer.retryAfter !== null || failures + 1 >= MOST_FAILURES) throw new Halt("no-answer", answer);
  return FAILED;
}

async function deliver(kept, part, options) {
  if (!(await outbox.begin(kept.id, part))) return LEFT;
  const { consent, user_id: userId } = await browser.api.storage.local.get(["consent", "user_id"]);
  const packed = await outbox.pack(kept.id, part);
  if (!packed) return LEFT;
  const body = record.payload(kept, packed, { clientVersion: browser.version(), consentVersion: consent.version });
  const answer = await call("POST", "/api/v1/conversations", { userId, body });
  const { status } = answer;
  if (status === 200 && isReceipt(answer.body, kept.id)) {
    await outbox.change(kept.id, (now) => acknowledged(now, { part, packed, rating: kept.rating }));
    return SENT;
  }
  if (status === 409) return renew();
  if (status === 410) await outbox.change(kept.id, (now) => record.stop(now, "withdrawn", Date.now()));
  else if (status >= 400 && status < 500 && !TRY_AGAIN.has(status)) {
    const reason = String(answer.body.detail ?? answer.body.title ?? "").slice(0, 300);
    await outbox.change(kept.id, (now) => void (now.refused = { status, reason }));
  } else return failed(answer, options);
  return LEFT;
}

const isReceipt = (body, id) => body?.items?.[0]?.conversation_id === id && KEPT.has(body.items[0].result);

async function acknowledged(now, { part, packed, rating }) {
  const messages = now.state === "open" ? (await asSent(now, part)).messages : packed;
  const asNow = part.filter((_, place) => messages[place].text === packed[place].text);
  record.acknowledge(now, asNow);
  record.sendAgain(now, part.filter((message) => !asNow.includes(message)), Date.now());
  now.isRatingSent = now.rating === rating;
  if (now.state !== "open") now.withdrawal = "wanted"; // deleted while it was on its way: it comes back
}

async function withdraw(id, options) {
  const { user_id: userId } = await browser.api.storage.local.get("user_id");
  const answer = await call("DELETE", `/api/v1/conversations/${encodeURIComponent(id)}`, { userId });
  if (![200, 404, 410].includes(answer.status)) return failed(answer, options);
  await outbox.change(id, (kept) => void (kept.withdrawal = "done"));
  return DONE;
}

/** After a failure longer and longer, with a random part so that not all come back at once. */
async function remember({ sent, problem, retryAfter, failed: ids }, before) {
  const now = Date.now();
  const isFailure = problem === "no-answer" || problem === "offline";
  const failures = isFailure ? before.failures + 1 : 0;
  const wait = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1)) * (0.5 + share() / 2);
  const until = isFailure ? now + Math.min(LONGEST_WAIT, Math.max(wait, (retryAfter ?? 0) * 1000)) : 0;
  const failed = problem ? [...new Set([...(before.failed ?? []), ...ids])] : []; // all of them, or those at the head would take turns
  const total = ((await browser.get("sent_count")) ?? 0) + sent;
  await browser.set({ pause: { failures, until, reason: problem, failed }, sent_count: total });
}

/** From 0 to 1. */
const share = () => crypto.getRandomValues(new Uint32Array(1))[0] / 2 ** 32;

/** Something new waits: what is planned already comes earlier. */
export const planIfNeeded = async () => (await browser.api.alarms.get("send")) ?? plan();

/** Wake when the next message is old enough, or when the server is worth another try. */
export async function plan() {
  const { hold_hours: hours } = await config();
  const { until = 0 } = (await browser.get("pause")) ?? {};
  const [mayUpload, mayWithdraw] = [!(await obstacle()), !(await obstacleToWithdrawal())];
  const ones = (await outbox.summaries()).filter((one) => (isWithdrawal(one) ? mayWithdraw : mayUpload && one.since !== null));
  const due = Math.min(...ones.map((one) => (isWithdrawal(one) ? 0 : one.since + hours * HOUR)));
  if (due === Infinity) return browser.api.alarms.clear("send");
  // It comes again by itself: the browser may end the worker in the middle of a round, before the next one is planned.
  return browser.api.alarms.create("send", { when: Math.max(due, until, Date.now() + 1_000), periodInMinutes: AGAIN });
}
