// Which server: where its address comes from, and how another is tried, looked at and confirmed. A link may fill the field, and no more.
import "../browser.js";
import "../shared/page.js";
import { facts } from "../shared/facts.js";
import { originOf, patternOf } from "../shared/origin.js";

const { api, ask, count, text } = globalThis.ShareLM.browser;
const { make } = globalThis.ShareLM.page;
const find = (id) => document.getElementById(id);
let current = null;

find("address").value = new URLSearchParams(location.search).get("server") ?? "";
find("server-form").addEventListener("submit", check);
find("back").addEventListener("click", () => finish({ kind: "chooseBuiltIn" }));

export function showServer(status) {
  current = status;
  find("facts").replaceChildren(...facts(status));
  find("source").textContent = text(`options_source_${status.source}`);
  find("back-row").hidden = status.source !== "chosen";
  find("server-form").hidden = status.source === "managed";
  find("access").hidden = status.access;
  if (status.access) find("access").replaceChildren();
  else if (!find("access").childElementCount) find("access").append(...missing());
}

function missing() {
  const button = make("button", { class: "button small", type: "button", click: () => allow(current.server) }, text("button_allow"));
  return [make("strong", {}, text("access_missing")), make("p", {}, text("access_missing_more")), make("p", { class: "row" }, button)];
}

/** Browsers listen to this only as the first thing after a click. */
async function allow(server) {
  try {
    const isAllowed = await api.permissions.request({ origins: [patternOf(server)] });
    if (isAllowed) await ask({ kind: "allowed" });
    return isAllowed;
  } catch {
    return false;
  }
}

async function check(event) {
  event.preventDefault();
  find("found").replaceChildren();
  const server = originOf(find("address").value);
  if (!server) return say("insecure");
  const asked = allow(server);
  say("checking", { isBad: false });
  if (!(await asked)) return say("denied");
  const { facts: found, problem } = (await ask({ kind: "greet", address: server })) ?? { problem: "no-answer" };
  if (problem) return say(problem);
  return found.server === current.server ? say("same") : confirm(found);
}

function say(name, { isBad = true } = {}) {
  find("address-said").textContent = name ? text(`options_said_${name.replace("-", "_")}`) : "";
  find("address-said").classList.toggle("bad", isBad);
  find("address").setAttribute("aria-invalid", String(isBad));
}

function confirm(found) {
  say("", { isBad: false });
  const use = () => finish({ kind: "choose", address: found.server });
  const keep = () => {
    find("found").replaceChildren();
    find("address").focus();
  };
  const buttons = [
    make("button", { class: "button primary", type: "button", click: use }, text("options_use_server")),
    make("button", { class: "button", type: "button", click: keep }, text("options_keep_server")),
  ];
  show(make("h3", {}, text("options_found")), make("dl", { class: "facts" }, ...facts(found)), make("p", {}, text("options_found_more")), make("p", { class: "row" }, ...buttons));
}

function show(...children) {
  find("found").replaceChildren(make("div", { class: "note" }, ...children));
  find("found").focus();
}

/** Choose, or go back; where withdrawals would be lost, only after one more word. */
async function finish(question) {
  const { problem, withdrawals } = (await ask(question)) ?? { problem: "no-answer" };
  if (problem === "withdrawals") return warn(question, withdrawals);
  if (problem) {
    find("found").replaceChildren();
    return say(problem);
  }
  find("address").value = "";
  const link = make("a", { class: "button primary", href: "../consent/consent.html" }, text("button_consent"));
  say("", { isBad: false });
  return show(make("strong", {}, text("options_done")), make("p", {}, text("options_done_more")), make("p", { class: "row" }, link));
}

function warn(question, withdrawals) {
  const button = make("button", { class: "button", type: "button", click: () => finish({ ...question, isSure: true }) }, text("options_all_the_same"));
  show(make("strong", {}, count("options_withdrawals", withdrawals)), make("p", {}, text("options_withdrawals_more")), make("p", { class: "row" }, button));
}
