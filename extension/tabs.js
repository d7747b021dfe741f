// What belongs to a tab: pause, the frame that holds the chat, what its banner says; and the icon and badge that follow from it.
import "./browser.js";

const { api, getForSession, setForSession, removeForSession, alone, text } = globalThis.ShareLM.browser;
const NEW = { isPaused: false, frame: null, view: null };
const BADGES = { paused: "II", consent: "?", renew: "?", unrecognised: "!", full: "!", noAccess: "!" };
const key = (tabId) => `tab:${tabId}`;

export const ofTab = async (tabId) => ({ ...NEW, ...(await getForSession(key(tabId))) });

export const change = (tabId, changes) =>
  alone(key(tabId), async () => {
    const tab = { ...(await ofTab(tabId)), ...changes };
    await setForSession({ [key(tabId)]: tab });
    return tab;
  });

export const forget = (tabId) => removeForSession(key(tabId));

/** A frame says what it shows. The first that holds a chat has the banner; true if it is this one. */
export async function report(tabId, frameId, view) {
  const tab = await ofTab(tabId);
  const isOwner = tab.frame === frameId || tab.frame === null || (frameId === 0 && tab.view === null);
  if (!isOwner || (!view.hasChat && tab.frame !== frameId && frameId !== 0)) return false;
  await change(tabId, { frame: view.hasChat ? frameId : tab.frame, view });
  await show(tabId, view.status);
  return view.hasChat || frameId === 0;
}

/** The page in this frame is gone, and with it what it showed. */
export async function leave(tabId, frameId) {
  const tab = await ofTab(tabId);
  if (frameId !== 0 && tab.frame !== frameId) return;
  await change(tabId, { frame: null, view: null });
  await show(tabId, "elsewhere");
}

async function show(tabId, status) {
  const look = status === "recording" ? "active" : "inactive";
  const path = Object.fromEntries([16, 32, 48].map((size) => [size, api.runtime.getURL(`icons/${look}-${size}.png`)]));
  try {
    await api.action.setIcon({ tabId, path });
    await api.action.setBadgeText({ tabId, text: BADGES[status] ?? "" });
    await api.action.setBadgeBackgroundColor({ tabId, color: "#50564d" });
    await api.action.setTitle({ tabId, title: `ShareLM: ${text(`status_${status}`)}` });
  } catch {
    // The tab was closed meanwhile.
  }
}

/** Tell every page that something changed; pages without our scripts do not answer. */
export async function tellAll(message) {
  const tabs = await api.tabs.query({});
  await Promise.all(tabs.map((tab) => api.tabs.sendMessage(tab.id, message).catch(() => null)));
}

export const tell = (tabId, message) => api.tabs.sendMessage(tabId, message).catch(() => null);
