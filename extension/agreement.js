// What the person agreed to, and whether that is still what the server asks for.
import "./browser.js";
import { greet } from "./greeting.js";
import { random } from "./keys.js";
import { disown } from "./outbox.js";
import { NoAnswer, call, config } from "./server.js";

const { api, get, set, language } = globalThis.ShareLM.browser;

/** "needed", "renew" (there is a newer version, or another server), or "given". Only with "given" is anything recorded or sent. */
export async function consentState() {
  const { consent, terms } = await api.storage.local.get(["consent", "terms"]);
  if (!consent) return "needed";
  const { server } = await config();
  if (consent.server !== server) return "renew";
  return terms?.server === server && terms.version !== consent.version ? "renew" : "given";
}

/** Whether the server is the one that was agreed to: what was sent is there, and can be taken back there only. */
export async function isAgreedServer() {
  const [{ server }, consent] = [await config(), await get("consent")];
  return consent?.server === server;
}

/** The text to be shown: what the server said last, else the one in the package; null where that is another server's. */
export async function termsInForce() {
  const { server, source } = await config();
  const kept = await get("terms");
  if (kept?.server === server) return kept;
  if (source !== "baked") return null;
  const packaged = await (await fetch(api.runtime.getURL("consent/texts.json"))).json();
  const spoken = packaged.texts[language()] ? language() : "en";
  return { version: packaged.version, language: spoken, ...packaged.texts[spoken] };
}

/** The current terms of a server; null if it does not say. */
export async function fetchTerms(server) {
  try {
    const { status, body } = await call("GET", `/api/v1/consent?language=${encodeURIComponent(language())}`, { server });
    if (status !== 200 || typeof body.version !== "string" || typeof body.text !== "string") return null;
    return { server, version: body.version, language: body.language, sha256: body.sha256, text: body.text };
  } catch (problem) {
    if (!(problem instanceof NoAnswer)) throw problem;
    return null;
  }
}

/**
 * Ask the server for the current version; without an answer nothing changes. True if another version than before is in force.
 * A new version may come with other hours, another licence, another name: the server is asked for these too.
 */
export async function checkTerms() {
  const [before, known] = [await consentState(), await termsInForce()];
  const { server } = await config();
  const terms = await fetchTerms(server);
  if (!terms) return false;
  const { facts } = known?.version === terms.version ? {} : await greet({ address: server });
  await set({ terms, ...(facts ? { facts } : {}) });
  return before !== (await consentState());
}

/** The person agreed and is 18 or older. Only now is there a user ID. What another server has can be withdrawn there only. */
export async function agree({ version, sha256, language: spoken }) {
  const { user_id: userId = random(), consent: before } = await api.storage.local.get(["user_id", "consent"]);
  const { server } = await config();
  if (before && before.server !== server) await disown();
  const consent = { server, version, sha256, language: spoken, agreed_at: new Date().toISOString(), is_posted: false };
  await set({ user_id: userId, consent });
}

/** Tell the server, before the first upload. Returns the status: 200, or 409 where it has a newer text. */
export async function postConsent() {
  const { consent, user_id: userId } = await api.storage.local.get(["consent", "user_id"]);
  if (consent.is_posted) return { status: 200 };
  const answer = await call("POST", "/api/v1/consent", { userId, body: { version: consent.version, language: consent.language, adult: true } });
  if (answer.status === 200) await set({ consent: { ...consent, is_posted: true } });
  return answer;
}

/** The server does not know of our agreement (any more): it is posted again before the next upload. */
export async function forgetPosting() {
  const consent = await get("consent");
  if (consent) await set({ consent: { ...consent, is_posted: false } });
}
