// @ts-check
// The named checks of redaction.json: whether what a pattern found is meant, and where it begins and ends. The server's detectors say the same.
(() => {
  const ShareLM = (globalThis.ShareLM ||= {});
  const LONGEST_LOCAL = 64; // RFC 5321, section 4.5.3.1.1
  const [MOST_DOTS, LONGEST_DOT] = [4, 13]; // "anna dot m dot rossi at …": how many, and how many characters one takes with what is around it

  /** Letters beyond ASCII stay: their lower case may be longer, and no rule needs it. */
  const lower = (text) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  const digitsOf = (text) => text.replace(/\D/g, "");
  const whole = (match) => [match.index, match.index + match[0].length];
  /** The first group, where it ends the match. */
  const last = (match) => [match.index + match[0].length - match[1].length, match.index + match[0].length];

  /** The characters before a place, counted as the server counts them: one for an emoji, not two. */
  function before(text, at, count) {
    let from = at;
    for (let left = count; left > 0 && from > 0; left--) from -= isPair(text, from) ? 2 : 1;
    return text.slice(from, at);
  }
  const isPair = (text, at) => at > 1 && isBetween(text.charCodeAt(at - 1), 0xdc00, 0xdfff) && isBetween(text.charCodeAt(at - 2), 0xd800, 0xdbff);
  const isBetween = (value, low, high) => value >= low && value <= high;

  const checks = {
    random: (_, match) => (isRandom(match[0]) ? whole(match) : null),

    trimmed: (_, match, { words }) => [match.index, match.index + match[0].replace(words.space_at_end.part, "").length],

    link_password(text, match, { words }) {
      const scheme = words.scheme.part.exec(lower(before(text, match.index, 21)));
      if (!scheme || words.stand_in.whole.test(lower(match[1]))) return null;
      return [match.index - scheme[0].length, match.index + match[0].replace(words.no_end.part, "").length];
    },

    keyed_password: (_, match, { words }) => (words.stand_in.whole.test(lower(match[1])) ? null : last(match)),

    mailbox(text, match, { words }) {
      const [at, end] = whole(match);
      const start = startOfLocal(text, at, words);
      if (start === at || isRemote(text, start, [at, end]) || words.password_of_link.part.test(before(text, start, 90))) return null;
      return [start, end];
    },

    spelt_mailbox(text, match, { words }) {
      const [at, end] = whole(match);
      return words.spelt.part.test(lower(match[0])) ? toldMailbox(text, [at, end], words) : null;
    },

    told_mailbox: (text, match, { words }) => toldMailbox(text, whole(match), words),

    iban(text, head, { lengths }) {
      for (const rest of lengths.get(head[1].toUpperCase()) ?? []) {
        rest.lastIndex = head.index + head[0].length;
        const found = rest.exec(text);
        if (found && hasValidCheckDigits(head[0] + found[0])) return [head.index, rest.lastIndex];
      }
      return null;
    },

    card(text, match, { words }) {
      const words40 = lower(before(text, match.index, 40));
      const value = readings(match).find((reading) => isCard(digitsOf(reading), words40, words));
      return value ? [match.index, match.index + value.length] : null;
    },

    ssn(_, match) {
      const [, , area, group, serial] = match;
      const isGivenOut = area !== "000" && area !== "666" && area < "900" && group !== "00" && serial !== "0000";
      return isGivenOut ? last(match) : null;
    },

    mac(_, match) {
      const digits = match[0].replace(/[:.-]/g, "").toLowerCase();
      return new Set(digits).size > 1 && (match[0].includes(":") || /\D/.test(digits)) ? whole(match) : null;
    },

    ip4(text, match, { words, networks }) {
      const octets = match[0].split(".").map(Number);
      return isSomebodys4(octets) && !networks.has(match[0]) && !isVersion(text, match.index, { octets, words }) ? whole(match) : null;
    },

    ip6(_, match) {
      const value = match[0].endsWith("::") ? match[0] : match[0].replace(/[.:]+$/, "");
      const groups = looksLikeV6(value) ? groupsOf(value) : null;
      return groups && isSomebodys6(groups) ? [match.index, match.index + value.length] : null;
    },
  };

  /** The spelling under which a value is compared with others of its kind. */
  const compared = {
    as_written: (value) => value,
    letters_and_digits: (value) => value.replace(/[^0-9A-Za-z]/g, "").toLowerCase(),
    mailbox(value, { words }) {
      const plain = value.replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0)).toLowerCase();
      return (plain.includes("@") ? plain : plain.replace(words.at.all, "@")).replace(words.dot.all, ".");
    },
    address(value) {
      const groups = value.includes(":") ? groupsOf(value) : null;
      return groups ? [groups.join(":"), ...value.split("%").slice(1)].join("%") : value.toLowerCase();
    },
  };

  ShareLM.checks = { checks, compared, lower };

  function isRandom(value) {
    const isWords = !/[A-Z\d]/.test(value) && value.slice(4).includes("-");
    return !isWords && !/^[xX*._-]*$/.test(value.slice(4));
  }

  function startOfLocal(text, at, words) {
    const signs = [...before(text, at, LONGEST_LOCAL)];
    const stop = signs.findLastIndex((sign) => words.not_local.part.test(sign));
    return at - signs.slice(stop + 1).join("").replace(/^[.\uff0e%+'-]+/, "").length;
  }

  /** Dots that are spelt out join several parts before the at. */
  function toldMailbox(text, [at, end], words) {
    let start = startOfLocal(text, at, words);
    if (start === at) return null;
    for (let left = MOST_DOTS; left > 0; left--) {
      const dot = words.spelt_before.part.exec(lower(before(text, start, LONGEST_DOT)));
      const from = dot ? start - dot[0].length : start;
      const earlier = startOfLocal(text, from, words);
      if (!dot || earlier === from) break;
      start = earlier;
    }
    return [start, end];
  }

  function isRemote(text, start, [at, end]) {
    return text.slice(start, at) === "git" && (text[end] === ":" || text[end] === "/" || text.startsWith("//", Math.max(0, start - 2)));
  }

  /** ISO 13616: a remainder of 1, taken piece by piece because the number is too long for a Number. */
  function hasValidCheckDigits(value) {
    const compact = value.replace(/[^0-9A-Za-z]/g, "");
    const digits = [...compact.slice(4), ...compact.slice(0, 4)].map((sign) => Number.parseInt(sign, 36)).join("");
    return [...digits].reduce((rest, digit) => (rest * 10 + Number(digit)) % 97, 0) === 1;
  }

  /** A fifth group may belong to the number or be the security code behind it. */
  function readings([value, separator]) {
    const isFive = separator && value.split(separator).length === 5;
    return isFive ? [value, value.slice(0, value.lastIndexOf(separator))] : [value];
  }

  function isCard(digits, context, { issuer, old_visa: oldVisa, card_word: cardWord }) {
    const isKnown = issuer.whole.test(digits) || (oldVisa.whole.test(digits) && cardWord.part.test(context));
    return isKnown && new Set(digits).size > 1 && hasValidCheckDigit(digits);
  }

  /** Luhn. */
  function hasValidCheckDigit(digits) {
    const doubled = [...digits].reverse().map((digit, place) => Number(digit) * (1 + (place % 2)));
    return doubled.reduce((sum, value) => sum + (value > 9 ? value - 9 : value), 0) % 10 === 0;
  }

  const isSomebodys4 = ([first]) => first !== 0 && first !== 127 && first !== 255 && !(first >= 224 && first < 240);

  function isSomebodys6(groups) {
    if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) return isSomebodys4([groups[6] >> 8]);
    return groups[0] >> 8 !== 0xff && (groups.slice(0, 7).some(Boolean) || groups[7] >> 8 !== 0);
  }

  function isVersion(text, start, { octets, words }) {
    const isLow = Math.max(...octets) < 20 && octets[0] !== 10;
    const context = lower(before(text, start, 40));
    if (!words.any_sign.part.test(context)) return isLow;
    if (words.version_before.part.test(before(context, context.length, 14))) return true;
    return isLow && !words.network_word.part.test(context);
  }

  function looksLikeV6(value) {
    return value.split("%")[0].split(":").some((group) => group.length >= 3) && /\d/.test(value);
  }

  /** The eight groups of a v6 address (RFC 4291, section 2.2), or null. */
  function groupsOf(value) {
    const written = value.split("%")[0].split(":");
    const end = written.at(-1).includes(".") ? pairOf(written.at(-1)) : written.slice(-1);
    if (!end) return null;
    const parts = [...written.slice(0, -1), ...end];
    const gaps = parts.map((part, place) => (part === "" && place > 0 && place < parts.length - 1 ? place : -1)).filter((place) => place > 0);
    if (parts.length < 3 || parts.length > 9 || gaps.length > 1) return null;
    const [head, tail] = gaps.length ? [outer(parts.slice(0, gaps[0]), 0), outer(parts.slice(gaps[0] + 1), -1)] : [parts, []];
    const missing = 8 - head.length - tail.length;
    if (gaps.length ? missing < 1 : missing !== 0) return null;
    const groups = [...head, ...Array(missing).fill("0"), ...tail];
    return groups.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group)) ? groups.map((group) => Number.parseInt(group, 16)) : null;
  }

  /** `::` at the very start or end leaves one empty part outside. */
  const outer = (parts, edge) => (parts.length === 1 && parts.at(edge) === "" ? [] : parts);

  function pairOf(written) {
    const octets = written.split(".");
    if (octets.length !== 4 || !octets.every((octet) => /^(?:0|[1-9]\d{0,2})$/.test(octet) && Number(octet) < 256)) return null;
    const [one, two, three, four] = octets.map(Number);
    return [(one * 256 + two).toString(16), (three * 256 + four).toString(16)];
  }
})();
