// The little Markdown that consent texts are written in, as elements: headings, paragraphs, lists, bold, code. Never HTML.
import "../browser.js";
import "../shared/page.js";

const { make } = globalThis.ShareLM.page;

export function prose(markdown) {
  return markdown.trim().split(/\n{2,}/).map(block).flat();
}

function block(text) {
  const heading = /^(#{1,3}) (.*)$/s.exec(text);
  if (heading) return make(`h${heading[1].length + 1}`, {}, ...inline(joined(heading[2])));
  if (/^> /.test(text)) return make("p", { class: "note" }, ...inline(joined(text.replace(/^> ?/gm, ""))));
  if (/^(- |\d+\. )/.test(text)) return make(/^\d/.test(text) ? "ol" : "ul", {}, ...items(text));
  return make("p", {}, ...inline(joined(text)));
}

const items = (text) => text.split(/\n(?=- |\d+\. )/).map((item) => make("li", {}, ...inline(joined(item.replace(/^(- |\d+\. )/, "")))));

const joined = (text) => text.replace(/\s*\n\s*/g, " ");

const inline = (text) =>
  text.split(/(\*\*[^*]+\*\*|`[^`]+`)/).map((part) => {
    if (part.startsWith("**")) return make("strong", {}, part.slice(2, -2));
    return part.startsWith("`") ? make("code", {}, part.slice(1, -1)) : part;
  });
