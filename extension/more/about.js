// What the person may say of themselves: read from the server, changed and erased there. Nothing of it is kept here.
import "../browser.js";
import "../shared/page.js";

const { ask, language, text } = globalThis.ShareLM.browser;
const { make } = globalThis.ShareLM.page;
const find = (id) => document.getElementById(id);
const BANDS = ["18-24", "25-34", "35-44", "45-54", "55-64", "65+"];

find("age").append(make("option", { value: "" }, text("more_unsaid")), ...BANDS.map((band) => make("option", { value: band }, band.replace("-", "–"))));
find("you").addEventListener("submit", save);
find("erase").addEventListener("click", erase);

export async function showAbout({ consent }) {
  find("you").hidden = true;
  if (consent !== "given") return say("more_you_consent");
  const { status, body } = await ask({ kind: "demographics" });
  if (status !== 200) return say("more_you_none");
  find("you").hidden = false;
  say("");
  return fill(body);
}

function fill({ age_band: age, country, gender }) {
  find("age").value = age ?? "";
  find("country").value = country ? nameOf(country) : "";
  find("gender").value = gender ?? "";
}

function nameOf(code) {
  try {
    return new Intl.DisplayNames([language()], { type: "region" }).of(code);
  } catch {
    return code;
  }
}

async function save(event) {
  event.preventDefault();
  const said = (id) => find(id).value.trim() || null;
  const { status, body } = await ask({ kind: "setDemographics", age: said("age"), country: said("country"), gender: said("gender") });
  find("country").setAttribute("aria-invalid", String(status === 422));
  if (status === 200) fill(body);
  return say(status === 200 ? "more_you_saved" : reasonOf(status));
}

async function erase() {
  const { status, body } = await ask({ kind: "eraseDemographics" });
  if (status === 200) fill(body);
  return say(status === 200 ? "more_you_erased" : reasonOf(status));
}

const reasonOf = (status) => ({ 422: "more_you_unread", 409: "popup_renew_more" })[status] ?? "more_not_saved";

function say(name) {
  find("you-said").textContent = name ? text(name) : "";
}
