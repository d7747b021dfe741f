// Words to who runs the server, and the plain link by which others find it.
import "../browser.js";
import "../shared/page.js";

const { ask, text } = globalThis.ShareLM.browser;
const { icon } = globalThis.ShareLM.page;
const find = (id) => document.getElementById(id);
const REASONS = { 401: "more_no_id", 404: "more_write_none", 429: "more_write_often", 422: "more_write_refused" };

export function showLetters({ operator, contact, server, userId }) {
  find("operator").textContent = contact ? text("more_operator_at", operator, contact) : text("more_operator", operator);
  find("write").hidden = !userId;
  find("write-said").textContent = userId ? "" : text("more_no_id");
  find("link").textContent = server;
  find("copy").append(icon("copy"), text("more_copy_link"));
  find("copy").addEventListener("click", () => copy(server));
  find("write").addEventListener("submit", send);
}

async function send(event) {
  event.preventDefault();
  const message = find("message").value.trim();
  find("message").setAttribute("aria-invalid", String(!message));
  if (!message) {
    find("message").focus();
    return say("more_write_empty");
  }
  const { status } = await ask({ kind: "contact", message, replyTo: find("reply").value.trim() });
  if (status !== 200) return say(REASONS[status] ?? "more_not_sent");
  find("write").reset();
  return say("more_sent");
}

function say(name) {
  find("write-said").textContent = text(name);
}

async function copy(link) {
  await navigator.clipboard.writeText(link);
  find("link-said").textContent = text("copied");
}
