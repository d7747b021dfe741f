// What waits, as a file to keep: JSON, or CSV that no spreadsheet takes for formulas (RFC 4180). Pure: conversations in, text out.
import "../shared/record.js";

const { record } = globalThis.ShareLM;
const COLUMNS = ["conversation_id", "platform", "host", "conversation_rating", "message_id", "parent_id", "gap", "role", "model", "time", "rating", "content"];
const THUMBS = { "1": "up", "-1": "down", "0": "" };
const FORMULA = /^[=+\-@\t\r＝＋－＠]/;
const BYTE_ORDER_MARK = "\uFEFF"; // without it, spreadsheets take UTF-8 for something else

export function asJson(conversations) {
  const listed = conversations.map((kept) => ({
    ...{ conversation_id: kept.id, platform: kept.platform, host: kept.host, rating: kept.rating },
    messages: record.waiting(kept).map(messageOf),
  }));
  return JSON.stringify({ conversations: listed }, null, 2);
}

const messageOf = ({ id, parent, gap, role, model, at, rating, text }) => ({ id, parent_id: parent, gap, role, model, time: timeOf(at), rating, content: text });

export function asCsv(conversations) {
  const rows = conversations.flatMap((kept) => record.waiting(kept).map((message) => rowOf(kept, message)));
  return BYTE_ORDER_MARK + [COLUMNS, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

function rowOf(kept, { id, parent, gap, role, model, at, rating, text }) {
  return [kept.id, kept.platform, kept.host, THUMBS[kept.rating], id, parent, gap ? "yes" : "", role, model, timeOf(at), THUMBS[rating], text];
}

const timeOf = (at) => (at ? new Date(at).toISOString() : null);

function cell(value) {
  const text = String(value ?? "");
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
