// Finds words in what waits. Pure: conversations in, hits out.
import "../shared/record.js";

const { record } = globalThis.ShareLM;
const AROUND = 60; // characters on each side of a hit
const TITLE = 120;

/** Conversations with a message that has `words` in it, whatever their case; each with the first place. */
export function search(conversations, words) {
  const wanted = folded(words);
  return conversations.map((kept) => hit(kept, wanted)).filter(Boolean);
}

function hit(kept, wanted) {
  const messages = record.waiting(kept);
  const found = messages.find(({ text }) => folded(text).includes(wanted));
  if (!found) return null;
  const first = messages.find(({ role }) => role === "user") ?? messages[0];
  return { platform: kept.platform, changed: kept.changed, title: oneLine(first.text).slice(0, TITLE), excerpt: excerpt(found.text, wanted) };
}

/** What stands before, the words as they are written there, what follows. */
function excerpt(text, wanted) {
  const at = folded(text).indexOf(wanted);
  const end = at + wanted.length;
  const [from, to] = [Math.max(0, at - AROUND), Math.min(text.length, end + AROUND)];
  return [(from ? "…" : "") + text.slice(from, at), text.slice(at, end), text.slice(end, to) + (to < text.length ? "…" : "")];
}

/** Small letters; a letter that would grow longer stays as it is, so that places stay true. */
const folded = (text) => text.replace(/\p{Lu}/gu, (letter) => (letter.toLowerCase().length === letter.length ? letter.toLowerCase() : letter));

const oneLine = (text) => text.replace(/\s+/g, " ").trim();
