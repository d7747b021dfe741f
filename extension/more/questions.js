// The questions that people ask, answered with what holds for this server.
import "../browser.js";
import "../shared/page.js";

const { text } = globalThis.ShareLM.browser;
const { make } = globalThis.ShareLM.page;

export function showQuestions({ hours, licence, operator, contact, server, study }) {
  const values = { private: [hours], dataset: [study, licence], one: [], sites: [], taken: [], id: [], identified: [], remove: [], who: [study, operator, contact || operator, server] };
  const entries = Object.entries(values).map(([name, facts]) => make("details", {}, make("summary", {}, text(`faq_${name}`)), make("p", {}, text(`faq_${name}_more`, ...facts))));
  document.getElementById("questions").append(...entries);
}
