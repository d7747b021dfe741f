// Wires questions and alarms to what answers them. No logic here.
import "./browser.js";
import * as account from "./account.js";
import * as agreement from "./agreement.js";
import * as choice from "./choice.js";
import { greet } from "./greeting.js";
import * as hosts from "./hosts.js";
import * as newer from "./newer.js";
import * as pages from "./pages.js";
import { plan, send } from "./sending.js";
import * as tabs from "./tabs.js";
import * as waiting from "./waiting.js";

const { api, address } = globalThis.ShareLM.browser;
const DAY = 24 * 60;

/** What the content scripts may ask; each gets the question and who asks. */
const FROM_PAGES = {
  hello: pages.hello,
  platform: pages.platformOf,
  state: (_, sender) => pages.stateOf(sender),
  open: pages.open,
  keep: pages.keep,
  withhold: pages.withhold,
  name: pages.name,
  stop: pages.stop,
  restart: pages.restart,
  rate: pages.rate,
  report: pages.report,
  leave: pages.leave,
  pause: pages.pause,
  notHere: pages.notHere,
  place: pages.place,
  withdraw: pages.withdraw,
  consent: () => api.tabs.create({ url: address("consent/consent.html") }).then(() => true),
};

/** What the extension's own pages may ask. */
const FROM_OURSELVES = {
  status: waiting.status,
  list: waiting.list,
  conversation: waiting.conversation,
  hide: waiting.hide,
  show: waiting.show,
  remove: waiting.remove,
  undo: waiting.undo,
  thumb: waiting.thumb,
  send: waiting.sendNow,
  again: waiting.again,
  pauseTab: waiting.pauseTab,
  pauseAll: waiting.pauseAll,
  lookAgain: waiting.lookAgain,
  here: waiting.here,
  withdraw: waiting.withdraw,
  terms: waiting.terms,
  agree: waiting.agree,
  greet,
  choose: (question) => choice.choose(question).finally(waiting.settle),
  chooseBuiltIn: (question) => choice.chooseBuiltIn(question).finally(waiting.settle),
  useId: (question) => account.useId(question).finally(waiting.settle),
  allowed: waiting.settle,
  me: account.me,
  demographics: account.demographics,
  setDemographics: account.setDemographics,
  eraseDemographics: account.eraseDemographics,
  contact: account.contact,
  problemHere: account.problemHere,
  openData: account.openData,
  withdrawAll: account.withdrawAll,
  ownHosts: hosts.answer,
};

api.runtime.onMessage.addListener((question, sender, answer) => {
  if (sender.id !== api.runtime.id) return false;
  const isOurs = sender.url?.startsWith(address(""));
  const handler = (isOurs ? FROM_OURSELVES : FROM_PAGES)[question?.kind];
  if (!handler) return false;
  Promise.resolve(handler(question, sender)).then(answer, () => answer(null));
  return true;
});

api.alarms.onAlarm.addListener(async ({ name }) => {
  if (name === "terms" && (await agreement.checkTerms())) await pages.tellState();
  if (name === "terms" || name === "platforms") await newer.update();
  if (name === "send") await send();
});

api.permissions.onAdded.addListener(hosts.granted);
api.permissions.onRemoved.addListener(() => pages.tellState());
api.tabs.onRemoved.addListener((tabId) => tabs.forget(tabId));
api.runtime.onStartup.addListener(prepare);
api.runtime.onInstalled.addListener(async ({ reason }) => {
  await prepare();
  if (reason === "install") await api.tabs.create({ url: address("consent/consent.html") });
});
api.permissions.onAdded.addListener(waiting.settle);
api.permissions.onRemoved.addListener(waiting.settle);
globalThis.addEventListener("online", () => send());
// Planned times are gone after the extension was switched off and on, and in some browsers after each start.
api.alarms.get("terms").then((planned) => planned ?? prepare());

async function prepare() {
  await api.alarms.create("terms", { delayInMinutes: 1, periodInMinutes: DAY });
  await hosts.register();
  await plan();
}
