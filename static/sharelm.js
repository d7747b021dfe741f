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

addEventListener("DOMContentLoaded", () => {
  const colours = document.getElementById("colours");
  colours.hidden = false;
  (colours.querySelector(`[value="${CSS.escape(chosenTheme())}"]`) || colours.querySelector("input")).checked = true;
  colours.addEventListener("change", ({ target }) => {
    setTheme(target.value);
    keepTheme(target.value);
  });
  if (navigator.clipboard) for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
});

addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
  button.lastElementChild.textContent = "Copied";
});

// What had the focus was replaced: go on at the heading of what is there now.
addEventListener("htmx:afterSwap", () => {
  if (document.activeElement === document.body) document.querySelector("#conversation h1, #receipt h1, #download h2")?.focus({ preventScroll: true });
});

addEventListener("htmx:beforeRequest", () => document.getElementById("problem").replaceChildren());

addEventListener("htmx:sendError", () => {
  const note = document.createElement("p");
  note.className = "note bad";
  note.textContent = "The server does not answer. Nothing was changed; try again in a moment.";
  document.getElementById("problem").replaceChildren(note);
});
