// Searches what waits on this device, and saves it to a file. Everything happens here: nothing is asked of the server.
import "../browser.js";
import "../shared/page.js";
import "../shared/record.js";
import { all } from "../outbox.js";
import { asCsv, asJson } from "./files.js";
import { search } from "./search.js";

const { api, count, text } = globalThis.ShareLM.browser;
const { record } = globalThis.ShareLM;
const { icon, make } = globalThis.ShareLM.page;
const find = (id) => document.getElementById(id);
const MOST_SHOWN = 50;
let waiting = [];

find("json").append(icon("download"), text("more_json"));
find("csv").append(icon("download"), text("more_csv"));
find("json").addEventListener("click", () => save("json", "application/json", asJson));
find("csv").addEventListener("click", () => save("csv", "text/csv;charset=utf-8", asCsv));
find("search").addEventListener("submit", (event) => event.preventDefault());
find("words").addEventListener("input", show);
api.storage.onChanged.addListener((changes) => Object.keys(changes).some((key) => key.startsWith("c:")) && refreshSoon());

let soon = 0;
function refreshSoon() {
  clearTimeout(soon);
  soon = setTimeout(showWaiting, 300);
}

export async function showWaiting() {
  waiting = (await all()).filter((kept) => record.waiting(kept).length).sort((one, other) => other.changed - one.changed);
  find("waits").textContent = waiting.length ? count("more_waiting", waiting.length) : text("more_nothing");
  for (const part of [find("search"), find("json"), find("csv")]) part.hidden = !waiting.length;
  show();
}

function show() {
  const words = find("words").value.trim();
  const hits = words ? search(waiting, words) : [];
  find("found").textContent = words ? summary(hits.length) : "";
  find("results").replaceChildren(...hits.slice(0, MOST_SHOWN).map(result));
  find("results").hidden = !hits.length;
}

const summary = (number) => (number > MOST_SHOWN ? text("more_first", MOST_SHOWN, number) : count("more_found", number));

function result({ platform, changed, title, excerpt: [before, hit, after] }) {
  const date = new Date(changed).toLocaleString(undefined, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
  const words = make("p", { dir: "auto" }, before, make("mark", {}, hit), after);
  return make("li", {}, make("h3", { dir: "auto" }, title || text("popup_untitled")), make("p", { class: "soft" }, `${platform} · ${date}`), words);
}

function save(ending, type, write) {
  const address = URL.createObjectURL(new Blob([write(waiting)], { type }));
  make("a", { href: address, download: `sharelm-${new Date().toISOString().slice(0, 10)}.${ending}` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
  find("saved").textContent = count("more_saved", waiting.length);
}
