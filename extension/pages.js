// What the content scripts ask for. Their pages are foreign: nothing that is kept is ever told to them but counts, ids and marks.
import "./browser.js";
import * as agreement from "./agreement.js";
import * as hosts from "./hosts.js";
import * as newer from "./newer.js";
import * as outbox from "./outbox.js";
import { platformAt, selfHosted } from "./platforms.js";
import { plan, planIfNeeded, send } from "./sending.js";
import { config } from "./server.js";
import * as tabs from "./tabs.js";

const { api, get, set } = globalThis.ShareLM.browser;

/** The part of the page that the page may name itself; platform and host are what the browser says. Of a host that the person added only the platform is kept. */
async function pageOf({ key, platform }, sender) {
  const fixed = await platformAt(sender.url);
  if (fixed) return { platform: fixed.id, host: new URL(sender.url).hostname, key: String(key) };
  const { id } = (await candidatesAt(sender.url)).find((one) => one.id === platform);
  return { platform: id, host: null, key: String(key) };
}

const candidatesAt = async (address) => ((await hosts.isOwn(address)) ? selfHosted() : []);

/** Whether this tab may record now, and why not. */
export async function stateOf(sender) {
  const { settings = {} } = await api.storage.local.get("settings");
  const tab = await tabs.ofTab(sender.tab.id);
  const { hold_hours: hours } = await config();
  const isNotHere = (settings.notHere ?? []).includes(new URL(sender.url).hostname);
  const consent = await agreement.consentState();
  const [hasAccess, isKnown] = [await hosts.mayRead(sender.url), Boolean((await platformAt(sender.url)) || (await hosts.isOwn(sender.url)))];
  return { consent, hasAccess, isKnown, isPaused: tab.isPaused || Boolean(settings.isPaused), isNotHere, hours, ...settings.banner };
}

export async function hello(_, sender) {
  await tabs.leave(sender.tab.id, sender.frameId);
  return { ...(await platformOf(null, sender)), state: await stateOf(sender) };
}

/** How this page is read: its platform, or those that it may be; and the same as in the package, should the browser not know the newer selectors. */
export async function platformOf(_, sender) {
  const fixed = await platformAt(sender.url);
  const spares = fixed ? [fixed] : await candidatesAt(sender.url);
  return { isFixed: Boolean(fixed), candidates: await newer.insteadOf(spares), spares };
}

const hasConsent = async () => (await agreement.consentState()) === "given";

export async function open(question, sender) {
  if (!(await hasConsent())) return null;
  return outbox.open(await pageOf(question, sender), question.turns, Date.now());
}

export async function keep(question, sender) {
  if (!(await hasConsent())) return null;
  const page = await pageOf(question, sender);
  try {
    const answer = await outbox.keep(page, question.messages, Date.now());
    await planIfNeeded();
    return answer;
  } catch {
    return { problem: "storage" }; // there is no room: the page tries again
  }
}

export async function withhold(question, sender) {
  if (!(await hasConsent())) return null;
  return outbox.withhold(await pageOf(question, sender), question.messages, Date.now());
}

export async function name(question, sender) {
  await outbox.name(await pageOf(question, sender), String(question.siteKey));
  return true;
}

export const stop = async (question, sender) =>
  outbox.stopPage(await pageOf(question, sender), question.state === "deleted" ? "deleted" : "private", Date.now()).finally(settle);

export const restart = async (question, sender) => outbox.restart(await pageOf(question, sender), Date.now()).finally(tellState);

/** Other tabs may show the same conversation. */
const settle = () => Promise.all([plan(), tellState()]);

export async function rate(question, sender) {
  const { id } = await outbox.open(await pageOf(question, sender), [], Date.now());
  return id ? rateOne(id, question.rating) : null;
}

export async function rateOne(id, rating) {
  const changed = await outbox.change(id, (kept) => {
    if (![-1, 0, 1].includes(rating) || kept.state !== "open") return false;
    return void Object.assign(kept, { rating, isRatingSent: false, revision: Math.max(kept.revision + 1, Date.now()) });
  });
  if (changed) await plan();
  return changed ? outbox.facts(changed) : null;
}

/** What was sent of it before is taken back, as soon as the server answers. */
export async function withdraw(question, sender) {
  const { id } = await outbox.open(await pageOf(question, sender), [], Date.now());
  return id ? withdrawOne(id) : null;
}

export async function withdrawOne(id) {
  await outbox.change(id, (kept) => {
    if (kept.state === "open" || !globalThis.ShareLM.record.sentCount(kept)) return false;
    return void (kept.withdrawal = "wanted");
  });
  return send({ id, isNow: true });
}

export async function report({ view }, sender) {
  const { id } = (await platformAt(sender.url)) ?? {};
  if (view.status === "unrecognised") await newer.updateSoon();
  return tabs.report(sender.tab.id, sender.frameId, { ...view, platformId: id });
}

export const leave = (_, sender) => tabs.leave(sender.tab.id, sender.frameId);

export async function pause(question, sender) {
  await tabs.change(sender.tab.id, { isPaused: Boolean(question.isPaused) });
  if (!question.isPaused) await setPausedEverywhere(false);
  await tellState();
  return stateOf(sender);
}

export async function setPausedEverywhere(isPaused) {
  await set({ settings: { ...(await get("settings")), isPaused } });
}

export async function notHere(_, sender) {
  await setNotHere(new URL(sender.url).hostname, true);
  return stateOf(sender);
}

export async function setNotHere(host, isNotHere) {
  const settings = (await get("settings")) ?? {};
  const others = (settings.notHere ?? []).filter((one) => one !== host);
  await set({ settings: { ...settings, notHere: isNotHere ? [...others, host] : others } });
  await tellState();
}

/** Where the person put the banner, on all pages. */
export async function place({ side, isFolded }, sender) {
  await set({ settings: { ...(await get("settings")), banner: { side: side === "bottom" ? "bottom" : "top", isFolded: Boolean(isFolded) } } });
  return stateOf(sender);
}

/** Pages ask again for themselves: what holds for a tab and a site differs. */
export const tellState = () => tabs.tellAll({ kind: "changed" });
