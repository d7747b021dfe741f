// @ts-check
// What is replaced before a text leaves the device: the rules of redaction.json, followed as the server follows them. Pure; knows no page and no browser.
(() => {
  const ShareLM = (globalThis.ShareLM ||= {});
  const { checks, compared, lower } = ShareLM.checks;
  const MOST_ROUNDS = 8;
  const HIDDEN = "HIDDEN"; // what the person hid, before all rules
  const LONGEST_NUMBER = 4; // digits; a longer one that somebody wrote is not counted on from

  /**
   * @typedef {{start: number, end: number, type: string}} Span
   * @typedef {{raw: string, shown: string, type: string|null}} Piece  `type` is null where the text stays
   * @typedef {{numbers: number[], highest: number}} Written
   */
  ShareLM.Redaction = class {
    /** @param {any} rules what redaction.json holds */
    constructor(rules) {
      const expand = (pattern) => pattern.replace(/\[:(\w+):\]/g, (_, name) => rules.classes[name]);
      this.text = Object.fromEntries(Object.entries(rules.text).map(([name, pattern]) => [name, new RegExp(expand(pattern), "gu")]));
      this.blank = new RegExp(`^(?:${expand(rules.text.blank)})$`, "u");
      this.kinds = rules.kinds.map((kind) => compiled(kind, expand));
    }

    /** All places to replace, sorted and without overlap. `hidden` are places, as [start, end], that go before all rules. */
    find(text, hidden = []) {
      const masked = text.replace(this.text.placeholder, (label) => "<".repeat(label.length));
      const code = this.codeRegions(masked);
      const found = hidden.map(([start, end]) => ({ rank: -1, start, end, type: HIDDEN }));
      this.kinds.forEach((kind, rank) => {
        for (const [start, end] of matches(kind, masked)) if (kind.isInCode || !touches(code, start, end)) found.push({ rank, start, end, type: kind.type });
      });
      return resolved(found);
    }

    /**
     * The messages of one conversation as they may leave: in pieces, in order. `digest` is a keyed hash; `known` and `taken` are what the last call
     * gave back, so that the same value keeps its number. Nothing of a value is in them.
     * @returns {Promise<{pieces: Piece[][], known: Record<string, Record<string, number>>, taken: Record<string, Written>}>}
     */
    async redact(texts, { digest, known = {}, taken = {}, hidden = [] }) {
      const numbers = new Numbers({ digest, known, taken: this.written(texts, taken) });
      const pieces = [];
      for (const [place, text] of texts.entries()) pieces.push(await this.inPieces(text, numbers, hidden[place] ?? []));
      return { pieces, known: numbers.known, taken: numbers.taken };
    }

    async inPieces(text, numbers, hidden) {
      /** @type {Piece[]} */
      let pieces = [{ raw: text, shown: text, type: null }];
      // A replaced place changes what stands around its neighbours; looking again until nothing is found makes the result stable.
      for (let round = 0; round < MOST_ROUNDS; round++) {
        const shown = joined(pieces);
        const spans = this.find(shown, round ? [] : hidden);
        if (!spans.length) break;
        const places = [];
        for (const span of spans) places.push({ ...span, label: await numbers.label(span.type, this.normalised(span, shown)) });
        pieces = replaced(pieces, places);
      }
      return pieces;
    }

    normalised({ type, start, end }, text) {
      const kind = this.kinds.find((one) => one.type === type);
      return kind ? kind.compared(text.slice(start, end), kind) : text.slice(start, end);
    }

    /** The numbers of all literal labels of our kinds: none of them is given to another value. */
    written(texts, before) {
      const types = new Set([HIDDEN, ...this.kinds.map(({ type }) => type)]);
      const taken = structuredClone(before);
      for (const [, type, number] of texts.flatMap((text) => [...text.matchAll(this.text.numbered)])) {
        if (!types.has(type)) continue;
        const kept = (taken[type] ??= { numbers: [], highest: 0 });
        kept.numbers = [...new Set([...kept.numbers, Number(number)])];
        if (!number.startsWith("0") && number.length <= LONGEST_NUMBER) kept.highest = Math.max(kept.highest, Number(number));
      }
      return taken;
    }

    /** Fenced and inline code as [start, end], sorted; a fence that is never closed holds code to the end. */
    codeRegions(text) {
      const regions = [];
      let position = 0;
      for (const [start, end] of this.fenced(text)) {
        regions.push(...this.inline(text, position, start), [start, end]);
        position = end;
      }
      return [...regions, ...this.inline(text, position, text.length)];
    }

    fenced(text) {
      const regions = [];
      let opened = null;
      for (const { index, 0: line, 1: marks, 2: rest } of text.matchAll(this.text.fence)) {
        if (!opened) opened = rest.includes("`") ? null : { index, marks };
        else if (marks.startsWith(opened.marks) && this.blank.test(rest)) {
          regions.push([opened.index, index + line.length]);
          opened = null;
        }
      }
      return opened ? [...regions, [opened.index, text.length]] : regions;
    }

    /** Code between two equally long runs of backticks on one line. */
    inline(text, start, end) {
      const runs = [...text.slice(start, end).matchAll(this.text.backticks)].map(({ index, 0: run }) => [start + index, start + index + run.length]);
      const closer = closers(text, runs);
      const regions = [];
      for (let run = 0; run < runs.length; run++) {
        if (!closer.has(run)) continue;
        regions.push([runs[run][0], runs[closer.get(run)][1]]);
        run = closer.get(run);
      }
      return regions;
    }
  };

  ShareLM.Redaction.joined = joined;

  /** Gives out the labels of one conversation; knows digests, never values. */
  class Numbers {
    constructor({ digest, known, taken }) {
      Object.assign(this, { digest, taken, known: structuredClone(known) });
    }

    async label(type, value) {
      const given = (this.known[type] ??= {});
      const key = await this.digest(`${type}:${value}`);
      given[key] ??= this.next(type, Object.values(given));
      return `[${type}_${given[key]}]`;
    }

    next(type, given) {
      const { numbers, highest } = this.taken[type] ?? { numbers: [], highest: 0 };
      let number = given.reduce((most, one) => Math.max(most, one), highest) + 1;
      while (numbers.includes(number)) number += 1;
      return number;
    }
  }

  function compiled({ type, in_code: isInCode, compared: name, rules, words, lengths = {}, networks = [] }, expand) {
    const pattern = (text) => ({ part: new RegExp(text, "u"), whole: new RegExp(`^(?:${text})$`, "u"), all: new RegExp(text, "gu") });
    const expanded = Object.entries(words).filter(([, text]) => !text.includes("%d")).map(([word, text]) => [word, pattern(expand(text))]);
    const rests = Object.entries(lengths).flatMap(([length, countries]) => {
      // One digit short, with check digits that are right: what generators of test data make for Britain.
      const ways = [4, 5].map((head) => new RegExp(words.rest.replace("%d", Number(length) - head), "uy"));
      return countries.split(" ").map((country) => [country, ways]);
    });
    return {
      ...{ type, isInCode, compared: compared[name], words: Object.fromEntries(expanded), lengths: new Map(rests), networks: new Set(networks) },
      rules: rules.map((rule) => ({ ...rule, pattern: new RegExp(expand(rule.pattern), "gu"), needs: Object.entries(rule.needs ?? {}) })),
    };
  }

  function matches(kind, text) {
    const found = [];
    for (const { pattern, check, needs, gate, ignore_case: isAnyCase } of kind.rules) {
      if (needs.length && !needs.some(([sign, often]) => holds(text, sign, often))) continue;
      const read = isAnyCase ? lower(text) : text;
      if (gate && !kind.words[gate].part.test(read)) continue;
      for (const match of read.matchAll(pattern)) found.push(checks[check](text, match, kind));
    }
    return found.filter(Boolean);
  }

  function holds(text, sign, often) {
    let at = -sign.length;
    for (let left = often; left > 0; left--) {
      at = text.indexOf(sign, at + sign.length);
      if (at < 0) return false;
    }
    return true;
  }

  /** A span inside a longer one gives way to it; those that overlap in part become one, named by the lower rank. */
  function resolved(found) {
    const kept = [];
    for (const span of found.sort((one, other) => one.start - other.start || other.end - one.end || one.rank - other.rank)) {
      const before = kept.at(-1);
      if (!before || span.start >= before.end) kept.push({ ...span });
      else if (span.end > before.end) {
        const type = before.rank <= span.rank ? before.type : span.type;
        Object.assign(before, { end: span.end, type, rank: Math.min(before.rank, span.rank) });
      }
    }
    return kept;
  }

  /** For each run of backticks the next one of its length on its line, seen from the end so that it stays linear. */
  function closers(text, runs) {
    const closer = new Map();
    const seen = new Map();
    for (let run = runs.length - 1; run >= 0; run--) {
      const [start, end] = runs[run];
      if (text.slice(end, runs[run + 1]?.[0] ?? text.length).includes("\n")) seen.clear();
      if (seen.has(end - start)) closer.set(run, seen.get(end - start));
      seen.set(end - start, run);
    }
    return closer;
  }

  function touches(regions, start, end) {
    let [low, high] = [0, regions.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (regions[middle][0] < end) low = middle + 1;
      else high = middle;
    }
    return low > 0 && regions[low - 1][1] > start;
  }

  function joined(pieces) {
    return pieces.map(({ shown }) => shown).join("");
  }

  /** The places of the text as it is shown now become labels; what stood there is remembered for the preview. */
  function replaced(pieces, places) {
    const result = [];
    let [at, next] = [0, 0];
    for (const piece of pieces) {
      const end = at + piece.shown.length;
      for (let from = at; from < end; ) {
        const place = places[next];
        const isInside = place && place.start <= from;
        const until = Math.min(end, place ? (isInside ? place.end : place.start) : end);
        const part = cut(piece, from - at, until - at);
        if (!isInside) result.push(part);
        else if (from === place.start) result.push({ raw: part.raw, shown: place.label, type: place.type });
        else result.at(-1).raw += part.raw;
        if (isInside && until === place.end) next += 1;
        from = until;
      }
      at = end;
    }
    return result;
  }

  function cut(piece, from, until) {
    const shown = piece.shown.slice(from, until);
    return { shown, raw: piece.type === null ? shown : from ? "" : piece.raw, type: piece.type };
  }
})();
