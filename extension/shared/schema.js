// @ts-check
// Whether a newer platforms.json may take the place of the one in the package. Pure. It may say how pages that we know are read, and nothing else.

const LONGEST_SELECTOR = 400;

const matches = (pattern) => (value) => typeof value === "string" && pattern.test(value);
const flag = (value) => typeof value === "boolean";
const count = (value) => Number.isInteger(value) && value >= 0 && value <= 1_000;
const list = (fits, most, least = 0) => (value) => Array.isArray(value) && value.length >= least && value.length <= most && value.every(fits);
const emptyOr = (fits) => (value) => value === "" || fits(value);

/** Exactly these fields; those of `more` may be missing. */
const record = (fields, more = {}) => {
  const known = { ...fields, ...more };
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    const names = Object.keys(value);
    return Object.keys(fields).every((name) => names.includes(name)) && names.every((name) => Object.hasOwn(known, name) && known[name](value[name]));
  };
};

const line = matches(/^\P{Cc}{1,100}$/u);
const attribute = matches(/^[a-z][a-z0-9-]{0,60}$/);
const path = matches(/^\/[!-~]{0,100}$/);
const query = matches(/^[!-~]{1,100}$/);

/**
 * Nothing but a selector, and whole by itself, for it is put together with others. Only a page can tell whether the browser knows it.
 * @param {unknown} value
 */
function selector(value) {
  if (typeof value !== "string" || value.length > LONGEST_SELECTOR || /[\\\p{Cc}]/u.test(value)) return false;
  const bare = value.replace(/"[^"]*"|'[^']*'/g, "");
  return /^[\w .#*:[(](?:[\w .#*:,>+~^$|=()[\]-]*[\w*)\]])?$/.test(bare) && isBalanced(bare) && value.trim() === value;
}

function isBalanced(text) {
  const open = [];
  for (const sign of text.replace(/[^()[\]]/g, "")) {
    if (sign === "(" || sign === "[") open.push(sign);
    else if (open.pop() !== (sign === ")" ? "(" : "[")) return false;
  }
  return open.length === 0;
}

/** A path and, in one pair of brackets, one class of characters so many times: it takes no longer the longer the address is. */
function conversation(value) {
  const [, least, most] = matchOf(value) ?? [];
  return Number(least) >= 1 && Number(least) <= Number(most) && Number(most) <= 200;
}

function matchOf(value) {
  const grammar = /^(?:\/[\w-]{1,30}){1,4}\/\(\[(?=[^\]])(?:0-9)?(?:A-Z|A-F)?(?:a-z|a-f)?\.?_?-?\]\{(\d{1,2}),(\d{1,3})\}\)$/;
  return typeof value === "string" ? grammar.exec(value) : null;
}

const optional = emptyOr(selector);
const generation = record({
  name: line,
  user: selector,
  assistant: selector,
  key: list(attribute, 5),
  place: emptyOr(attribute),
  turn: optional,
  raw: record({ attribute: emptyOr(attribute), prefixes: list(line, 20), except: list(line, 20) }),
  text: record({ user: list(selector, 10), assistant: list(selector, 10) }, { isRendered: flag }),
  strip: list(selector, 40),
  model: record({ attribute: emptyOr(attribute), select: optional }),
  thumbs: record({ beside: optional, up: optional, down: optional }),
});

/** What may be different from the package; all other fields are as there. */
const FREE = {
  name: line,
  conversation: emptyOr(conversation),
  virtual: flag,
  chat: selector,
  composer: selector,
  submit: selector,
  streaming: record({ message: optional, page: optional }),
  marks: list(record({ select: selector, mark: matches(/^\[[a-z][a-z ]{0,22}\]$/) }), 20),
  never: record({ paths: list(path, 40), queries: list(query, 40), select: optional }),
  generations: list(generation, 8, 1),
  examples: list(record({ page: line, user: count, assistant: count }), 60),
};

/**
 * Null if `given` may be used; else what stands against it, as `chatgpt.hosts`.
 * @param {any} given @param {any} shipped the package's own @param {number} above the highest version that is known
 */
export function problemOf(given, shipped, above = shipped.version) {
  if (!record({ version: Number.isSafeInteger, platforms: Array.isArray })(given)) return "file";
  if (given.version <= above) return "version";
  if (given.platforms.length !== shipped.platforms.length) return "platforms";
  return given.platforms.map((entry, place) => problemOfEntry(entry, shipped.platforms[place])).find(Boolean) ?? null;
}

function problemOfEntry(entry, own) {
  if (typeof entry !== "object" || entry === null || entry.id !== own.id) return "platforms";
  const field = [...new Set([...Object.keys(own), ...Object.keys(entry)])].find((name) => !isAllowed(name, entry[name], own[name]));
  return field ? `${own.id}.${field}` : null;
}

function isAllowed(name, value, own) {
  if (!Object.hasOwn(FREE, name)) return JSON.stringify(value) === JSON.stringify(own);
  return FREE[name](value) && (name !== "never" || isMore(value, own));
}

/** What is never recorded may only become more. */
function isMore(never, own) {
  const hasAll = (name) => own[name].every((one) => never[name].includes(one));
  const isSelectKept = own.select === "" || never.select === own.select || never.select.startsWith(`${own.select}, `);
  return hasAll("paths") && hasAll("queries") && isSelectKept;
}
