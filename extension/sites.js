// The hosts that the person added, as a section for a page of the extension: each with a button that removes it, and a line to add one.
import "./browser.js";
import "./shared/page.js";

const { api, ask, text } = globalThis.ShareLM.browser;
const { icon, make } = globalThis.ShareLM.page;

/** @returns {Promise<HTMLElement>} */
export async function sites() {
  const section = make("section", { id: "own-hosts", "aria-labelledby": "sites-title" });
  await draw(section);
  return section;
}

async function draw(section, said = "") {
  const origins = await ask({ kind: "ownHosts", act: "list" });
  const list = origins.length ? [make("ul", { class: "lines" }, ...origins.map((origin) => row(origin, section)))] : [];
  const outcome = make("p", { class: "soft", role: "status" }, said);
  section.replaceChildren(make("h2", { id: "sites-title" }, text("sites_title")), make("p", { class: "soft" }, text("sites_more")), ...list, form(section), outcome);
}

function row(origin, section) {
  const remove = async () => {
    await ask({ kind: "ownHosts", act: "remove", origin });
    await draw(section, text("sites_removed", origin));
    section.querySelector("input").focus();
  };
  const button = make("button", { class: "button small", type: "button", "aria-label": text("sites_remove_one", origin), click: remove }, icon("x"), text("sites_remove"));
  return make("li", { class: "row between" }, make("span", { class: "mono" }, origin), button);
}

function form(section) {
  const box = make("input", { type: "url", id: "sites-address", placeholder: "https://chat.example.org", autocomplete: "off", spellcheck: "false" });
  const field = make("div", { class: "field" }, make("label", { for: "sites-address" }, text("sites_address")), box);
  const made = make("form", { novalidate: true }, field, make("p", { class: "row" }, make("button", { class: "button" }, text("sites_add"))));
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    add(box.value.trim(), section);
  });
  return made;
}

/** The browser must be asked in the very click. Only the origin of what was typed counts. */
async function add(typed, section) {
  const url = URL.canParse(typed) ? new URL(typed) : null;
  if (!url || !/^https?:$/.test(url.protocol)) return draw(section, text("sites_no_address"));
  const asked = api.permissions.request({ origins: [`${url.protocol}//${url.hostname}/*`] });
  const isAdded = (await asked.catch(() => false)) && (await ask({ kind: "ownHosts", act: "add", origin: url.origin }));
  return draw(section, text(isAdded ? "sites_added" : "sites_refused", url.origin));
}
