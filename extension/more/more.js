// "More": what waits can be searched and saved, what was given is counted and opened, and everything can be withdrawn.
import "../browser.js";
import "../shared/page.js";
import { showAbout } from "./about.js";
import { showNumbers } from "./given.js";
import { showWaiting } from "./waits.js";
import { showLetters } from "./letters.js";
import { showQuestions } from "./questions.js";
import { showWithdrawal } from "./withdrawal.js";

const { ask, text } = globalThis.ShareLM.browser;
const { speak } = globalThis.ShareLM.page;

speak();
document.title = `ShareLM: ${text("more_title")}`;
const status = await ask({ kind: "status", tabId: -1 });
showQuestions(status);
showLetters(status);
showWithdrawal(status, refresh);
await showWaiting();
document.querySelector("main").removeAttribute("aria-busy");
await Promise.all([showNumbers(status), showAbout(status)]);

/** After everything was withdrawn: nothing waits, and the counts are new. */
async function refresh() {
  const now = await ask({ kind: "status", tabId: -1 });
  await Promise.all([showWaiting(), showNumbers(now), showAbout(now)]);
}
