// What the server has: the counts, and the way to one's own data there.
import "../browser.js";
import "../shared/page.js";

const { ask, text } = globalThis.ShareLM.browser;
const { icon, make } = globalThis.ShareLM.page;
const find = (id) => document.getElementById(id);

find("data").append(text("popup_data"), icon("external-link"));
find("data").addEventListener("click", open);

export async function showNumbers({ userId }) {
  find("data").hidden = !userId;
  if (!userId) return void (find("numbers-said").textContent = text("more_no_id"));
  const { status, body } = await ask({ kind: "me" });
  const numbers = status === 200 ? ["conversations", "messages", "released", "withdrawn"].filter((name) => Number.isInteger(body[name])) : [];
  find("numbers").replaceChildren(...numbers.map((name) => make("div", {}, make("dt", {}, text(`more_${name}`)), make("dd", {}, body[name].toLocaleString()))));
  find("numbers").hidden = !numbers.length;
  find("numbers-said").textContent = numbers.length ? "" : text("more_no_numbers");
}

async function open() {
  const { opened } = (await ask({ kind: "openData" })) ?? {};
  find("data-said").textContent = opened ? "" : text("popup_down");
}
