// The last content script: asks the worker what this page is. On a host that the person added, the page's own marks tell which platform it is.
(() => {
  const ShareLM = globalThis.ShareLM;
  const { browser } = ShareLM;
  const LOOK_AFTER = 300; // ms; changes that come together are looked at together

  async function arrive() {
    const { platform = null, candidates = [], state } = (await browser.ask({ kind: "hello" })) ?? {};
    const found = platform ?? candidates.find(({ chat }) => document.querySelector(chat));
    if (found) return ShareLM.chatPage.begin(found, state);
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
      arrive(); // the worker is asked again: the host may have been removed meanwhile
    };
    observer.observe(document.documentElement, { subtree: true, childList: true });
    look();
  }

  // The worker enters pages that are open when a host is added; the browser may have been there before.
  if (ShareLM.hasArrived) return;
  ShareLM.hasArrived = true;
  arrive();
})();
