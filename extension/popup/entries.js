// One conversation that waits: its first words, when it goes, and what can be done with it; its text when it is opened.
import "../browser.js";
import "../shared/page.js";
import { hiddenList, hidingOf, words } from "./hiding.js";

const { ask, text, count } = globalThis.ShareLM.browser;
const { icon, make } = globalThis.ShareLM.page;
const MINUTE = 60_000;

export function entry(listed, actions) {
  const { id } = listed;
  const isOpen = actions.open.has(id);
  const title = listed.title || text("popup_untitled");
  const toggle = () => {
    if (!actions.open.delete(id)) actions.open.add(id);
    actions.refresh();
  };
  const opener = make("button", { class: "open", type: "button", "aria-expanded": String(isOpen), "data-name": `open-${id}`, click: toggle }, title);
  const remove = { class: "icon-button quiet", type: "button", "aria-label": `${text("popup_delete")}: ${title}`, "data-name": `delete-${id}` };
  const item = make("li", {}, make("div", {}, make("h3", {}, opener), meta(listed)), make("button", { ...remove, click: () => actions.remove(id, "deleted") }, icon("trash-2")));
  if (isOpen) item.append(inside(listed, actions));
  return item;
}

function meta({ count: number, due, refused }) {
  if (refused) return make("p", { class: "meta" }, make("span", { class: "refused" }, text("popup_refused", refused.status, refused.reason)));
  return make("p", { class: "meta" }, make("span", {}, count("popup_messages", number)), make("span", {}, icon("clock"), dueIn(due)));
}

function dueIn(due) {
  const minutes = Math.ceil((due - Date.now()) / MINUTE);
  if (minutes <= 0) return text("popup_due_now");
  return minutes < 60 ? text("popup_due_minutes", minutes) : text("popup_due_hours", Math.round(minutes / 60));
}

function inside(listed, actions) {
  const { id, rating, refused } = listed;
  const thumbs = pair({ rating, labels: ["button_good", "button_poor"], name: `rate-${id}`, rate: (value) => actions.thumb({ id, rating: value }) });
  const send = refused
    ? make("button", { class: "button small", type: "button", click: () => actions.again(id) }, icon("rotate-ccw"), text("popup_again"))
    : make("button", { class: "button small", type: "button", click: () => actions.send(id) }, icon("send"), text("popup_send_one"));
  const hide = make("button", { class: "button quiet small", type: "button", click: () => actions.remove(id, "private") }, icon("lock"), text("button_private"));
  const talk = make("ul", { class: "talk", tabindex: "0" });
  const hidden = make("div", { class: "hidden-list" });
  fill({ talk, hidden, id }, actions);
  return make("div", { class: "inside" }, make("div", { class: "tools" }, ...thumbs, send, hide), talk, hidingOf(id, actions), hidden);
}

async function fill({ talk, hidden, id }, actions) {
  const found = await ask({ kind: "conversation", id });
  if (!found) return;
  talk.append(...found.messages.map((message) => said(message, id, actions)));
  talk.scrollTop = actions.scrolled.get(id) ?? 0;
  talk.addEventListener("scroll", () => talk.isConnected && actions.scrolled.set(id, talk.scrollTop));
  hidden.append(...hiddenList(id, found.hidden));
}

function said({ id: messageId, role, pieces, rating, gap }, id, actions) {
  const isAnswer = role === "assistant";
  const rate = (value) => actions.thumb({ id, messageId, rating: value });
  const thumbs = isAnswer ? make("span", { class: "row nowrap" }, ...pair({ rating, labels: ["popup_good_answer", "popup_poor_answer"], name: `rate-${messageId}`, rate })) : null;
  const who = make("span", { class: "who" }, text(isAnswer ? "popup_model" : "popup_you"), thumbs);
  return make("li", { class: role }, gap ? make("p", { class: "gap" }, text("popup_gap")) : null, who, words(pieces));
}

/** Thumb up and thumb down; a second press takes it back. */
function pair({ rating, labels, name, rate }) {
  return [1, -1].map((value, place) => {
    const isPressed = rating === value;
    const attributes = { class: `icon-button small thumb${value < 0 ? " down" : ""}`, type: "button", "aria-pressed": String(isPressed), "aria-label": text(labels[place]) };
    return make("button", { ...attributes, "data-name": `${name}-${value}`, click: () => rate(isPressed ? 0 : value) }, icon(value > 0 ? "thumbs-up" : "thumbs-down"));
  });
}
