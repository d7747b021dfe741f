// What the person does with their account at the server: look, tell, ask, change the user ID, withdraw everything.
import "./browser.js";
import * as agreement from "./agreement.js";
import * as outbox from "./outbox.js";
import { tellState } from "./pages.js";
import { plan } from "./sending.js";
import { NoAnswer, call, config, hasAccess } from "./server.js";
import * as tabs from "./tabs.js";

const { api, get, set, remove, alone, version } = globalThis.ShareLM.browser;
const USER_ID = /^[\w-]{22,64}$/;
const ME = "/api/v1/me";
const DEMOGRAPHICS = "/api/v1/me/demographics";

/** The status is 0 where the server does not answer. */
async function asked(method, path, options) {
  try {
    const { status, body } = await call(method, path, options);
    return { status, body };
  } catch (problem) {
    if (!(problem instanceof NoAnswer)) throw problem;
    return { status: 0, body: {} };
  }
}

/** In the name of the person; a server that does not know of their agreement hears of it first. */
async function askedAsMe(method, path, body) {
  const userId = await get("user_id");
  if (!userId) return { status: 401, body: {} };
  if (!(await hasAccess())) return { status: 0, body: {} };
  try {
    if ((await agreement.consentState()) === "given") await agreement.postConsent();
  } catch (problem) {
    if (!(problem instanceof NoAnswer)) throw problem;
    return { status: 0, body: {} };
  }
  return asked(method, path, { userId, body });
}

export const me = () => askedAsMe("GET", ME);
export const demographics = () => askedAsMe("GET", DEMOGRAPHICS);
export const setDemographics = ({ age, country, gender }) => askedAsMe("PUT", DEMOGRAPHICS, { age_band: age, country, gender });
export const eraseDemographics = () => askedAsMe("DELETE", DEMOGRAPHICS);

export const contact = ({ message, replyTo }) => askedAsMe("POST", "/api/v1/contact", { message, ...(replyTo ? { reply_to: replyTo } : {}) });

/** What "Tell us" would send about this tab, to the letter: no address, nothing of the page. */
export async function problemHere({ tabId }) {
  const { view } = await tabs.ofTab(tabId);
  return { message: `platform: ${view?.platformId ?? "unknown"}\nextension: ${version()}\nproblem: ${view?.status ?? "unknown"}` };
}

/** Opens "my data" by a code that serves once; a server without codes gets its home page opened. */
export async function openData() {
  const { server } = await config();
  const { status, body } = await askedAsMe("POST", "/api/v1/login-code", {});
  if (status === 0 || status === 429 || status >= 500) return { opened: null };
  const path = typeof body.url === "string" && status < 300 ? pathOf(body.url, server) : null;
  await api.tabs.create({ url: server + (path ?? "/") });
  return { opened: path ? "data" : "home" };
}

/** Whatever address the server gives itself, we go to the one that we know. */
function pathOf(url, server) {
  const { pathname, search, hash } = new URL(url, server);
  return pathname + search + hash;
}

/** What was given under the former ID stays with that ID. `isSure`: withdrawals that the server has not heard of are given up. */
export function useId({ userId, isSure = false }) {
  return alone("sending", async () => {
    if (!USER_ID.test(userId)) return { problem: "malformed" };
    if (userId === (await get("user_id"))) return { problem: "same" };
    const withdrawals = await outbox.countWithdrawals();
    if (withdrawals && !isSure) return { problem: "withdrawals", withdrawals };
    await outbox.disown();
    await set({ user_id: userId });
    await agreement.forgetPosting();
    return { problem: null };
  });
}

/** Only what the server confirms is said to be withdrawn; then nothing of it stays here either. */
export function withdrawAll() {
  return alone("sending", async () => {
    const userId = await get("user_id");
    const { status, body } = await asked("DELETE", ME, { userId });
    if (status !== 200) return { withdrawnAt: null };
    await remove(["consent", "pause", "sent_count"]);
    await outbox.eraseAll();
    await plan();
    await tellState();
    return { withdrawnAt: body.withdrawn_at ?? new Date().toISOString(), count: body.withdrawn ?? null };
  });
}
