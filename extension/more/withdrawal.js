// Takes everything back, after one clear question. Only what the server confirms is said to be withdrawn.
import "../browser.js";
import "../shared/page.js";

const { ask, count, text } = globalThis.ShareLM.browser;
const { make } = globalThis.ShareLM.page;
const find = (id) => document.getElementById(id);

export function showWithdrawal({ userId }, refresh) {
  find("withdraw").disabled = !userId;
  find("withdraw").addEventListener("click", () => find("sure").showModal());
  find("no").addEventListener("click", () => find("sure").close());
  find("yes").addEventListener("click", () => withdraw(refresh));
  find("no").autofocus = true;
}

async function withdraw(refresh) {
  find("yes").disabled = true;
  const { withdrawnAt, count: number } = (await ask({ kind: "withdrawAll" })) ?? {};
  find("yes").disabled = false;
  find("sure").close();
  find("receipt").replaceChildren(make("div", { class: `note ${withdrawnAt ? "good" : "bad"}` }, ...(withdrawnAt ? done(withdrawnAt, number) : failed())));
  find("receipt").focus();
  if (withdrawnAt) await refresh();
}

function done(withdrawnAt, number) {
  const counted = Number.isInteger(number) ? make("p", {}, count("more_receipt_count", number)) : "";
  return [make("strong", {}, text("more_receipt", timeOf(withdrawnAt))), counted, make("p", {}, text("more_receipt_more"))];
}

const failed = () => [make("strong", {}, text("more_not_withdrawn")), make("p", {}, text("more_not_withdrawn_more"))];

const timeOf = (moment) => `${new Date(moment).toLocaleString(undefined, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZone: "UTC" })} UTC`;
