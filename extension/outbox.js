// What waits: one key per conversation, and one writer at a time. Nothing here calls the server.
// What lists and the sender must know of each stands in an index, so that ten thousand conversations need not be read to send one.
import "./browser.js";
import "./shared/record.js";
import { conversationId, keyed, messageDigest, messageId, random } from "./keys.js";
import { asSent } from "./labels.js";

const { browser, record } = globalThis.ShareLM;
const PREFIX = "c:";
const FIRST = "x:";
const INDEX = "w:";
const SHARDS = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"]; // an id's first character
const SCHEMA = 2;

const exclusively = async (work) => {
  await upToDate();
  return browser.alone("outbox", work);
};
const load = (id) => browser.get(PREFIX + id);
const save = (conversation) => write([conversation]);

/** Records and what the index says of them, in one stroke: no text can stay in one that is gone from the other. */
async function write(records, more = {}) {
  const keys = [...new Set(records.map(shardOf))];
  const shards = await browser.api.storage.local.get(keys);
  for (const key of keys) shards[key] ??= {};
  for (const kept of records) {
    delete shards[shardOf(kept)][kept.id];
    const summary = kept.messages && record.summary(kept);
    if (summary) shards[shardOf(kept)][kept.id] = summary;
  }
  const items = records.map(({ id, ...kept }) => [PREFIX + id, kept.messages ? { id, ...kept } : kept]);
  await browser.set({ ...shards, ...Object.fromEntries(items), ...more });
}

const shardOf = ({ id }) => INDEX + id[0];

/** Of each conversation in which something waits, or of this one: what `record.summary` says, and no more of its text than a title. */
export async function summaries(id = null) {
  await upToDate();
  if (id !== null) return Object.values((await browser.get(shardOf({ id }))) ?? {}).filter((one) => one.id === id);
  const shards = await browser.api.storage.local.get(SHARDS.map((character) => INDEX + character));
  return Object.values(shards).flatMap((shard) => Object.values(shard));
}

export const one = (id) => load(id);

/** All conversations and stubs with their text: for the page that searches and saves, and for what concerns everything. */
export async function all() {
  await upToDate();
  return conversationsIn(await browser.all());
}

const conversationsIn = (items) => Object.keys(items).filter((key) => key.startsWith(PREFIX) && items[key].messages).map((key) => items[key]);

/** The page's conversation: its id, its record if there is one, and what it follows on. */
async function find(page) {
  let id = await conversationId(page.platform, page.key);
  const earlier = [];
  id = (await browser.getForSession(`alias:${id}`)) ?? id;
  for (let kept = await load(id); ; kept = await load(id)) {
    if (kept?.alias) id = kept.alias;
    else if (kept?.successor) [, id] = [earlier.push(kept), kept.successor];
    else return { id, kept, earlier };
  }
}

/** What is known of the messages that a page shows. Sites without ids are recognised by what was said first. */
export function open(page, turns, now) {
  return exclusively(async () => {
    const digests = await Promise.all(turns.map(({ role, text }) => messageDigest(role, text)));
    let found = await find(page);
    if (!found.kept && page.key.startsWith("~")) found = (await findByText(page, turns, digests)) ?? found;
    const { kept, earlier } = found;
    const ids = await Promise.all(turns.map((turn) => turn.id ?? messageId(page.platform, turn.key)));
    const bySequence = kept ? record.recognise(kept, digests) : [];
    const answers = turns.map((turn, place) => known({ kept, earlier }, { id: ids[place], digest: digests[place], guess: turn.isNamed ? null : bySequence[place] }));
    return { state: kept?.state ?? "open", answers, ...facts(kept), now };
  });
}

function known({ kept, earlier }, { id, digest, guess }) {
  const held = [...earlier.flatMap((stub) => [...stub.messages, ...stub.withheld]), ...(kept?.withheld ?? [])];
  const message = kept?.messages.find((one) => one.id === id) ?? guess;
  if (message) return { mark: "taken", isSame: message.digest === digest, id: message.id };
  if (held.some((one) => one.id === id || one.digest === digest)) return { mark: "withheld", isSame: false, id };
  return { mark: null, isSame: false, id };
}

async function findByText(page, turns, digests) {
  const place = turns.findIndex((turn) => turn.role === "user");
  if (place < 0) return null;
  const ids = (await browser.get(await firstKey(page.platform, digests[place]))) ?? [];
  const candidates = (await Promise.all(ids.map(load))).filter((kept) => kept?.messages);
  const scored = candidates.map((kept) => ({ kept, score: record.recognise(kept, digests).filter(Boolean).length }));
  const best = scored.sort((one, other) => other.score - one.score)[0];
  if (!best || best.score < 2) return null;
  const id = await conversationId(page.platform, page.key);
  await browser.setForSession({ [`alias:${id}`]: best.kept.id });
  return find(page);
}

const firstKey = async (platform, digest) => `${FIRST}${await keyed("first", platform, digest)}`;

/** Keep what this tab saw being sent. Nothing is kept of a conversation that was stopped. */
export function keep(page, messages, now) {
  return exclusively(async () => {
    const { id, kept } = await find(page);
    const conversation = kept ?? record.create(id, page, now);
    if (conversation.state !== "open") return { state: conversation.state, ...facts(conversation) };
    const outside = new Set(conversation.withheld.map((message) => message.id));
    const items = (await Promise.all(messages.map((message) => identified(page.platform, message)))).filter((item) => item.text && !outside.has(item.id));
    items.forEach((item, place) => {
      record.put(conversation, item, { now, following: items.slice(place + 1).map((following) => following.id) });
      resend(conversation, items.slice(place + 1));
    });
    const isNew = !kept || !kept.messages.length;
    await write([conversation], isNew ? await firstEntry(conversation) : {});
    return { state: "open", ...facts(conversation) };
  });
}

async function identified(platform, { key, id, role, text, model, rating, at, parent, isStart }) {
  const parentId = parent ? (parent.id ?? (await messageId(platform, parent.key))) : null;
  const ownId = id ?? (await messageId(platform, key));
  return { id: ownId, digest: await messageDigest(role, text), role, text, model: model ?? null, rating: rating ?? 0, at, parent: parentId, gap: !parentId && !isStart };
}

/** A message that stands before one that was sent takes that one along, so that the server learns its place. */
function resend(conversation, following) {
  const next = following.find(({ id }) => conversation.messages.some((message) => message.id === id));
  const known = next && conversation.messages.find(({ id }) => id === next.id);
  if (!known || !known.isSent) return;
  Object.assign(known, { text: next.text, digest: next.digest, parent: next.parent, gap: next.gap, isSent: false });
}

async function firstEntry(conversation) {
  const first = conversation.messages.find((message) => message.role === "user");
  if (!first) return {};
  const key = await firstKey(conversation.platform, first.digest);
  const ids = (await browser.get(key)) ?? [];
  return { [key]: [...new Set([...ids, conversation.id])] };
}

/** Remember, without text, what was not for us. */
export function withhold(page, messages, now) {
  return exclusively(async () => {
    const { id, kept } = await find(page);
    const conversation = kept ?? record.create(id, page, now);
    const items = await Promise.all(messages.map((message) => identified(page.platform, { ...message, parent: null })));
    record.withhold(conversation, items, now);
    await save(conversation);
    return { state: conversation.state, ...facts(conversation) };
  });
}

/** The site has given the conversation a name: ours follows, unless the server may know it by the old one. */
export function name(page, siteKey) {
  return exclusively(async () => {
    const { id, kept } = await find(page);
    const named = await conversationId(page.platform, siteKey);
    if (!kept || (await load(named))) return;
    if (record.mayBeSent(kept)) return browser.set({ [PREFIX + named]: { alias: id } });
    await write([{ ...kept, id: named }, { id, alias: named }]);
    return browser.remove(PREFIX + id);
  });
}

/** Delete, or keep private: the text goes at once, and nothing more is taken. Returns the record as it was, for an undo. */
export function stop(id, state, now) {
  return exclusively(async () => {
    const kept = await load(id);
    if (!kept) return null;
    const stub = structuredClone(kept);
    record.stop(stub, state, now);
    await save(stub);
    return { before: kept, sent: record.sentCount(kept) };
  });
}

/** The page's conversation, recorded or not, is private from now on. */
export function stopPage(page, state, now) {
  return exclusively(async () => {
    const { id, kept } = await find(page);
    const stub = kept ?? record.create(id, page, now);
    record.stop(stub, state, now);
    await save(stub);
    return { state, ...facts(stub), id };
  });
}

/** What was withheld meanwhile stays withheld. */
export function restore(before) {
  return exclusively(async () => {
    const { withheld = [] } = (await load(before.id)) ?? {};
    const known = new Set(before.messages.map(({ id }) => id));
    await save({ ...before, withheld: [...before.withheld, ...withheld.filter(({ id }) => !known.has(id) && !before.withheld.some((one) => one.id === id))] });
  });
}

/** "Record from now": a new conversation takes over; all that was there stays outside. */
export function restart(page, now) {
  return exclusively(async () => {
    const { kept } = await find(page);
    if (!kept || kept.state === "open") return { state: "open", ...facts(kept) };
    const next = record.create(random(), kept, now);
    await write([next, { ...kept, successor: next.id }]);
    return { state: "open", ...facts(next) };
  });
}

/** These messages are on their way now; false if there is nothing to send any more. */
export function begin(id, part) {
  return exclusively(async () => {
    const kept = await load(id);
    if (!kept?.messages || kept.state !== "open") return false;
    if (record.begin(kept, part)) await save(kept);
    return true;
  });
}

/** Change one conversation under the lock; `work` returns false to leave it. */
export function change(id, work) {
  return exclusively(async () => {
    const kept = await load(id);
    if (!kept?.messages || (await work(kept)) === false) return null;
    await save(kept);
    return kept;
  });
}

/** These messages as they leave. Their labels are kept before they go, so that a second try says the same. */
export async function pack(id, messages) {
  let packed = null;
  await change(id, async (kept) => {
    const { labels, messages: sent } = await asSent(kept, messages);
    packed = sent;
    kept.labels = labels;
  });
  return packed;
}

export const facts = (kept) => ({ id: kept?.id ?? null, waiting: kept ? record.waiting(kept).length : 0, sent: kept ? record.sentCount(kept) : 0, rating: kept?.rating ?? 0 });

/** How many conversations the server has not yet heard are to be withdrawn. */
export const countWithdrawals = async () => (await summaries()).filter(({ withdrawal }) => withdrawal === "wanted").length;

/** What was sent belongs to another server or user ID from now on: it can no longer be withdrawn from here. What waits is kept. */
export const disown = () =>
  exclusively(async () => {
    const records = conversationsIn(await browser.all());
    for (const kept of records) {
      kept.messages.forEach((message) => Object.assign(message, { wasSent: false, isTried: false }));
      Object.assign(kept, { refused: null, withdrawal: kept.withdrawal === "wanted" ? null : kept.withdrawal });
    }
    await write(records);
  });

/** Everything that waits and every stub, but for what was kept private for good: without it, that would be offered again. */
export const eraseAll = () =>
  exclusively(async () => {
    const items = await browser.all();
    await browser.remove(Object.keys(items).filter((key) => [PREFIX, FIRST, INDEX].some((prefix) => key.startsWith(prefix))));
    await write(conversationsIn(items).filter(({ state }) => state === "private").map((kept) => ({ ...kept, withdrawal: null })));
  });

let present = null;

/** Bring what an older version of the extension left into the present form, once. */
function upToDate() {
  present ??= browser.alone("outbox", migrate).catch((problem) => {
    present = null;
    throw problem;
  });
  return present;
}

async function migrate() {
  if (((await browser.get("schema")) ?? 0) >= SCHEMA) return;
  await write(conversationsIn(await browser.all()), { schema: SCHEMA });
}
