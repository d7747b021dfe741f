// The page that says what is taken and asks. Only this page can agree, and only after the box was ticked by hand.
import "../browser.js";
import "../shared/page.js";
import { prose } from "./prose.js";

const { ask, text } = globalThis.ShareLM.browser;
const { make, icon, speak } = globalThis.ShareLM.page;
const find = (id) => document.getElementById(id);

speak();
const terms = await ask({ kind: "terms" });
find("decision").addEventListener("submit", decide);
find("decline").addEventListener("click", () => finish(text("consent_declined"), text("consent_declined_more")));
if (terms.text) show();
else showUnknown();

function show() {
  const { study, operator, server, hours, licence } = terms;
  const more = { what: [], who: [study, operator, server], wait: [hours], public: [licence], limits: [] };
  const facts = Object.entries(more).flatMap(([name, values]) => [make("dt", {}, text(`consent_fact_${name}`)), make("dd", {}, text(`consent_fact_${name}_more`, ...values))]);
  find("facts").append(...facts);
  find("version").textContent = text("consent_full", terms.text.version);
  find("text").lang = terms.text.language;
  find("text").append(...prose(terms.text.text));
  if (terms.consent === "renew") find("news").append(make("p", { class: "note caution" }, text("consent_renewed")));
  if (terms.consent === "given") showAgreed();
  find("decision").hidden = terms.consent === "given";
  document.querySelector("main").removeAttribute("aria-busy");
}

/** The terms of a server that has not answered yet are not known, and those of another one are not shown in their place. */
function showUnknown() {
  const again = make("button", { class: "button small", type: "button", click: () => location.reload() }, icon("rotate-ccw"), text("popup_try"));
  find("news").append(make("div", { class: "note caution" }, make("p", {}, text("consent_unknown", terms.server)), make("p", { class: "row" }, again)));
  for (const hidden of [find("facts"), document.querySelector("details")]) hidden.hidden = true;
  document.querySelector("main").removeAttribute("aria-busy");
}

async function showAgreed() {
  const date = new Date(terms.agreed.agreed_at).toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
  find("news").append(make("p", { class: "note good" }, text("consent_current", date)));
}

async function decide(event) {
  event.preventDefault();
  if (!event.isTrusted) return;
  const isAdult = find("adult").checked;
  find("missing").textContent = isAdult ? "" : text("consent_missing");
  if (!isAdult) return void find("adult").focus();
  const { version, sha256, language } = terms.text;
  const state = await ask({ kind: "agree", version, sha256, language });
  if (state !== "given") return;
  find("news").replaceChildren();
  const { userId } = await ask({ kind: "status", tabId: -1 });
  finish(text("consent_done"), text("consent_done_more"), userId);
}

function finish(title, more, userId = null) {
  const copy = () => navigator.clipboard.writeText(userId).then(() => (button.lastChild.data = text("copied")));
  const button = userId && make("button", { class: "button small", type: "button", click: copy }, icon("copy"), text("copy_id"));
  const outcome = find("outcome");
  outcome.replaceChildren(make("strong", {}, title), make("p", {}, more), ...(userId ? [make("p", { class: "mono" }, userId), make("p", {}, button)] : []));
  outcome.hidden = false;
  find("decision").hidden = Boolean(userId);
  outcome.focus();
}
