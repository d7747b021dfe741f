// Asks a server who it is, before it is chosen and when its terms are new. Changes nothing.
import { NoAnswer, call } from "./server.js";
import { originOf } from "./shared/origin.js";

const GREETING = "/.well-known/sharelm.json";
const LONGEST_HOLD = 31 * 24; // hours
const LONGEST_LINE = 300;

/** Who is there? `problem` is "insecure", "no-answer" or "stranger" (something answers, and it is no ShareLM). */
export async function greet({ address }) {
  const server = originOf(address);
  if (!server) return { problem: "insecure" };
  try {
    const { status, body } = await call("GET", GREETING, { server });
    const facts = status === 200 ? factsOf(body, server) : null;
    if (facts) return { facts };
    return { problem: status >= 500 || status === 429 ? "no-answer" : "stranger" };
  } catch (problem) {
    if (!(problem instanceof NoAnswer)) throw problem;
    return { problem: "no-answer" };
  }
}

function factsOf({ name, operator, contact, licence, hold_hours: hours, consent }, server) {
  const isWhole = line(name) && line(licence) && typeof consent?.version === "string" && Number.isFinite(hours) && hours >= 0 && hours <= LONGEST_HOLD;
  return isWhole ? { server, study: name, operator: line(operator) || name, contact: line(contact), licence, hold_hours: hours } : null;
}

const line = (value) => (typeof value === "string" && value.length <= LONGEST_LINE ? value.trim() : "");
