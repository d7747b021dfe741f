// The little that plain HTML and htmx do not do. Read before the body, so that a chosen colour scheme shows from the first paint on.
"use strict";

const root = document.documentElement;

function chosenTheme() {
  try {
    return localStorage.getItem("theme") || "auto";
  } catch {
    return "auto"; // storage is switched off
  }
}

function setTheme(theme) {
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  else delete root.dataset.theme;
}

function keepTheme(theme) {
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // storage is switched off: it holds for this page
  }
}

setTheme(chosenTheme());
root.classList.add("js");

addEventListener("DOMContentLoaded", () => {
  const colours = document.getElementById("colours");
  colours.hidden = false;
  (colours.querySelector(`[value="${CSS.escape(chosenTheme())}"]`) || colours.querySelector("input")).checked = true;
  colours.addEventListener("change", ({ target }) => {
    setTheme(target.value);
    keepTheme(target.value);
  });
  showScripted();
});

// What works only with this script.
function showScripted() {
  for (const part of document.querySelectorAll(".with-script")) part.hidden = false;
  if (navigator.clipboard) for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
}

addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.closest(".code").querySelector("code").textContent);
  button.lastElementChild.textContent = button.dataset.copy;
});

// Filters change the address without loading the page: whoever chooses a language comes back to what is shown now.
addEventListener("submit", ({ target }) => {
  if (target.id === "languages") target.elements.next.value = location.pathname + location.search;
});

// The bar under a list says how many are selected; without this file it is always there.
const PICKS = ".pick input:not(:disabled)";

function countPicks() {
  const output = document.getElementById("picked");
  if (!output) return;
  output.textContent = output.dataset.selected.replace("#", document.querySelectorAll(`${PICKS}:checked`).length);
  for (const button of document.querySelectorAll("[data-picks]")) button.hidden = false;
}

addEventListener("change", ({ target }) => {
  if (target.matches(PICKS)) countPicks();
});

addEventListener("click", ({ target }) => {
  const button = target.closest("[data-picks]");
  if (!button) return;
  for (const box of document.querySelectorAll(PICKS)) box.checked = button.dataset.picks === "all";
  countPicks();
  if (button.dataset.picks === "none") document.querySelector(PICKS)?.focus();
});

addEventListener("pageshow", countPicks); // also after going back: the browser remembers what was ticked

// What had the focus was replaced: go on at the heading of what is there now.
addEventListener("htmx:afterSwap", () => {
  showScripted();
  countPicks();
  if (document.activeElement === document.body) document.querySelector("#conversation h1, #receipt h1, #download h2, #found")?.focus({ preventScroll: true });
});

addEventListener("htmx:beforeRequest", () => document.getElementById("problem").replaceChildren());

addEventListener("htmx:sendError", () => {
  const problem = document.getElementById("problem");
  const note = document.createElement("p");
  note.className = "note bad";
  note.textContent = problem.dataset.noAnswer;
  problem.replaceChildren(note);
});

// Words that are selected in a message can be hidden: the button puts them into the form below, whose answer shows all places first.
const HIDEABLE = 1000;
let selected = "";

function selectedWords() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return "";
  const place = selection.getRangeAt(0).commonAncestorContainer;
  const element = place.nodeType === Node.ELEMENT_NODE ? place : place.parentElement;
  return element.closest("#thread") ? selection.toString().trim() : "";
}

document.addEventListener("selectionchange", () => {
  const bar = document.getElementById("selection");
  if (!bar || bar.contains(document.activeElement)) return;
  selected = selectedWords();
  bar.hidden = selected.length < 3 || selected.length > HIDEABLE;
  const words = document.getElementById("selected");
  words.textContent = words.dataset.quote.replace("#", () => (selected.length > 40 ? `${selected.slice(0, 40)}…` : selected));
});

// The selection must outlast the press.
addEventListener("mousedown", (event) => event.target.closest("#selection") && event.preventDefault());

addEventListener("click", ({ target }) => {
  if (!target.closest("#selection button")) return;
  const field = document.getElementById("passage");
  field.value = selected.replace(/\s+/gu, " ");
  getSelection().removeAllRanges();
  field.form.requestSubmit();
});

// The reviewers' queue with the keyboard. Single letters can be switched off: voice input and stray keys would press them (WCAG 2.1.4).
const KEYS_OFF = "review-keys-off";

function areKeysOff() {
  try {
    return localStorage.getItem(KEYS_OFF) === "yes";
  } catch {
    return false; // storage is switched off
  }
}

function nameKeysButton() {
  const keys = document.getElementById("keys");
  if (keys) keys.querySelector("button").textContent = areKeysOff() ? keys.dataset.on : keys.dataset.off;
}

function lineBeside(step) {
  const lines = [...document.querySelectorAll("#queue li")];
  const open = lines.findIndex((line) => line.hasAttribute("aria-current"));
  return lines[open + step]?.querySelector("a");
}

const KEY_ACTS = {
  j: () => lineBeside(1)?.click(),
  k: () => lineBeside(-1)?.click(),
  a: () => document.querySelector('button[data-key="a"]')?.click(),
  r: () => {
    const form = document.querySelector('details[data-key="r"]');
    if (!form) return;
    form.open = true;
    form.querySelector("select").focus();
  },
  "?": () => document.querySelector("#keys button").focus(),
};

addEventListener("DOMContentLoaded", nameKeysButton);

addEventListener("click", ({ target }) => {
  if (!target.closest("#keys button")) return;
  try {
    if (areKeysOff()) localStorage.removeItem(KEYS_OFF);
    else localStorage.setItem(KEYS_OFF, "yes");
  } catch {
    // storage is switched off: the keys stay on
  }
  nameKeysButton();
});

addEventListener("keydown", (event) => {
  const act = Object.hasOwn(KEY_ACTS, event.key) && KEY_ACTS[event.key];
  if (!act || !document.getElementById("keys") || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (["INPUT", "SELECT", "TEXTAREA"].includes(event.target.tagName) || (areKeysOff() && event.key !== "?")) return;
  event.preventDefault();
  act();
});
