// What the popup says about the page in front and about the server. Status in, elements out.
import "../browser.js";
import "../shared/page.js";
import { access } from "./access.js";

const { text, count } = globalThis.ShareLM.browser;
const { icon, make } = globalThis.ShareLM.page;
const SWITCHED = new Set(["ready", "recording", "paused"]);
const MINUTE = 60_000;

export function here(status, act) {
  if (status.consent !== "given") return asking(status.consent);
  const allowing = access(status, act.refresh);
  if (allowing) return allowing;
  const shown = statusOf(status);
  const title = make("h2", {}, text(`status_${shown}`));
  const more = make("p", { class: "soft" }, moreOf(shown, status));
  if (SWITCHED.has(shown)) return [make("div", { class: "row between nowrap" }, make("div", {}, title, more), switchOf(status, shown, act))];
  return [title, more, ...buttons(shown, status, act)];
}

function statusOf({ view, isPaused }) {
  const shown = view?.status ?? "elsewhere";
  return isPaused && ["ready", "recording", "nothing", "elsewhere"].includes(shown) ? "paused" : shown;
}

function moreOf(shown, { view, hours, isPausedEverywhere }) {
  if (shown === "recording") return text("popup_recording_more", view.platform);
  if (shown === "paused" && isPausedEverywhere) return text("popup_pausedEverywhere_more");
  return text(`popup_${shown}_more`, hours);
}

function asking(state) {
  const words = state === "renew" ? "popup_renew" : "popup_consent";
  const link = make("a", { class: "button primary", href: "../consent/consent.html", target: "_blank" }, text("button_consent"));
  return [make("h2", {}, text(words)), make("p", { class: "soft" }, text(`${words}_more`)), make("p", { class: "row" }, link)];
}

function switchOf({ isPaused }, shown, act) {
  const turn = () => act.ask({ kind: "pauseTab", isPaused: !isPaused });
  const attributes = { class: "switch", role: "switch", type: "button", "aria-checked": String(!isPaused), "aria-label": text("popup_record"), "data-name": "switch" };
  return make("button", { ...attributes, click: turn });
}

function buttons(shown, { view }, act) {
  if (shown === "notHere") return [row(button("button_here", "play", () => act.ask({ kind: "here", host: view.host })))];
  const look = () => act.ask({ kind: "lookAgain" });
  if (shown === "unrecognised") return [row(button("button_look", "rotate-ccw", look), button("button_tell", "flag", act.tell))];
  return [];
}

/** Nothing where the server is well. */
export function trouble({ pause, consent, access, server, hasLittleRoom }, waiting, act) {
  if (consent === "given" && !access) return [make("strong", {}, text("access_missing")), text("access_missing_at", new URL(server).host), row(button("button_allow", "check", act.allow))];
  const isDown = pause?.failures > 0 && waiting > 0;
  if (hasLittleRoom && !isDown) return [make("strong", {}, text("popup_littleRoom")), text("popup_littleRoom_more")];
  if (!isDown) return null;
  const minutes = Math.max(1, Math.ceil((pause.until - Date.now()) / MINUTE));
  const title = text(pause.reason === "offline" ? "popup_offline" : "popup_down");
  const more = `${count("popup_stay", waiting)} ${text("popup_next", minutes)}`;
  return [make("strong", {}, title), more, row(button("popup_try", "rotate-ccw", () => act.send()))];
}

const row = (...children) => make("p", { class: "row" }, ...children);
const button = (name, sign, click) => make("button", { class: "button small", type: "button", "data-name": name, click }, icon(sign), text(name));
