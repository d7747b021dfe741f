// What the person agreed to, and whether that is still what the server asks for.
import "./browser.js";
import { random } from "./keys.js";
import { NoAnswer, call } from "./server.js";

const { api, get, set, language } = globalThis.ShareLM.browser;

/** "needed", "renew" (there is a newer version), or "given". Only with "given" is anything recorded or sent. */
export async function consentState() {
  const { consent, terms } = await api.storage.local.get(["consent", "terms"]);
  if (!consent) return "needed";
  return terms && terms.version !== consent.version ? "renew" : "given";
}

/** The text to be shown: what the server said last, else the one in the package. */
export async function termsInForce() {
  const kept = await get("terms");
  if (kept) return kept;
  const packaged = await (await fetch(api.runtime.getURL("consent/texts.json"))).json();
  const spoken = packaged.texts[language()] ? language() : "en";
  return { version: packaged.version, language: spoken, ...packaged.texts[spoken] };
}

/** Ask the server for the current version; without an answer nothing changes. True if another version than before is in force. */
export async function checkTerms() {
  const before = await consentState();
  try {
    const { status, body } = await call("GET", `/api/v1/consent?language=${encodeURIComponent(language())}`);
    if (status !== 200 || typeof body.version !== "string" || typeof body.text !== "string") return false;
    await set({ terms: { version: body.version, language: body.language, sha256: body.sha256, text: body.text } });
  } catch (problem) {
    if (!(problem instanceof NoAnswer)) throw problem;
  }
  return before !== (await consentState());
}

/** The person agreed and is 18 or older. Only now is there a user ID. */
export async function agree({ version, sha256, language: spoken }) {
  const userId = (await get("user_id")) ?? random();
  await set({ user_id: userId, consent: { version, sha256, language: spoken, agreed_at: new Date().toISOString(), is_posted: false } });
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
