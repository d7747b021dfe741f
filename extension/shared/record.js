// @ts-check
// One conversation as it waits on this device: what goes in, what is old enough, what goes out, what stays. Pure: records in, records changed.
(() => {
  const ShareLM = (globalThis.ShareLM ||= {});
  const TITLE = 120;
  const MOST_MESSAGES = 200;
  const MOST_CHARACTERS = 1_000_000; // the server takes 5 MB

  /**
   * @typedef {{id: string, digest: string, role: string, text: string|null, parent: string|null, gap: boolean, at: number|null, changed: number,
   *   model: string|null, rating: number, isSent: boolean, isTried?: boolean, wasSent: boolean}} Message  text is null once the server has it;
   *   tried but not sent: the server may have it, its answer did not come
   * @typedef {{id: string, platform: string, host: string|null, state: "open"|"private"|"deleted"|"withdrawn", revision: number, created: number,
   *   changed: number, rating: number, messages: Message[], withheld: {id: string, digest: string}[], refused: {status: number, reason: string}|null,
   *   withdrawal: null|"wanted"|"done", successor: string|null, hidden: {digest: string, length: number, text: string|null}[],
   *   labels: {known: Record<string, Record<string, number>>, taken: object}}} Conversation  `labels` number keyed digests, never values
   */
  const record = (ShareLM.record = {
    /** @returns {Conversation} */
    create: (id, { platform, host }, now) => ({
      ...{ id, platform, host, state: "open", revision: now, created: now, changed: now, rating: 0, isRatingSent: true },
      ...{ messages: [], withheld: [], refused: null, withdrawal: null, successor: null, hidden: [] },
      labels: { known: {}, taken: {} },
    }),

    /**
     * Put one message in, or what is new about it. `before` are the ids that follow it on the page: it goes in front of the first that is known.
     * @param {Conversation} conversation
     */
    put(conversation, message, { now, following = [] }) {
      const known = conversation.messages.find(({ id }) => id === message.id);
      if (!known) {
        // In front of its own answer, or of what follows it on the page, else at the end.
        const answer = conversation.messages.findIndex(({ parent }) => parent === message.id);
        const places = following.map((id) => conversation.messages.findIndex((one) => one.id === id));
        const place = [answer, ...places, conversation.messages.length].find((found) => found >= 0);
        conversation.messages.splice(place, 0, { ...message, changed: now, isSent: false, wasSent: false });
        return touch(conversation, now);
      }
      const isNewText = known.digest !== message.digest;
      const isNewPlace = known.parent !== message.parent && message.parent !== null;
      const isNewLabel = known.rating !== message.rating || (message.model !== null && known.model !== message.model);
      if (!isNewText && !isNewLabel && !isNewPlace) return false;
      Object.assign(known, { ...message, at: known.at, changed: isNewText ? now : known.changed, isSent: false });
      if (!isNewPlace) Object.assign(known, { gap: known.gap && message.gap });
      return touch(conversation, now);
    },

    /** Messages that were not for us: their ids and digests, so that a reload does not offer them. */
    withhold(conversation, messages, now) {
      const known = new Set(conversation.withheld.map(({ id }) => id));
      const fresh = messages.filter(({ id }) => !known.has(id));
      conversation.withheld.push(...fresh.map(({ id, digest }) => ({ id, digest })));
      if (fresh.length) conversation.changed = now;
    },

    waiting: (conversation) => conversation.messages.filter((message) => message.text !== null),

    /** A thumb that was given after everything was sent: there is nothing else that it could go with. */
    isRatingDue: (conversation) =>
      record.isSendable(conversation) && conversation.isRatingSent === false && conversation.messages.some(({ wasSent }) => wasSent) && conversation.messages.every(({ isSent }) => isSent),

    /** When the next message may go, or null. Each waits from its own last change; nothing overtakes what stands before it. A thumb goes at once. */
    nextDue(conversation, hold) {
      if (record.isRatingDue(conversation)) return 0;
      const first = conversation.messages.find((message) => !message.isSent);
      return record.isSendable(conversation) && first ? first.changed + hold : null;
    },

    isSendable: (conversation) => conversation.state === "open" && !conversation.refused,

    /** The unsent messages of the prefix that is old enough; all of them where the person said now. */
    due(conversation, { now, hold, isNow = false }) {
      if (!record.isSendable(conversation)) return [];
      const young = isNow ? -1 : conversation.messages.findIndex((message) => !message.isSent && message.changed + hold > now);
      const prefix = young < 0 ? conversation.messages : conversation.messages.slice(0, young);
      return prefix.filter((message) => !message.isSent && message.text !== null);
    },

    /** Parts that the server takes in one go, in order. */
    parts(messages) {
      const parts = [[]];
      let length = 0;
      for (const message of messages) {
        const part = parts.at(-1);
        const isFull = part.length === MOST_MESSAGES || (part.length && length + message.text.length > MOST_CHARACTERS);
        if (isFull) [length] = [0, parts.push([message])];
        else part.push(message);
        length += message.text.length;
      }
      return parts;
    },

    /** Where a message stands. What another server has, or another user ID gave, is a gap here. */
    place({ messages }, { parent, gap }) {
      const isElsewhere = messages.some(({ id, isSent, wasSent }) => id === parent && isSent && !wasSent);
      return isElsewhere ? { parent_id: null, gap: true } : { parent_id: parent, gap };
    },

    /** The form of docs/api.md. The host is that of a public site, or nothing. */
    payload: (conversation, messages, { clientVersion, consentVersion }) => ({
      conversation_id: conversation.id,
      revision: conversation.revision,
      platform: conversation.platform,
      ...(conversation.host ? { page_host: conversation.host } : {}),
      client_version: clientVersion,
      consent_version: consentVersion,
      ...(conversation.rating || !conversation.isRatingSent ? { rating: conversation.rating } : {}),
      messages: messages.map((message) => ({
        ...{ id: message.id, ...record.place(conversation, message), role: message.role, content: message.text },
        ...{ model: message.model, timestamp: message.at && new Date(message.at).toISOString(), rating: message.rating, redactions: message.redactions },
      })),
    }),

    /** The server has these: their text goes. What changed meanwhile stays, and waits for its own turn. */
    acknowledge(conversation, sent) {
      const digests = new Map(sent.map(({ id, digest, rating, parent }) => [id, `${digest} ${rating} ${parent}`]));
      for (const message of conversation.messages) {
        if (!digests.has(message.id)) continue;
        message.wasSent = true;
        if (digests.get(message.id) === `${message.digest} ${message.rating} ${message.parent}`) Object.assign(message, { text: null, isSent: true });
      }
      if (!record.waiting(conversation).length) forgetHidden(conversation);
    },

    /** Hidden or shown again while it was on its way: the server gets it once more at once, as it is to be now. */
    sendAgain(conversation, sent, now) {
      const ids = new Set(sent.map(({ id }) => id));
      const affected = conversation.messages.filter(({ id }) => ids.has(id));
      affected.forEach((message) => Object.assign(message, { wasSent: true, changed: 0 }));
      if (affected.length) touch(conversation, now);
    },

    /** These are on their way to the server; false if there is nothing to be noted. */
    begin(conversation, part) {
      const ids = new Set(part.map(({ id }) => id));
      const fresh = conversation.messages.filter(({ id, isTried }) => ids.has(id) && !isTried);
      fresh.forEach((message) => (message.isTried = true));
      return fresh.length > 0;
    },

    mayBeSent: (conversation) => conversation.messages.some(({ isTried, wasSent }) => isTried || wasSent),

    /**
     * No text stays, and nothing more is taken; ids and digests remain, so that it does not come back.
     * Where the server may have something without our knowing, it is taken back.
     */
    stop(conversation, state, now) {
      const isUnsure = conversation.messages.some(({ isTried, wasSent }) => isTried && !wasSent);
      if (isUnsure && state !== "withdrawn") conversation.withdrawal = "wanted";
      conversation.messages.forEach((message) => Object.assign(message, { text: null, isSent: true }));
      Object.assign(conversation, { state, refused: null, changed: now, hidden: [], labels: { known: {}, taken: {} } });
    },

    /**
     * What lists and the sender must know, so that they need not read the text of everything; null where nothing is left to be done.
     * `since` is when the first message that is to be sent was last changed.
     */
    summary(conversation) {
      const waiting = record.waiting(conversation);
      const isListed = conversation.state === "open" && (waiting.length > 0 || conversation.refused || record.isRatingDue(conversation));
      if (!isListed && conversation.withdrawal !== "wanted") return null;
      const { id, platform, state, changed, refused, rating, withdrawal } = conversation;
      const facts = { count: waiting.length, sent: record.sentCount(conversation), since: record.nextDue(conversation, 0), title: titleOf(waiting) };
      return { id, platform, state, changed, refused, rating, withdrawal, ...facts };
    },

    sentCount: (conversation) => conversation.messages.filter((message) => message.wasSent).length,

    /**
     * What the page shows against what is known: for each turn its message or null. The longest sequence that both share, and of several the last:
     * what was said twice is more likely to be what was said since.
     */
    recognise({ messages }, digests) {
      const lengths = [new Uint16Array(messages.length + 1)];
      for (const digest of digests) {
        const [above, row] = [lengths.at(-1), new Uint16Array(messages.length + 1)];
        messages.forEach((message, at) => (row[at + 1] = message.digest === digest ? above[at] + 1 : Math.max(above[at + 1], row[at])));
        lengths.push(row);
      }
      const found = Array(digests.length).fill(null);
      for (let [place, at] = [digests.length, messages.length]; place && at; ) {
        if (messages[at - 1].digest === digests[place - 1]) found[(place -= 1)] = messages[(at -= 1)];
        else if (lengths[place - 1][at] >= lengths[place][at - 1]) place -= 1;
        else at -= 1;
      }
      return found;
    },
  });

  /** Digests are enough to know a hidden passage again, should it come once more. */
  const forgetHidden = ({ hidden = [] }) => hidden.forEach((one) => (one.text = null));

  function titleOf(waiting) {
    const text = (waiting.find(({ role }) => role === "user") ?? waiting[0])?.text ?? "";
    return text.slice(0, 4 * TITLE).replace(/\s+/g, " ").trim().slice(0, TITLE);
  }

  function touch(conversation, now) {
    conversation.revision = Math.max(conversation.revision + 1, now);
    conversation.changed = now;
    conversation.refused = null;
    return true;
  }
})();
