// @ts-check
// On a chat page: what capture reads and the witness decides goes to the worker, what the worker knows goes to the banner.
(() => {
  const ShareLM = globalThis.ShareLM;
  const { browser } = ShareLM;
  const LOOK_AFTER = 200; // ms; changes that come together are read together
  const LOOK_AGAIN_WITHIN = [50, 400]; // ms, while an answer comes to rest
  const DECIDED_AFTER = 60_500; // ms after which no answer is expected to a question that was there already
  const EXPECT_WITHIN = 8_000; // ms after which a page without messages is one that we cannot read
  const LIVES_EVERY = 2_000; // ms, between looks whether this copy of the extension is still there
  const KEEP_AGAIN_AFTER = 5_000; // ms, where there was no room
  const EMPTY = { state: "open", waiting: 0, sent: 0, rating: 0 };

  class ChatPage {
    constructor(platform, state, { isWithheld }) {
      this.platform = platform;
      this.state = state;
      this.isWithheld = isWithheld; // what is there at first
      this.facts = EMPTY;
      this.queue = Promise.resolve();
      this.capture = new ShareLM.Capture(platform, document);
      this.witness = new ShareLM.Witness({ makeKey: randomKey, isVirtual: platform.virtual });
      this.banner = new ShareLM.Banner({ act: (name, value) => this.act(name, value) });
      this.beganAt = Date.now();
    }

    start() {
      this.witness.begin(this.capture.siteKey, Date.now());
      this.stopWatching = this.capture.watch(() => this.lookIn(LOOK_AFTER));
      this.capture.watchComposer((text) => {
        this.witness.submitted(text, { isAllowed: this.isAllowed, now: Date.now() });
        this.lookIn(0);
        this.expect();
      });
      addEventListener("pagehide", () => this.leave());
      addEventListener("pageshow", (event) => event.persisted && this.refresh());
      document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.look({ isLeaving: true }));
      browser.api.runtime.onMessage.addListener((message) => this.hear(message));
      this.living = setInterval(() => browser.isAlive() || this.end(), LIVES_EVERY);
      this.askFacts();
      this.lookIn(0);
      this.expect();
    }

    get isAllowed() {
      const { consent, hasAccess, isPaused, isNotHere } = this.state;
      return consent === "given" && hasAccess && !isPaused && !isNotHere && this.facts.state === "open" && !this.capture.isNever;
    }

    get page() {
      return { key: this.witness.key, platform: this.platform.id };
    }

    hear(message) {
      if (this.isOver) return;
      if (message?.kind === "changed") this.refresh();
      if (message?.kind === "look") this.lookAgain();
      if (message?.kind === "platforms") this.renew();
    }

    async refresh() {
      this.look(); // what was said until now is judged by the rules until now; an answer that still grows is not cut off
      this.state = (await browser.ask({ kind: "state" })) ?? this.state;
      if (!this.state.isKnown) return this.end();
      this.askFacts();
      this.view = null;
      this.lookIn(0);
    }

    /**
     * There is a newer way to read pages. A page that could not be read begins anew with it; what was written there while recording was not
     * allowed is not offered. One that is read goes on as it is until it is loaded again, but for what is never recorded.
     */
    async renew() {
      if (!this.capture.hasChat || this.isExpected) {
        this.end();
        return ShareLM.arrival.begin({ isWithheld: this.wasSilent });
      }
      const { found } = await ShareLM.arrival.find();
      if (found?.id !== this.platform.id) return;
      this.platform.never = found.never;
      this.lookIn(0);
    }

    /** What is kept of this conversation, also before the page shows anything of it, and after the popup changed it. */
    askFacts() {
      if (this.state.consent === "given") this.ask({ kind: "open", ...this.page, turns: [] });
    }

    lookAgain() {
      this.capture.cache = new WeakMap();
      this.beganAt = Date.now();
      this.view = null;
      this.lookIn(0);
      this.expect();
    }

    /** By then messages should have been seen, counted from now. */
    expect() {
      clearTimeout(this.timers?.expecting);
      this.timers = { ...this.timers, expecting: 0 };
      this.lookIn(EXPECT_WITHIN + 500, "expecting");
    }

    lookIn(time, timer = "soon") {
      this.timers ??= {};
      if (time === 0) clearTimeout(this.timers[timer]);
      else if (this.timers[timer]) return;
      this.timers[timer] = setTimeout(() => {
        this.timers[timer] = 0;
        this.look();
      }, time);
    }

    /** Read the page, decide, tell the worker, show. */
    look({ isLeaving = false } = {}) {
      if (this.isOver) return;
      if (!browser.isAlive()) return this.end();
      const now = Date.now();
      if (this.capture.isNever) return this.show();
      const at = { now, isAllowed: this.isAllowed, hasConsent: this.state.consent === "given", actedAt: this.capture.actedAt };
      this.wasSilent ||= !at.isAllowed;
      const snapshot = { turns: this.capture.read(), siteKey: this.capture.siteKey };
      const change = this.witness.see(snapshot, at);
      if (this.isWithheld) this.witness.withholdAll();
      this.isWithheld = false;
      if (change.isOther) {
        [this.facts, this.beganAt] = [EMPTY, now];
        this.askFacts();
        this.expect();
      }
      if (snapshot.turns.length) this.hasTurns = true;
      if (change.isOther && !snapshot.turns.length) this.hasTurns = false;
      if (at.hasConsent) this.tell(change, { now, isLeaving });
      this.lookWhenAtRest(now);
      return this.show();
    }

    lookWhenAtRest(now) {
      const rest = this.witness.restsIn(now);
      const [least, most] = LOOK_AGAIN_WITHIN;
      if (rest < Infinity) this.lookIn(Math.min(most, Math.max(least, rest)), "settling");
      if (this.witness.isUnsure) this.lookIn(DECIDED_AFTER, "deciding");
    }

    tell({ named }, { now, isLeaving }) {
      if (named) this.ask({ kind: "name", ...this.page, key: named, siteKey: this.witness.siteKey });
      const asked = this.witness.takeUnasked();
      if (asked.length) this.open(asked);
      const withheld = this.witness.takeWithheld();
      if (withheld.length) this.ask({ kind: "withhold", ...this.page, messages: withheld });
      const messages = this.isAllowed ? this.witness.takeChanged({ now, isLeaving }) : [];
      if (messages.length) this.keep(messages, isLeaving);
    }

    /** Are these recorded already, or withheld? Until the answer comes, they are neither. */
    open(asked) {
      const entries = this.witness.around(asked);
      const isNamed = this.capture.generation?.key.length > 0;
      const turns = entries.map(({ key, role, text }) => ({ key, role, text, isNamed }));
      this.ask({ kind: "open", ...this.page, turns }, (answer) => {
        if (!answer) return asked.forEach((entry) => (entry.isAsked = false));
        this.witness.learn(entries, answer.answers, asked);
        return this.lookIn(0);
      });
    }

    keep(messages, isLeaving) {
      const question = { kind: "keep", ...this.page, messages };
      const check = (answer) => this.check(messages, answer);
      if (isLeaving) return void browser.ask(question).then((answer) => (this.learn(answer), check(answer)));
      return this.ask(question, check);
    }

    /** What could not be written is tried again, and the line says so meanwhile. */
    check(messages, answer) {
      this.isFull = answer?.problem === "storage";
      if (!answer || this.isFull) {
        this.witness.unkept(messages);
        this.lookIn(KEEP_AGAIN_AFTER, "again");
      }
      this.show();
    }

    /** Questions are answered in the order in which they were asked. */
    ask(question, use = () => {}) {
      const { key } = question;
      this.queue = this.queue.then(async () => {
        const answer = await browser.ask(question);
        if (key === undefined || key === this.witness.key || key === this.witness.ownKey) this.learn(answer);
        use(answer);
      });
      return this.queue;
    }

    learn(answer) {
      if (!answer || answer.waiting === undefined) return;
      this.facts = { ...this.facts, ...answer };
      this.show();
    }

    get status() {
      const { consent, hasAccess, isPaused, isNotHere } = this.state;
      if (!hasAccess) return "noAccess";
      if (this.capture.isNever) return "never";
      if (!this.capture.hasChat) return this.isExpected ? "unrecognised" : "nothing";
      if (isNotHere) return "notHere";
      if (consent !== "given") return consent === "renew" ? "renew" : "consent";
      if (this.facts.state !== "open") return this.facts.state;
      if (isPaused) return "paused";
      if (this.isFull) return "full";
      if (this.isExpected) return "unrecognised";
      return this.facts.waiting + this.facts.sent > 0 ? "recording" : "ready";
    }

    /** The address or a submission says that there are messages, and we see none. */
    get isExpected() {
      const { submission, siteKey, visible } = this.witness;
      if (this.witness.lacksAnswers(Date.now(), EXPECT_WITHIN)) return true;
      const since = siteKey ? this.beganAt : submission?.at;
      return !visible.length && !this.hasTurns && since !== undefined && Date.now() - since > EXPECT_WITHIN;
    }

    show() {
      if (this.isOver || !browser.isAlive()) return;
      const { status } = this;
      const { waiting, sent, rating } = this.facts;
      const view = { status, waiting, sent, rating, hours: this.state.hours, earlier: status === "recording" || status === "ready" ? this.witness.earlier.length : 0, hasChat: status !== "nothing", platform: this.platform.name, host: location.hostname, origin: location.origin, side: this.state.side, isFolded: this.state.isFolded };
      if (JSON.stringify(view) === this.view) return;
      this.view = JSON.stringify(view);
      browser.ask({ kind: "report", view }).then((isMine) => (isMine && this.view === JSON.stringify(view) ? this.banner.show(view) : isMine === false && this.banner.hide()));
    }

    /** A button of the banner. */
    async act(name, value) {
      if (name === "consent") return browser.ask({ kind: "consent" });
      if (name === "look") return this.lookAgain();
      if (name === "pause") return this.setState({ kind: "pause", isPaused: value });
      if (name === "notHere") return this.setState({ kind: "notHere" });
      if (name === "place") return this.setState({ kind: "place", ...value });
      if (name === "rate") return this.ask({ kind: "rate", ...this.page, rating: this.facts.rating === value ? 0 : value });
      if (name === "withdraw") return this.ask({ kind: "withdraw", ...this.page }, () => this.learn({ ...this.facts, sent: 0 }));
      if (name === "earlier") return this.addEarlier();
      if (name === "private") return this.keepPrivate();
      return this.restart();
    }

    async setState(question) {
      this.look();
      this.state = (await browser.ask(question)) ?? this.state;
      this.view = null;
      this.look();
    }

    addEarlier() {
      const messages = this.witness.takeEarlier();
      if (messages.length && this.isAllowed) this.keep(messages, false);
    }

    keepPrivate() {
      this.facts = { ...this.facts, state: "private" };
      this.ask({ kind: "stop", ...this.page, state: "private" });
      this.look();
    }

    restart() {
      this.witness.withholdAll();
      const messages = this.witness.takeWithheld();
      this.ask({ kind: "restart", ...this.page });
      if (messages.length) this.ask({ kind: "withhold", ...this.page, messages });
    }

    leave() {
      this.look({ isLeaving: true });
      browser.ask({ kind: "leave" });
      this.view = null;
    }

    /** This copy of the extension is gone, or the person removed this host; the page goes on without it. */
    end() {
      this.isOver = true;
      ShareLM.hasArrived = false;
      clearInterval(this.living);
      this.stopWatching?.();
      browser.ask({ kind: "leave" });
      this.banner.hide();
    }
  }

  function randomKey() {
    return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  ShareLM.chatPage = { begin: (platform, state, options) => new ChatPage(platform, state, options).start() };
})();
