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
  const MOST_ALIKE = 20; // messages with the same words that are compared
  const NEIGHBOURS = 10; // messages
  const LONG = 200; // characters after which a message is known by its beginning
  const SETTLED_AFTER = 500; // ms without a change, where the page has no mark of its own

  /**
   * @typedef {{role: "user"|"assistant", key: string|null, place: number|null, text: string, isStreaming: boolean, model: string|null, rating: number,
   *   node: object}} Turn  `key` where the site names its messages, `place` where it numbers them
   * @typedef {{key: string, role: string, text: string, model: string|null, rating: number, node: object, appearedAt: number, changedAt: number,
   *   growths: number, isStreaming: boolean, hasMark: boolean, mark: "unsure"|"taken"|"earlier"|"withheld", wasAllowed: boolean, isAsked: boolean, isNew: boolean,
   *   version: number, sentVersion: number, place: number|null, follows?: boolean, id?: string}} Entry
   * @typedef {{isAllowed: boolean, hasConsent: boolean, now: number, actedAt?: number}} Circumstances  `actedAt`: the last press of a key or button
   */
  ShareLM.Witness = class {
    /** @param {{makeKey: () => string, isVirtual: boolean}} options */
    constructor({ makeKey, isVirtual }) {
      this.makeKey = makeKey;
      this.isVirtual = isVirtual;
      this.submission = null;
      /** @type {Entry[]} */ this.former = []; // what the page may still show of the conversation before
      this.begin(null, 0);
    }

    /** Another conversation: nothing that was seen so far counts. */
    begin(siteKey, now) {
      this.siteKey = siteKey;
      this.ownKey = `~${this.makeKey()}`;
      this.since = now;
      this.isFresh = siteKey === null; // nothing was said in it before
      /** @type {Entry[]} */ this.visible = [];
      /** @type {Entry[]} */ this.line = []; // the conversation as it is now read from top to bottom, also what is scrolled away
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
      this.visible = this.align(snapshot.turns.filter((turn) => !this.isFormer(turn)), at);
      // What was scrolled away before anything spoke for it was there before.
      for (const entry of before) if (entry.mark === "unsure" && !this.visible.includes(entry)) entry.mark = "earlier";
      this.remember();
      this.placeNew(before);
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
        const continues = this.siteKey === null && (this.visible.length > 0 ? this.isSame(turns, now) : Boolean(this.submission));
        if (continues) {
          this.siteKey = siteKey;
          return { isOther: false, named: this.ownKey };
        }
        if (this.siteKey !== null) this.submission = null;
        this.former = this.visible;
        this.begin(siteKey, now);
        return { isOther: true, named: null };
      }
      if (siteKey !== null || this.isVirtual || !this.visible.length) return nothing;
      if (turns.length && (this.matches(this.visible[0], turns[0], turns.length === 1) || this.visible.some((entry) => isEqual(entry, turns[0])))) return nothing;
      this.begin(null, now);
      return { isOther: true, named: null };
    }

    /** Many sites change the address first and the page later: until then it shows the conversation before. */
    isFormer(turn) {
      const left = this.former.find((entry) => entry.node === turn.node && entry.role === turn.role);
      if (!left || (turn.key ? left.key !== turn.key : !(turn.text === left.text || (left.text && turn.text.startsWith(left.text))))) return false;
      left.text = turn.text;
      return true;
    }

    /** A conversation that got its address after its first message keeps what is on the page; while it is drawn anew, a submission vouches. */
    isSame(turns, now) {
      if (!turns.length) return Boolean(this.submission) || this.visible.some((entry) => entry.mark === "taken" && now - entry.appearedAt < SUBMISSION_COUNTS_FOR);
      return turns.some((turn) => this.visible.some((entry) => this.matches(entry, turn, true)));
    }

    /** @returns {Entry[]} */
    align(turns, at) {
      if (turns.every(({ key }) => key)) return turns.map((turn) => this.byKey(turn, at));
      const start = this.startOf(turns);
      let line = start < 0 ? [...Array(-start).fill(null), ...this.line] : [...this.line];
      const isWhole = turns.length >= this.visible.length;
      const found = turns.map((turn, place) => {
        const here = Math.max(start, 0) + place;
        const before = line[here] ?? null;
        const isEnd = place === turns.length - 1;
        const isSame = before !== null && (this.matches(before, turn, isEnd && isWhole) || isBetween(turns, place, line, here) || (isEnd && isRewritten(before, turn, at)));
        if (before !== null && !isSame) line = line.slice(0, here); // from here on it was answered or asked anew
        line[here] = isSame ? this.update(before, turn, at) : turn.key ? this.byKey(turn, at) : this.enter(turn, this.makeKey(), at);
        return line[here];
      });
      this.line = this.isVirtual ? line : found;
      return found;
    }

    /** Where in the line the first turn on the page stands: as before if that fits, else where most of what is shown was; negative where older ones came. */
    startOf(turns) {
      const { line } = this;
      if (!line.length || !turns.length) return 0;
      if (turns.every(({ place }) => place !== null)) return this.startByPlace(turns);
      const expected = Math.max(0, line.indexOf(this.visible[0]));
      if (turns.every((turn, place) => !line[expected + place] || isEqual(line[expected + place], turn))) return expected;
      const votes = this.votesFor(turns);
      const most = Math.max(0, ...votes.values());
      if (!most) return this.isVirtual && !turns.some((turn, place) => line[expected + place] && this.matches(line[expected + place], turn, true)) ? -turns.length : expected;
      const best = [...votes.keys()].filter((start) => votes.get(start) === most);
      return best.sort((one, other) => Math.abs(one - expected) - Math.abs(other - expected))[0];
    }

    startByPlace(turns) {
      const [first] = turns;
      for (const [shift, { place }] of turns.entries()) {
        const here = this.line.findIndex((entry) => entry.place === place);
        if (here >= 0) return here - shift;
      }
      return first.place > this.line.at(-1).place ? this.line.length : -turns.length;
    }

    /** For each start how many turns would stand where they stood before. */
    votesFor(turns) {
      const places = new Map();
      this.line.forEach((entry, here) => places.set(`${entry.role} ${entry.text}`, [...(places.get(`${entry.role} ${entry.text}`) ?? []), here]));
      const votes = new Map();
      turns.forEach(({ role, text }, place) => {
        for (const here of (places.get(`${role} ${text}`) ?? []).slice(-MOST_ALIKE)) votes.set(here - place, (votes.get(here - place) ?? 0) + 1);
      });
      return votes;
    }

    /** What came after something that was seen here before, or begins a new chat, may have been said now; anything else was there. */
    placeNew(before) {
      const seen = new Set(before);
      let isAfter = false;
      let isFirst = !before.length && this.isFresh;
      for (const entry of this.visible) {
        if (seen.has(entry)) isAfter = true;
        entry.follows ??= isAfter || isFirst;
        if (entry.role === "user") isFirst = false;
      }
      const last = this.visible.at(-1);
      const isAskedSince = last && this.order.slice(this.order.indexOf(last)).some(({ role }) => role === "user");
      if (last?.isStreaming && isAskedSince) last.isStreaming = false; // the page's mark means an answer that is scrolled away
    }

    /** A list that shows only a part of the conversation is put together from its parts. */
    remember() {
      this.visible.forEach((entry, place) => (entry.before ??= this.visible[place - 1] ?? null));
      if (this.visible.every((entry) => entry.isPlaced)) return;
      const firstPlaced = this.visible.find((entry) => entry.isPlaced);
      let at = firstPlaced && firstPlaced !== this.visible[0] ? this.order.indexOf(firstPlaced) - 1 : -1; // far from all that was seen: older
      for (const entry of this.visible) {
        if (entry.isPlaced) at = this.order.indexOf(entry);
        else this.order.splice((at += 1), 0, Object.assign(entry, { isPlaced: true, isStart: this.isFresh && !this.order.length && !entry.before }));
      }
    }

    /** The site names the message; while it streams some sites change the name, then the node tells. */
    byKey(turn, at) {
      const found = this.known.get(turn.key) ?? this.visible.find((entry) => entry.node === turn.node && entry.role === turn.role && entry.isStreaming);
      if (!found) return this.enter(turn, turn.key, at);
      if (found.key !== turn.key && !found.sentVersion) this.rename(found, turn.key);
      return this.update(found, turn, at);
    }

    /** While it streams, a message may have a passing name. */
    rename(entry, key) {
      this.known.set(key, entry);
      Object.assign(entry, { key, isAsked: false });
    }

    /** Whether a turn without a name is the entry that stood in its place. */
    matches(entry, turn, isEnd) {
      if (entry.role !== turn.role) return false;
      if (turn.key && this.known.get(turn.key) === entry) return true;
      if (entry.text === turn.text) return true;
      if (entry.place !== turn.place) return false;
      if (entry.role === "user") return false;
      if (turn.text.startsWith(entry.text) || !entry.text) return true;
      return isEnd && (entry.isStreaming || sharedStart(entry.text, turn.text) > entry.text.length / 2);
    }

    enter(turn, key, at) {
      const entry = {
        ...{ key, place: turn.place, role: turn.role, text: turn.text, model: turn.model, rating: turn.rating, node: turn.node, isStreaming: turn.isStreaming, hasMark: turn.isStreaming },
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
      const model = entry.sentVersion ? (entry.model ?? turn.model) : (turn.model ?? entry.model); // the page may speak of the next answer's
      const isChanged = entry.text !== turn.text || entry.rating !== turn.rating || entry.model !== model;
      entry.version += Number(Boolean(isChanged));
      entry.hasMark ||= turn.isStreaming;
      Object.assign(entry, { text: turn.text, rating: turn.rating, model, node: turn.node, isStreaming: turn.isStreaming });
      return entry;
    }

    /** @param {Entry} entry @param {{isLast: boolean, answer: Entry|undefined}} place @param {Circumstances} at */
    decide(entry, { isLast, answer }, at) {
      if (entry.mark === "taken" || entry.mark === "withheld") return;
      if (!at.hasConsent) entry.mark = "withheld";
      else if (isLast && this.wasSubmitted(entry, at)) entry.mark = this.takeSubmission().isAllowed && at.isAllowed ? "taken" : "withheld";
      else if (entry.mark === "earlier") return;
      else if (isLast && entry.isNew && !(at.isAllowed && entry.wasAllowed)) entry.mark = "withheld";
      else if (isLast && entry.isNew && entry.follows && streams(answer, entry)) entry.mark = "taken";
      else if (!isLast || !entry.isNew || !entry.follows || at.now - entry.appearedAt > STREAM_FOLLOWS) entry.mark = "earlier";
    }

    wasSubmitted(entry, { now }) {
      const { submission } = this;
      if (!submission || now - submission.at > SUBMISSION_COUNTS_FOR || entry.appearedAt < submission.at - 1_000) return false;
      const [sent, shown] = [letters(submission.text), letters(withoutMarks(entry.text))];
      const isCut = shown.startsWith(sent.slice(0, LONG)) && sent.length > Math.min(LONG, shown.length / 2);
      return sent === shown || isCut || (shown.length > 3 && sent.startsWith(shown));
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

    /**
     * What was asked about stands among its neighbours, so that the worker can tell it from what was said alike.
     * @param {Entry[]} entries @param {{mark: string|null, isSame: boolean, id: string}[]} answers @param {Entry[]} asked those that it is about
     */
    learn(entries, answers, asked) {
      entries.forEach((entry, place) => {
        const { mark, isSame, id } = answers[place];
        if (!mark || entry.mark === "taken" || !asked.includes(entry)) return;
        entry.id = id;
        entry.mark = mark;
        entry.isTold = mark === "withheld";
        if (isSame) entry.sentVersion = entry.version;
      });
    }

    /** These and their neighbours on the page. */
    around(entries) {
      const places = entries.map((entry) => this.visible.indexOf(entry));
      return this.visible.slice(Math.max(0, Math.min(...places) - NEIGHBOURS), Math.max(...places) + 1 + NEIGHBOURS);
    }

    /** Several questions and no answer at all: the answers are there, and we do not see them. */
    lacksAnswers(now, within) {
      const asked = this.visible.filter(({ role }) => role === "user");
      return asked.length > 1 && asked.length === this.visible.length && asked.every(({ appearedAt }) => now - appearedAt > within);
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

  const isEqual = (entry, turn) => entry.role === turn.role && entry.text === turn.text;

  /** Drawn anew with other words, between others that are as before. */
  const isBetween = (turns, place, line, here) =>
    line[here].role === turns[place].role && Boolean(turns[place + 1] && line[here + 1]) && isEqual(line[here + 1], turns[place + 1]);

  /** "Searching …" that becomes the answer: the same place on the page, and nobody asked for another one. */
  const isRewritten = (entry, turn, { actedAt = Infinity }) => entry.role === "assistant" && entry.node === turn.node && turn.role === "assistant" && actedAt <= entry.changedAt;

  const withoutMarks = (text) => text.replace(/\s*\[[a-z][a-z ]*\]\s*/g, " ");

  const letters = (text) => text.normalize("NFKC").replace(/[^\p{L}\p{N}]/gu, "").toLowerCase() || text.trim();

  function sharedStart(one, other) {
    let length = 0;
    while (length < one.length && one[length] === other[length]) length += 1;
    return length;
  }
})();
