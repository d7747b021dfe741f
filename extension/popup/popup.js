// The popup: what this page does, what waits here, and what can be done about it. It asks the worker for everything.
import "../browser.js";
import "../shared/page.js";
import { patternOf } from "../shared/origin.js";
import { here, trouble } from "./here.js";
import { entry } from "./entries.js";

const { api, ask, text, count, language } = globalThis.ShareLM.browser;
const { icon, make, speak } = globalThis.ShareLM.page;
const find = (id) => document.getElementById(id);
const UNDO_FOR = 10_000; // ms
const AT_ONCE = 20; // conversations

const tabId = Number(new URLSearchParams(location.search).get("tab")) || (await currentTab());
const open = new Set();
const [drafts, scrolled] = [new Map(), new Map()]; // by conversation, because drawing anew makes new elements
let status = null;
let listed = { items: [], total: 0 };
let limit = AT_ONCE;

speak();
find("send").addEventListener("click", () => send());
find("further").addEventListener("click", showMore);
find("copy").append(icon("copy"), text("copy_id"));
find("copy").addEventListener("click", copy);
find("data").append(text("popup_data"), icon("external-link"));
find("data").addEventListener("click", openData);
await refresh();
api.storage.onChanged.addListener(() => refreshSoon());

async function currentTab() {
  const [tab] = await api.tabs.query({ active: true, currentWindow: true });
  return tab?.id ?? -1;
}

let soon = 0;
function refreshSoon() {
  clearTimeout(soon);
  soon = setTimeout(refresh, 150);
}

async function refresh() {
  [status, listed] = await Promise.all([ask({ kind: "status", tabId }), ask({ kind: "list", limit })]);
  const act = { ask: async (question) => (await ask({ tabId, ...question }), refresh()), send, allow, tell, refresh };
  keepFocus(() => {
    find("here").replaceChildren(...here(status, act));
    const problem = trouble(status, listed.total, act);
    find("trouble").hidden = !problem;
    find("trouble").replaceChildren(...(problem ?? []));
    showDevice();
  });
}

function showDevice() {
  const actions = { send, remove, again: (id) => finish(ask({ kind: "again", id })), thumb: (question) => ask({ kind: "thumb", ...question }), ...{ open, refresh, say, drafts, scrolled } };
  const { items, total } = listed;
  find("device").hidden = status.consent === "needed" && !total;
  find("entries").replaceChildren(...items.map((one) => entry(one, actions)));
  find("number").textContent = total ? total.toLocaleString(language()) : "";
  showRest(items.length, total);
  find("empty").hidden = total > 0;
  find("empty").textContent = status.sent ? text("popup_empty_sent", status.sent) : text("popup_empty");
  find("send").hidden = !total || status.consent !== "given";
  find("copy").hidden = !status.userId || total > 0;
  find("data").hidden = !status.userId;
  document.querySelector("footer").hidden = !status.userId && !total;
}

function showRest(shown, total) {
  find("rest").hidden = total <= AT_ONCE;
  find("shown").textContent = total > AT_ONCE ? text("popup_shown", shown.toLocaleString(language()), total.toLocaleString(language())) : "";
  find("further").hidden = shown === total;
  find("further").textContent = text("popup_further", Math.min(AT_ONCE, total - shown));
}

/** The keyboard and the screen reader go on at the first that is new. */
async function showMore() {
  const place = listed.items.length;
  limit += AT_ONCE;
  await refresh();
  find("entries").children[place]?.querySelector("button").focus();
}

/** Drawing anew must not take the keyboard's place away. */
function keepFocus(draw) {
  const name = document.activeElement?.dataset.name;
  draw();
  if (name) document.querySelector(`[data-name="${CSS.escape(name)}"]`)?.focus();
}

async function send(id = null) {
  find("send").disabled = true;
  say(text("popup_sending"));
  await finish(ask({ kind: "send", id }));
  find("send").disabled = false;
}

/** What really happened: how many the server has, and why the others are still here. */
async function finish(asked) {
  const result = await asked;
  if (!result) return say(text("popup_down"));
  if (result.sent) say(count("popup_sent", result.sent));
  else if (result.problem === "consent") say(text("popup_renew_more"));
  else if (result.problem === "access") say(text("access_missing_more"));
  else if (result.problem) say(`${text(result.problem === "offline" ? "popup_offline" : "popup_down")}. ${count("popup_stay", result.left)}`);
  else say(text("popup_sent_none"));
  return refresh();
}

async function remove(id, state) {
  const removed = await ask({ kind: "remove", id, state });
  if (!removed) return;
  const undo = async () => {
    await ask({ kind: "undo", before: removed.before });
    hush();
  };
  const words = [text(state === "private" ? "popup_kept_private" : "popup_deleted")];
  if (removed.sent) words.push(text("popup_sent_before", removed.sent));
  const withdraw = async () => {
    const { problem } = await ask({ kind: "withdraw", id });
    say(text(problem ? "popup_withdraw_later" : "popup_withdrawn"));
  };
  const buttons = [make("button", { class: "button small", type: "button", "data-name": "undo", click: undo }, text("popup_undo"))];
  if (removed.sent) buttons.push(make("button", { class: "button small", type: "button", click: withdraw }, count("button_withdraw", removed.sent)));
  say(words.join(" "), buttons);
  setTimeout(() => buttons[0].remove(), UNDO_FOR);
}

function say(words, buttons = []) {
  find("toast").replaceChildren(make("span", {}, words), ...buttons);
  find("toast").hidden = false;
}

const hush = () => (find("toast").hidden = true);

/** Browsers listen to this only as the first thing after a click. */
async function allow() {
  const isAllowed = await api.permissions.request({ origins: [patternOf(status.server)] }).catch(() => false);
  if (isAllowed) await ask({ kind: "allowed" });
  await refresh();
}

/** "Tell us": what is shown is what goes, to the letter. */
async function tell() {
  const { message } = await ask({ kind: "problemHere", tabId });
  const go = async () => {
    const { status: answer } = await ask({ kind: "contact", message });
    say(text(answer === 200 ? "popup_told" : "popup_not_told"));
  };
  say(text("popup_tell_more"), [
    make("pre", {}, message),
    make("button", { class: "button small", type: "button", "data-name": "tell-yes", click: go }, text("popup_tell_yes")),
    make("button", { class: "button small", type: "button", click: hush }, text("popup_tell_no")),
  ]);
  find("toast").querySelector("button").focus();
}

async function openData() {
  const { opened } = (await ask({ kind: "openData" })) ?? {};
  if (!opened) say(text("popup_down"));
}

async function copy() {
  await navigator.clipboard.writeText(status.userId);
  say(text("copied"));
}
