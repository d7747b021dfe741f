// The server's newer platforms.json: asked for now and then, checked, and the last good one kept. So a broken site is mended without a new version of us.
import "./browser.js";
import { platforms } from "./platforms.js";
import { NoAnswer, call, config, hasAccess } from "./server.js";
import { originOf } from "./shared/origin.js";
import { problemOf } from "./shared/schema.js";
import * as tabs from "./tabs.js";

const { api, get, set, remove, alone } = globalThis.ShareLM.browser;
const KEPT = "platforms";
const ASKED = "platforms_asked";
const HOUR = 3600_000;
let inUse = null; // what was kept is checked once in the life of the worker

/** These entries of the package as the file in force has them. */
export async function insteadOf(entries) {
  const file = await keptFor((await config()).server);
  return entries.map((entry) => file?.platforms.find(({ id }) => id === entry.id) ?? entry);
}

function keptFor(server) {
  if (inUse?.server !== server) inUse = { server, file: load(server) };
  return inUse.file;
}

/** Of this server only; and not where the package itself has become as new, or no longer allows it. */
async function load(server) {
  const kept = await get(KEPT);
  return kept?.server === server && problemOf(kept.file, await platforms()) === null ? kept.file : null;
}

/** Ask the server. Without an answer, or with a file that may not be used, all stays as it was. */
export const update = () =>
  alone(KEPT, async () => {
    await set({ [ASKED]: Date.now() });
    const { server } = await config();
    const [given, shipped, before] = [await ask(server), await platforms(), await keptFor(server)];
    if (problemOf(given, shipped, before?.version ?? shipped.version) !== null) return;
    await set({ [KEPT]: { server, file: given } });
    inUse = { server, file: given };
    await tabs.tellAll({ kind: "platforms" });
  });

async function ask(server) {
  if (originOf(server) !== server || !(await hasAccess())) return null;
  try {
    const { status, body } = await call("GET", "/platforms.json", { server });
    return status === 200 ? body : null;
  } catch (problem) {
    if (!(problem instanceof NoAnswer)) throw problem;
    return null;
  }
}

/** A page was not recognised: the server may know more by now. It is asked once an hour at most. */
export async function updateSoon() {
  if (await api.alarms.get("platforms")) return;
  const asked = Math.min((await get(ASKED)) ?? 0, Date.now());
  await api.alarms.create("platforms", { when: Math.max(Date.now(), asked + HOUR) });
}

/** Another server was chosen. */
export async function forget() {
  await remove([KEPT, ASKED]);
  inUse = null;
}
