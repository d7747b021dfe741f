// The options: which server, which user ID, and where nothing is recorded.
import "../browser.js";
import "../shared/page.js";
import { sites } from "../sites.js";
import { showIdentity } from "./identity.js";
import { showServer } from "./address.js";

const { api, ask, text } = globalThis.ShareLM.browser;
const { icon, make, speak } = globalThis.ShareLM.page;
const find = (id) => document.getElementById(id);
let status = null;

speak();
document.title = `ShareLM: ${text("options_title")}`;
find("everywhere").addEventListener("click", () => change({ kind: "pauseAll", isPaused: !status.isPausedEverywhere }));
await refresh();
document.querySelector("main").append(await sites());
document.querySelector("main").removeAttribute("aria-busy");
api.storage.onChanged.addListener(() => refreshSoon());
[api.permissions.onAdded, api.permissions.onRemoved].forEach((event) => event.addListener(() => refreshSoon()));

let soon = 0;
function refreshSoon() {
  clearTimeout(soon);
  soon = setTimeout(refresh, 150);
}

async function refresh() {
  status = await ask({ kind: "status", tabId: -1 });
  showServer(status);
  showIdentity(status);
  showRecording();
}

function showRecording() {
  find("everywhere").setAttribute("aria-checked", String(!status.isPausedEverywhere));
  find("hours").textContent = text("options_hours", status.hours);
  find("no-sites").hidden = status.notHere.length > 0;
  find("sites").hidden = !status.notHere.length;
  const hosts = status.notHere.join();
  if (find("sites").dataset.hosts === hosts) return;
  find("sites").dataset.hosts = hosts;
  find("sites").replaceChildren(...status.notHere.map(site));
}

function site(host) {
  const allow = () => change({ kind: "here", host }).then(() => find("recording-title").focus());
  const button = make("button", { class: "button small", type: "button", "aria-label": `${text("button_here")}: ${host}`, click: allow }, icon("play"), text("button_here"));
  return make("li", { class: "row between" }, make("span", {}, host), button);
}

async function change(question) {
  await ask(question);
  await refresh();
}
