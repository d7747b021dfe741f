// The user ID: hidden until asked for, copied, or replaced by one that the person already has.
import "../browser.js";
import "../shared/page.js";

const { ask, count, text } = globalThis.ShareLM.browser;
const { icon, make } = globalThis.ShareLM.page;
const find = (id) => document.getElementById(id);
const DOTS = "•".repeat(24);
let userId = null;

find("copy").append(icon("copy"), text("copy_id"));
find("copy").addEventListener("click", copy);
find("reveal").addEventListener("click", () => show(find("reveal").getAttribute("aria-pressed") !== "true"));
find("id-form").addEventListener("submit", use);

export function showIdentity(status) {
  if (userId !== status.userId) find("id-said").textContent = "";
  userId = status.userId;
  find("id-row").hidden = !userId;
  show(find("reveal").getAttribute("aria-pressed") === "true");
}

function show(isShown) {
  find("reveal").setAttribute("aria-pressed", String(isShown));
  if (!userId) find("id").textContent = text("options_no_id");
  else find("id").textContent = isShown ? userId : DOTS;
}

async function copy() {
  await navigator.clipboard.writeText(userId);
  find("id-said").textContent = text("copied");
}

async function use(event, isSure = false) {
  event.preventDefault();
  const { problem, withdrawals } = (await ask({ kind: "useId", userId: find("own").value.trim(), isSure })) ?? { problem: "malformed" };
  const said = find("own-said");
  said.classList.toggle("bad", Boolean(problem));
  find("own").setAttribute("aria-invalid", String(problem === "malformed"));
  if (problem === "withdrawals") return said.replaceChildren(count("options_withdrawals", withdrawals), " ", text("options_withdrawals_more"), " ", sure(event));
  said.textContent = text(problem ? `options_id_${problem}` : "options_id_used");
  if (!problem) find("own").value = "";
}

const sure = (event) => make("button", { class: "button small", type: "button", click: () => use(event, true) }, text("options_all_the_same"));
