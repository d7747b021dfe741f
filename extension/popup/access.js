// What the popup says where the browser does not let us read a page, and where a page's host may be added. Status in, elements out.
import "../browser.js";
import "../shared/page.js";

const { api, ask, text } = globalThis.ShareLM.browser;
const { icon, make } = globalThis.ShareLM.page;

/** Nothing where there is nothing to ask for. */
export function access({ pageAccess: found, view }, refresh) {
  if (found?.state === "missing") return asking("noAccess", "button_allow", found, refresh);
  if (found?.state === "offer" && !view?.hasChat) return asking("offer", "button_record", found, refresh);
  return null;
}

function asking(name, words, { origin, pattern }, refresh) {
  const sign = make("button", { class: "button primary", type: "button", "data-name": words, click: () => request({ origin, pattern }, refresh) }, icon("circle-check"), text(words));
  return [make("h2", {}, text(`status_${name}`)), make("p", { class: "soft" }, text(`popup_${name}_more`, new URL(origin).host)), make("p", { class: "row" }, sign)];
}

/** The browser must be asked in the very click, and the popup may be gone before it answers: then the worker adds the host. */
export async function request({ origin, pattern }, refresh) {
  const asked = api.permissions.request({ origins: [pattern] });
  ask({ kind: "ownHosts", act: "wish", origin });
  if (await asked.catch(() => false)) await ask({ kind: "ownHosts", act: "add", origin });
  return refresh();
}
