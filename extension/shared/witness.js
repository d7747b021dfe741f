// @ts-check
// Decides what this tab saw being sent, and so may take. Free of the page and of the clock: snapshots and times come in, entries go out.
//
// A user message is taken if it was submitted here, or if an answer streams right after it appears at the end, while recording was
// allowed all the time. An answer is taken if its user message was. Everything else is `earlier`, and never taken by itself;
// what appeared while recording was not allowed is `withheld`, and not even offered.
(() => {
  const ShareLM = (globalThis.ShareLM ||= {});
  const SUBMISSION_COUNTS_FOR = 60_000; // ms from the key press to the message on the page
  const LOADING = 1_500; // ms in which a conversation that was just opened draws its messages
  const STREAM_FOLLOWS = 60_000; // ms from a user message to the first words of its answer
  const SETTLED_AFTER = 500; // ms without a change, where the page has no mark of its own

  /**
   * @typedef {{role: "user"|"assistant", key: string|null, text: string, isStreaming: boolean, model: string|null, rating: number,
   *   node: object}} Turn
   * @typedef {{key: string, role: string, text: string, model: string|null, rating: number, node: object, appearedAt: number, changedAt: number,
   *   growths: number, isStreaming: boolean, hasMark: boolean, mark: "unsure"|"taken"|"earlier"|"withheld", wasAllowed: boolean, isAsked: boolean, isNew: boolean,
   *   version: number, sentVersion: number, id?: string}} Entry
   * @typedef {{isAllowed: boolean, hasConsent: boolean, now: number}} Circumstances
   */
  ShareLM.Witness = class {
    /** @param {{makeKey: () => string, isVirtual: boolean}} options */
    constructor({ makeKey, isVirtual }) {
      this.makeKey = makeKey;
      this.isVirtual = isVirtual;
      this.submission = null;
      this.begin(null, 0);
    }

    /** Another conversation: nothing that was seen so far counts. */
    begin(siteKey, now) {
      this.siteKey = siteKey;
      this.ownKey = `~${this.makeKey()}`;
      this.since = now;
      this.isFresh = siteKey === null; // nothing was said in it before
      /** @type {Entry[]} */ this.visible = [];
      /** @type {Entry[]} */ this.order = []; // all that was ever shown, in the order of the conversation
      /** @type {Map<string, Entry>} */ this.known = new Map();
      this.isStopped = false;
    }

    get key() {
      return this.siteKey ?? this.ownKey;
    }

    /** The person pressed Enter or the button with `text` in the composer. */
    submitted(text, { isAllowed, now }) {
      if (text.trim()) this.submission = { text, isAllowed, at: now };
    }

    /**
     * @param {{turns: Turn[], siteKey: string|null}} snapshot @param {Circumstances} at
     * @returns {{isOther: boolean, named: string|null}} whether another conversation began; the own key if the site has just named it
     */
    see(snapshot, at) {
      const change = this.follow(snapshot, at.now);
      const before = this.visible;
      this.visible = this.align(snapshot.turns, at);
      // What was scrolled away before anything spoke for it was there before.
      for (const entry of before) if (entry.mark === "unsure" && !this.visible.includes(entry)) entry.mark = "earlier";
      this.remember();
      let owner = null;
      const last = this.visible.findLastIndex((entry) => entry.role === "user");
      this.visible.forEach((entry, place) => {
        if (entry.role === "user") {
          this.decide(entry, { isLast: place === last, answer: this.visible[place + 1] }, at);
          owner = entry;
        } else if (entry.mark === "unsure" || entry.mark === "earlier") entry.mark = owner ? owner.mark : "earlier";
      });
      return change;
    }

    follow({ turns, siteKey }, now) {
      const nothing = { isOther: false, named: null };
      if (siteKey !== this.siteKey) {
        const continues = this.siteKey === null && this.visible.length > 0 && this.isSame(turns, now);
        if (continues) {
          this.siteKey = siteKey;
          return { isOther: false, named: this.ownKey };
        }
        const isJustNamed = this.siteKey === null && !this.visible.length && Boolean(this.submission);
        this.begin(siteKey, now);
        this.isFresh ||= isJustNamed;
        return { isOther: true, named: null };
      }
      if (siteKey !== null || this.isVirtual || !this.visible.length) return nothing;
      if (turns.length && this.matches(this.visible[0], turns[0], turns.length === 1)) return nothing;
      this.begin(null, now);
      return { isOther: true, named: null };
    }

    /** A conversation that got its address after its first message keeps what is on the page; while it is drawn anew, a submission vouches. */
    isSame(turns, now) {
      if (!turns.length) return Boolean(this.submission) || this.visible.some((entry) => entry.mark === "taken" && now - entry.appearedAt < SUBMISSION_COUNTS_FOR);
      return turns.some((turn) => this.visible.some((entry) => this.matches(entry, turn, true)));
    }

    /** @returns {Entry[]} */
    align(turns, at) {
      const isCutBefore = turns.length < this.visible.length;
      let isBroken = false;
      return turns.map((turn, place) => {
        const isEnd = place === turns.length - 1;
        if (turn.key) return this.byKey(turn, at);
        const before = this.visible[place];
        isBroken ||= !before || !this.matches(before, turn, isEnd && !isCutBefore);
        return isBroken ? this.enter(turn, this.makeKey(), at) : this.update(before, turn, at);
      });
    }

    /** A list that shows only a part of the conversation is put together from its parts. */
    remember() {
      this.visible.forEach((entry, place) => (entry.before ??= this.visible[place - 1] ?? null));
      if (this.visible.every((entry) => entry.isPlaced)) return;
      const firstPlaced = this.visible.find((entry) => entry.isPlaced);
      let at = firstPlaced && firstPlaced !== this.visible[0] ? this.order.indexOf(firstPlaced) - 1 : this.order.length - 1;
      for (const entry of this.visible) {
        if (entry.isPlaced) at = this.order.indexOf(entry);
        else this.order.splice((at += 1), 0, Object.assign(entry, { isPlaced: true, isStart: this.isFresh && !this.order.length && !entry.before }));
      }
    }

    /** The site names the message; while it streams some sites change the name, then the node tells. */
    byKey(turn, at) {
      const found = this.known.get(turn.key) ?? this.visible.find((entry) => entry.node === turn.node && entry.role === turn.role && entry.isStreaming);
      return found ? this.update(found, turn, at) : this.enter(turn, turn.key, at);
    }

    /** Whether a turn without a name is the entry that stood in its place. */
    matches(entry, turn, isEnd) {
      if (entry.role !== turn.role) return false;
      if (turn.key && this.known.get(turn.key) === entry) return true;
      if (entry.text === turn.text) return true;
      if (entry.role === "user") return false;
      if (turn.text.startsWith(entry.text) || !entry.text) return true;
      return isEnd && (entry.isStreaming || sharedStart(entry.text, turn.text) > entry.text.length / 2);
    }

    enter(turn, key, at) {
      const entry = {
        ...{ key, role: turn.role, text: turn.text, model: turn.model, rating: turn.rating, node: turn.node, isStreaming: turn.isStreaming, hasMark: turn.isStreaming },
        ...{ appearedAt: at.now, changedAt: at.now, growths: 0, mark: "unsure", wasAllowed: at.isAllowed, isAsked: false },
        ...{ isNew: at.now - this.since > LOADING, version: 1, sentVersion: 0 },
      };
      this.known.set(key, entry);
      return entry;
    }

    update(entry, turn, at) {
      if (entry.text !== turn.text) {
        entry.growths += Number(turn.text.length > entry.text.length);
        entry.changedAt = at.now;
      }
      const isChanged = entry.text !== turn.text || entry.rating !== turn.rating || (turn.model && entry.model !== turn.model);
      entry.version += Number(Boolean(isChanged));
      entry.hasMark ||= turn.isStreaming;
      Object.assign(entry, { text: turn.text, rating: turn.rating, model: turn.model ?? entry.model, node: turn.node, isStreaming: turn.isStreaming });
      return entry;
    }

    /** @param {Entry} entry @param {{isLast: boolean, answer: Entry|undefined}} place @param {Circumstances} at */
    decide(entry, { isLast, answer }, at) {
      if (entry.mark === "taken" || entry.mark === "withheld") return;
      if (!at.hasConsent) entry.mark = "withheld";
      else if (isLast && this.wasSubmitted(entry, at)) entry.mark = this.takeSubmission().isAllowed && at.isAllowed ? "taken" : "withheld";
      else if (entry.mark === "earlier") return;
      else if (isLast && entry.isNew && !(at.isAllowed && entry.wasAllowed)) entry.mark = "withheld";
      else if (isLast && entry.isNew && streams(answer, entry)) entry.mark = "taken";
      else if (!isLast || !entry.isNew || at.now - entry.appearedAt > STREAM_FOLLOWS) entry.mark = "earlier";
    }

    wasSubmitted(entry, { now }) {
      const { submission } = this;
      if (!submission || now - submission.at > SUBMISSION_COUNTS_FOR || entry.appearedAt < submission.at - 1_000) return false;
      const [sent, shown] = [letters(submission.text), letters(entry.text)];
      return sent === shown || (sent.length > 0 && shown.startsWith(sent.slice(0, 200))) || (shown.length > 3 && sent.startsWith(shown));
    }

    takeSubmission() {
      const { submission } = this;
      this.submission = null;
      return submission;
    }

    /** What is to be recorded now; with `isLeaving` also what has not come to rest. Marks it as sent. */
    takeChanged({ now, isLeaving = false }) {
      const ready = this.visible.filter((entry) => entry.mark === "taken" && entry.sentVersion < entry.version && (isLeaving || isSettled(entry, now)));
      return ready.map((entry) => this.asMessage(entry));
    }

    /** These were not written after all. */
    unkept(messages) {
      const keys = new Set(messages.map(({ key }) => key));
      for (const entry of this.order) if (keys.has(entry.key)) entry.sentVersion = 0;
    }

    asMessage(entry) {
      entry.sentVersion = entry.version;
      const { key, id, role, text, model, rating, appearedAt, before, isOld } = entry;
      const parent = before?.mark === "taken" ? { key: before.key, id: before.id } : null;
      return { key, id, role, text, model, rating, at: isOld ? null : appearedAt, parent, isStart: !before && (entry.isStart || !this.isVirtual) };
    }

    /** Everything on the page was not for us, and stays so. */
    withholdAll() {
      for (const entry of this.order) entry.mark = "withheld";
    }

    /** Marks that the worker must remember, each once. */
    takeWithheld() {
      const fresh = this.order.filter((entry) => entry.mark === "withheld" && !entry.isTold);
      fresh.forEach((entry) => (entry.isTold = true));
      return fresh.map(({ key, id, role, text }) => ({ key, id, role, text }));
    }

    /** What the worker has not been asked about yet: is it recorded already, or withheld? */
    takeUnasked() {
      const fresh = this.visible.filter((entry) => !entry.isAsked);
      fresh.forEach((entry) => (entry.isAsked = true));
      return fresh;
    }

    /** @param {Entry[]} asked @param {{mark: string|null, isSame: boolean, id: string}[]} answers */
    learn(asked, answers) {
      asked.forEach((entry, place) => {
        const { mark, isSame, id } = answers[place];
        entry.id = id ?? entry.id;
        if (!mark || entry.mark === "taken") return;
        entry.mark = mark;
        entry.isTold = mark === "withheld";
        if (isSame) entry.sentVersion = entry.version;
      });
    }

    /** What may be offered; a greeting alone is nothing to offer. */
    get earlier() {
      const offered = this.order.filter((entry) => entry.mark === "earlier");
      return offered.some((entry) => entry.role === "user") ? offered : [];
    }

    /** The person asked for them. With all that follows them, so that the server can put them in their place. */
    takeEarlier() {
      const first = this.order.findIndex((entry) => entry.mark === "earlier");
      if (first < 0) return [];
      const following = this.order.slice(first);
      // When they were written is not known.
      following.filter((entry) => entry.mark === "earlier").forEach((entry) => Object.assign(entry, { mark: "taken", isOld: true }));
      return following.filter((entry) => entry.mark === "taken").map((entry) => this.asMessage(entry));
    }

    /** Whether a question waits to be decided by what follows it. */
    get isUnsure() {
      return this.visible.some((entry) => entry.mark === "unsure");
    }

    /** Milliseconds until the next message may have come to rest; infinite if all have. */
    restsIn(now) {
      const moving = this.visible.filter((entry) => entry.mark === "taken" && (entry.isStreaming || entry.sentVersion < entry.version));
      return Math.min(...moving.map((entry) => (entry.isStreaming ? SETTLED_AFTER : restAt(entry) - now)));
    }
  };

  const isSettled = (entry, now) => entry.role === "user" || (!entry.isStreaming && now >= restAt(entry) && entry.text !== "");

  /** A page that marked an answer as growing has said itself that it is complete. */
  const restAt = (entry) => entry.changedAt + (entry.hasMark ? 0 : SETTLED_AFTER);

  /** An answer that began after the question and grows before our eyes; one that is merely drawn late does neither. */
  const streams = (answer, asked) =>
    Boolean(answer) && answer.role === "assistant" && answer.appearedAt >= asked.appearedAt && (answer.isStreaming || answer.growths >= 2);

  const letters = (text) => text.normalize("NFKC").replace(/[^\p{L}\p{N}]/gu, "").toLowerCase() || text.trim();

  function sharedStart(one, other) {
    let length = 0;
    while (length < one.length && one[length] === other[length]) length += 1;
    return length;
  }
})();
