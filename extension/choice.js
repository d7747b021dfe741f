// Which server this is, and how another one is chosen: it is asked who it is, the person confirms, and its terms come with it.
import "./browser.js";
import { fetchTerms, forgetPosting } from "./agreement.js";
import { greet } from "./greeting.js";
import * as newer from "./newer.js";
import * as outbox from "./outbox.js";
import { config } from "./server.js";

const { api, set, remove, alone } = globalThis.ShareLM.browser;

/**
 * The person confirmed. What waits is kept, and nothing is sent before they agree to the new server's terms.
 * With withdrawals that the former server has not heard of yet, `isSure` must say that they are given up.
 */
export function choose({ address, isSure = false }) {
  return alone("sending", async () => {
    const before = await config();
    if (before.source === "managed") return { problem: "managed" };
    const { facts, problem } = await greet({ address });
    if (problem) return { problem };
    if (facts.server === before.server) return { problem: "same" };
    const terms = await fetchTerms(facts.server);
    if (!terms) return { problem: "no-answer" };
    const withdrawals = await outbox.countWithdrawals();
    if (withdrawals && !isSure) return { problem: "withdrawals", withdrawals };
    await turn(() => set({ server: facts, terms }));
    return { facts };
  });
}

export function chooseBuiltIn({ isSure = false }) {
  return alone("sending", async () => {
    const withdrawals = await outbox.countWithdrawals();
    if (withdrawals && !isSure) return { problem: "withdrawals", withdrawals };
    await turn(() => remove(["server", "terms"]));
    return { facts: await config() };
  });
}

async function turn(write) {
  await write();
  await remove(["facts", "pause"]);
  await newer.forget();
  await forgetPosting();
}

