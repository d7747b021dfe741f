// What a server says of itself, as terms and words.
import "../browser.js";
import "./page.js";

const { text } = globalThis.ShareLM.browser;
const { make } = globalThis.ShareLM.page;

/** Takes what the worker tells of the server in force, or of one that was greeted. */
export function facts({ study, server, operator, contact, licence, hours, hold_hours: hold }) {
  const said = { study, server, operator, contact, licence, hold: text("facts_hours", hours ?? hold) };
  const known = Object.entries(said).filter(([, value]) => value);
  return known.flatMap(([name, value]) => [make("dt", {}, text(`facts_${name}`)), make("dd", {}, value)]);
}
