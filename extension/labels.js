// What goes out in place of what was written: what the rules find, and what the person hid. The device keeps keyed digests of it, never the values.
import "./browser.js";
import "./shared/checks.js";
import "./shared/redaction.js";
import { keyed } from "./keys.js";

const { Redaction } = globalThis.ShareLM;
const { api } = globalThis.ShareLM.browser;
const AT_ONCE = 1_000;
let redaction = null;

async function rules() {
  redaction ??= new Redaction(await (await fetch(api.runtime.getURL("redaction.json"))).json());
  return redaction;
}

/** Digests of one conversation; its time of birth stays when its id changes. */
const digestIn = (conversation) => (value) => keyed("label", String(conversation.created), value);

/**
 * These messages in pieces, and the labels that were given. Numbers that stand in any message that waits are not given again.
 * @returns {Promise<{pieces: {raw: string, shown: string, type: string|null}[][], labels: object}>}
 */
export async function inPieces(conversation, messages) {
  const follow = await rules();
  const digest = digestIn(conversation);
  const { known = {}, taken = {} } = conversation.labels ?? {};
  const waiting = conversation.messages.map(({ text }) => text).filter((text) => text !== null);
  const hidden = [];
  for (const { text } of messages) hidden.push(await placesToHide(conversation, text, digest));
  const found = await follow.redact(messages.map(({ text }) => text), { digest, known, taken: follow.written(waiting, taken), hidden });
  return { pieces: found.pieces, labels: { known: found.known, taken: found.taken } };
}

/** These messages as they leave: with other text, and the number of places that were replaced. */
export async function asSent(conversation, messages) {
  const { pieces, labels } = await inPieces(conversation, messages);
  return { labels, messages: messages.map((message, place) => packed(message, pieces[place])) };
}

const packed = (message, pieces) => ({ ...message, text: Redaction.joined(pieces), redactions: pieces.filter(({ type }) => type !== null).length });

/** Hide this passage wherever it stands in the conversation, now and in what follows; false if it stands nowhere. */
export async function hide(conversation, passage) {
  const isThere = conversation.messages.some(({ text }) => text?.includes(passage));
  if (!passage.trim() || !isThere) return false;
  const digest = await digestIn(conversation)(passage);
  const others = (conversation.hidden ?? []).filter((one) => one.digest !== digest);
  conversation.hidden = [...others, { digest, length: passage.length, text: passage }];
  return true;
}

async function placesToHide({ hidden = [] }, text, digest) {
  const places = await Promise.all(hidden.map((one) => (one.text === null ? byDigest(one, text, digest) : byText(one, text))));
  return places.flat();
}

function byText({ text: passage }, text) {
  const places = [];
  for (let at = text.indexOf(passage); at >= 0; at = text.indexOf(passage, at + passage.length)) places.push([at, at + passage.length]);
  return places;
}

/** After everything was sent only the digest is left: each place of the text is held against it. */
async function byDigest({ digest: wanted, length }, text, digest) {
  const places = [];
  for (let from = 0; from + length <= text.length; from += AT_ONCE) {
    const starts = Array.from({ length: Math.min(AT_ONCE, text.length - length - from + 1) }, (_, step) => from + step);
    const digests = await Promise.all(starts.map((start) => digest(text.slice(start, start + length))));
    starts.forEach((start, place) => digests[place] === wanted && start >= (places.at(-1)?.[1] ?? 0) && places.push([start, start + length]));
  }
  return places;
}
