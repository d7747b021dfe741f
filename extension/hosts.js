// The hosts that the person adds for chat pages of their own: one origin each, the browser's permission for it, and our content scripts there.
import "./browser.js";
import "./shared/platform.js";
import { isFixed, platformAt } from "./platforms.js";
import { config } from "./server.js";
import * as tabs from "./tabs.js";

const { platform } = globalThis.ShareLM;
const { api, get, set, alone, getForSession, setForSession, removeForSession } = globalThis.ShareLM.browser;
const KEPT = "own_hosts";
const WISHED = "wished_host";
const SCRIPT = "own-hosts";

/** What the extension's own pages may ask: `list`, `add`, `remove`, and `wish` for what the browser is being asked to allow. */
export const answer = ({ act, origin }) => ({ list: all, add, remove, wish })[act](origin);

/** Origins with their ports, in the order in which they were added. */
export const all = async () => (await get(KEPT)) ?? [];

export const isOwn = async (address) => (await all()).includes(new URL(address).origin);

/** What the browser is asked for. Its patterns know no ports, so the exact origin is compared here besides. */
function patternOf(address) {
  const { protocol, hostname } = new URL(address);
  return `${protocol}//${hostname}/*`;
}

/** Chromium's `contains` is silent about the hosts of content scripts; `getAll` names all that were granted and not revoked. */
export async function mayRead(address) {
  const { origins = [] } = await api.permissions.getAll();
  return platform.isCovered(origins, address);
}

/** What can be asked for on the page of a tab: `missing` access to a page that we record, or an `offer` to add its host. */
export async function accessOf(tabId, view) {
  const refused = view?.status === "noAccess" ? view.origin : "";
  const { url = refused } = tabId >= 0 ? await api.tabs.get(tabId).catch(() => ({})) : {};
  if (!/^https?:/.test(url)) return null;
  const asked = { origin: new URL(url).origin, pattern: patternOf(url) };
  if ((await platformAt(url)) || (await isOwn(url))) return (await mayRead(url)) ? null : { state: "missing", ...asked };
  return (await isFixed(url)) ? null : { state: "offer", ...asked };
}

/** The popup closes while the browser asks: what it wanted is remembered here. */
const wish = (origin) => setForSession({ [WISHED]: origin });

/** The browser says that there are more permissions. */
export async function granted() {
  const origin = await getForSession(WISHED);
  if (origin) return add(origin);
  return tabs.tellAll({ kind: "changed" });
}

/** False where the address is none, or the browser does not allow it. */
async function add(origin) {
  if (!isOrigin(origin) || !(await mayRead(origin))) return false;
  await removeForSession(WISHED);
  const isKnown = await isFixed(origin);
  if (!isKnown) await change((origins) => [...new Set([...origins, origin])]);
  await enter(origin, { allFrames: !isKnown });
  await tabs.tellAll({ kind: "changed" });
  return true;
}

function isOrigin(text) {
  return URL.canParse(text) && /^https?:/.test(text) && new URL(text).origin === text;
}

/** Its open pages fall silent, and the permission goes back, unless another host or the server needs it. */
async function remove(origin) {
  await change((origins) => origins.filter((one) => one !== origin));
  const { server } = await config();
  const isNeeded = [...(await all()), server].some((other) => patternOf(other) === patternOf(origin));
  if (!isNeeded) await api.permissions.remove({ origins: [patternOf(origin)] }).catch(() => false); // what the manifest requires stays
  await tabs.tellAll({ kind: "changed" });
  return true;
}

const change = (work) =>
  alone(KEPT, async () => {
    await set({ [KEPT]: work(await all()) });
    await registerNow();
  });

/** At each start and update: the browser forgets registrations when the extension is updated. */
export const register = () => alone(KEPT, registerNow);

async function registerNow() {
  const matches = [...new Set((await all()).map(patternOf))];
  await api.scripting.unregisterContentScripts({ ids: [SCRIPT] }).catch(() => null); // there may be none
  if (!matches.length) return;
  // In frames too: Streamlit's own cloud and many portals put the app into a frame of the same host.
  await api.scripting.registerContentScripts([{ id: SCRIPT, matches, js: files(), allFrames: true, runAt: "document_idle", persistAcrossSessions: true }]);
}

const files = () => api.runtime.getManifest().content_scripts[0].js;

/** Pages that are open already need no reload. */
async function enter(origin, { allFrames }) {
  const open = (await api.tabs.query({ url: patternOf(origin) })).filter((tab) => new URL(tab.url).origin === origin);
  await Promise.all(open.map(({ id }) => api.scripting.executeScript({ target: { tabId: id, allFrames }, files: files() }).catch(() => null)));
}
