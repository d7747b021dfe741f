// What of a message is replaced before it leaves, marked in its text; and passages that the person hides by hand.
import "../browser.js";
import "../shared/page.js";

const { ask, text } = globalThis.ShareLM.browser;
const { icon, make } = globalThis.ShareLM.page;

/** A message's text; what goes is crossed out, and its label stands behind it. The label is drawn by the style sheet, so that it is never selected along. */
export function words(pieces) {
  const parts = pieces.map(({ raw, shown, type }) => (type === null ? raw : make("del", { class: "replaced", "data-label": shown }, raw)));
  return make("pre", { dir: "auto" }, ...parts);
}

/** The field is filled by selecting in a message, or by typing. `drafts` keeps it when the popup is drawn anew. */
export function hidingOf(id, { drafts, say }) {
  const box = make("textarea", { rows: "2", id: `passage-${id}`, "data-name": `passage-${id}`, "aria-describedby": `how-${id}`, spellcheck: "false", dir: "auto" });
  box.value = drafts.get(id) ?? "";
  box.addEventListener("input", () => drafts.set(id, box.value));
  const hide = async () => {
    const isHidden = await ask({ kind: "hide", id, passage: box.value.trim() });
    say(text(isHidden ? "popup_hidden" : "popup_hide_none"));
    if (!isHidden) return;
    drafts.delete(id);
    box.value = "";
  };
  const button = make("button", { class: "button small", type: "button", "data-name": `hide-${id}`, click: hide }, icon("redact"), text("popup_hide"));
  return make(
    "div",
    { class: "hiding" },
    make("p", { class: "soft" }, text("popup_marks")),
    make("label", { for: box.id }, text("popup_hide_label")),
    make("p", { class: "soft", id: `how-${id}` }, text("popup_hide_how")),
    make("div", { class: "row nowrap" }, box, button),
  );
}

/** What was hidden, each with the way back. */
export function hiddenList(id, hidden) {
  const items = hidden.map(({ digest, text: passage }) => {
    const attributes = { class: "button quiet small", type: "button", "data-name": `show-${digest}`, "aria-label": `${text("popup_show")}: ${passage}` };
    return make("li", { class: "row between nowrap" }, make("bdi", {}, passage), make("button", { ...attributes, click: () => ask({ kind: "show", id, digest }) }, text("popup_show")));
  });
  return items.length ? [make("h4", {}, text("popup_hidden_list")), make("ul", {}, ...items)] : [];
}

document.addEventListener("selectionchange", () => {
  const selection = document.getSelection();
  const message = selection?.anchorNode?.parentElement?.closest(".talk pre");
  if (!message || selection.isCollapsed || !message.contains(selection.focusNode)) return;
  const box = message.closest(".inside").querySelector("textarea");
  box.value = selection.toString().trim();
  box.dispatchEvent(new Event("input"));
});
