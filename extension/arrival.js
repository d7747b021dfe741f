// The last content script: asks the worker what this page is. On a host that the person added, the page's own marks tell which platform it is.
(() => {
  const ShareLM = globalThis.ShareLM;
  const { browser } = ShareLM;
  const LOOK_AFTER = 300; // ms; changes that come together are looked at together

  /** What this page is, as far as can be seen; with `kind` "hello" the worker also tells whether it may be recorded. */
  async function find(kind = "platform") {
    const { isFixed = false, candidates = [], spares = [], state } = (await browser.ask({ kind })) ?? {};
    const readable = candidates.map((one, place) => (ShareLM.platform.isReadable(one, document) ? one : spares[place]));
    const found = isFixed ? readable[0] : readable.find(({ chat }) => document.querySelector(chat));
    return { found, candidates: readable, state };
  }

  async function begin({ isWithheld = false } = {}) {
    ShareLM.hasArrived = true;
    const { found, candidates, state } = await find("hello");
    if (found) return ShareLM.chatPage.begin(found, state, { isWithheld });
    ShareLM.hasArrived = candidates.length > 0;
    if (candidates.length) await waitFor(candidates);
  }

  /** The page draws itself later, or there is no chat on it yet. */
  async function waitFor(candidates) {
    await browser.ask({ kind: "report", view: { status: "nothing", hasChat: false, platform: "", host: location.hostname } });
    const marks = candidates.map(({ chat }) => chat).join(", ");
    let timer = 0;
    const observer = new MutationObserver(() => (timer ||= setTimeout(look, LOOK_AFTER)));
    const look = () => {
      timer = 0;
      if (browser.isAlive() && !document.querySelector(marks)) return;
      observer.disconnect();
      begin(); // the worker is asked again: the host may have been removed meanwhile
    };
    observer.observe(document.documentElement, { subtree: true, childList: true });
    look();
  }

  // The worker enters pages that are open when a host is added; the browser may have been there before.
  if (ShareLM.hasArrived) return;
  ShareLM.arrival = { begin, find };
  begin();
})();
