// @ts-check
// Markdown from a piece of the page, so that code, lists and tables arrive as they were meant. Reads nodes, changes nothing.
(() => {
  const ShareLM = (globalThis.ShareLM ||= {});
  const SKIPPED = new Set(["SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE", "BUTTON", "SVG", "INPUT", "SELECT", "TEXTAREA", "DIALOG"]);
  const MEDIA = { IMG: "[image]", PICTURE: "[image]", CANVAS: "[image]", VIDEO: "[video]", AUDIO: "[audio]", IFRAME: "[embedded page]" };
  const BLOCKS = new Set(
    "ADDRESS ARTICLE ASIDE BLOCKQUOTE DETAILS DIV DL DT DD FIGURE FIGCAPTION FOOTER FORM H1 H2 H3 H4 H5 H6 HEADER HR LI MAIN NAV OL P PRE SECTION SUMMARY TABLE UL".split(" "),
  );
  const MARKS = { STRONG: "**", B: "**", EM: "*", I: "*", DEL: "~~", S: "~~" };
  const STYLED = [["font-bold", "**"], ["italic", "*"]]; // pages that write emphasis as a class

  /**
   * @param {Element} root
   * @param {{strip?: string, marks?: {select: string, mark: string}[], keepsLines?: boolean}} how `strip` selects what is not part of the message,
   *   `marks` says which word stands for what is not text; `keepsLines` where line breaks and blanks are the writer's
   */
  ShareLM.markdown = (root, { strip = "", marks = [], keepsLines = false } = {}) => tidy(blocks(root, { strip, marks, keepsLines }));

  /** What stands for an element that is not text: `[image]`, `[file]`, … */
  ShareLM.markOf = (element, marks) => MEDIA[element.tagName] ?? marks.find(({ select }) => element.matches(select))?.mark ?? null;

  /** What a person typed: line breaks are theirs, nothing is markup. */
  ShareLM.plainText = (root, { strip = "", marks = [] } = {}) => {
    const out = [];
    const walk = (node) => {
      if (node.nodeType === Node.TEXT_NODE) out.push(node.data);
      else if (node.nodeType === Node.ELEMENT_NODE && !isSkipped(node, { strip, marks })) {
        const mark = ShareLM.markOf(node, marks);
        if (mark) out.push(mark);
        else if (node.tagName === "BR") out.push("\n");
        else {
          if (BLOCKS.has(node.tagName) && out.length && !out.at(-1).endsWith("\n")) out.push("\n");
          node.childNodes.forEach(walk);
        }
      }
    };
    root.childNodes.forEach(walk);
    return out.join("").replace(/\r\n?/g, "\n").trim();
  };

  const isSkipped = (element, { strip, marks }) =>
    element.hidden || element.getAttribute("aria-hidden") === "true" || (strip && element.matches(strip)) || (SKIPPED.has(element.tagName.toUpperCase()) && !ShareLM.markOf(element, marks));

  /** Without blanks at the ends of lines, but inside code every blank counts. */
  function tidy(text) {
    let isCode = false;
    const lines = text.split("\n").map((line) => {
      if (/^ *`{3,}/.test(line)) isCode = !isCode;
      return isCode ? line : line.trimEnd();
    });
    return lines.join("\n").replace(/^\n+/, "").trimEnd();
  }

  /** Children as paragraphs: runs of inline content between block elements. */
  function blocks(node, state) {
    const parts = [];
    let run = "";
    const flush = () => {
      if (run.trim()) parts.push(run.trim());
      run = "";
    };
    for (const child of node.childNodes) {
      if (isBlock(child, state)) {
        flush();
        const text = block(child, state);
        if (text.trim()) parts.push(text);
      } else run += inline(child, state);
    }
    flush();
    return parts.join("\n\n");
  }

  function isBlock(node, state) {
    if (node.nodeType !== Node.ELEMENT_NODE || isSkipped(node, state)) return false;
    return BLOCKS.has(node.tagName) || node.matches(".katex-display, .cm-editor") || (node.tagName === "MJX-CONTAINER" && node.hasAttribute("display"));
  }

  function block(element, state) {
    const sign = ShareLM.markOf(element, state.marks);
    if (sign) return sign;
    const tex = texOf(element);
    if (tex) return `$$\n${tex}\n$$`;
    const { tagName } = element;
    if (/^H[1-6]$/.test(tagName)) return `${"#".repeat(Number(tagName[1]))} ${inlines(element, state).trim()}`;
    if (tagName === "PRE") return fence(element, state);
    if (element.classList.contains("cm-editor")) return editor(element);
    if (tagName === "UL" || tagName === "OL") return list(element, state);
    if (tagName === "TABLE") return table(element, state);
    if (tagName === "HR") return "---";
    if (tagName === "BLOCKQUOTE") return blocks(element, state).replace(/^/gm, "> ").replace(/^> $/gm, ">");
    return blocks(element, state);
  }

  function fence(pre, state) {
    const code = pre.querySelector("code") ?? pre;
    const text = codeIn(code.querySelector(".cm-content") ?? code).replace(/\n$/, "");
    return fenced(text, languageOf(pre, code, state));
  }

  /** Lines may be parted by line breaks, or each be an element of its own. */
  function codeIn(code) {
    if (!code.querySelector("br, div, p, .line") || (code.textContent.includes("\n") && !code.querySelector("br"))) return code.textContent;
    let text = "";
    const walk = (node) => {
      const isLine = node.nodeType === Node.ELEMENT_NODE && node.matches("div, p, .line");
      if (isLine && text && !text.endsWith("\n")) text += "\n";
      if (node.nodeType === Node.TEXT_NODE) text += node.data;
      else if (node.tagName === "BR") text += "\n";
      else node.childNodes.forEach(walk);
      if (isLine && !text.endsWith("\n")) text += "\n";
    };
    code.childNodes.forEach(walk);
    return text;
  }

  /** Code that stands in an editor of its own (CodeMirror), a line an element. */
  function editor(element) {
    const content = element.querySelector(".cm-content");
    const lines = [...element.querySelectorAll(".cm-line")].map((line) => line.textContent);
    return fenced(lines.join("\n"), content?.dataset.language ?? "");
  }

  function fenced(text, language) {
    const longest = Math.max(2, ...[...text.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length));
    const ticks = "`".repeat(longest + 1);
    return `${ticks}${language}\n${text}\n${ticks}`;
  }

  /** From the class, from an attribute, or from the bar above the code that names it. */
  function languageOf(pre, code, state) {
    const named = /\blang(?:uage)?-([\w+#.-]+)/.exec(`${code.className} ${pre.className}`)?.[1] ?? code.dataset.language ?? pre.dataset.language;
    if (named) return named;
    const bar = [...pre.children].find((child) => code !== pre && !child.contains(code)) ?? pre.querySelector(":scope > div > div:first-child");
    if (!bar || bar.contains(code)) return "";
    const words = ShareLM.plainText(bar, state).trim();
    return /^[\w+#.-]{1,24}$/.test(words) ? words.toLowerCase() : "";
  }

  function list(element, state) {
    let number = Number(element.getAttribute("start") ?? 1);
    const items = [...element.children].filter((child) => child.tagName === "LI" && !isSkipped(child, state));
    const isLoose = items.some((item) => item.querySelector(":scope > p + p"));
    const lines = items.map((item) => {
      const mark = element.tagName === "OL" ? `${number++}. ` : "- ";
      const box = item.querySelector(":scope > input[type=checkbox], :scope > p > input[type=checkbox]");
      const body = itemText(item, state);
      const text = box ? `[${box.checked ? "x" : " "}] ${body.trim()}` : body;
      return mark + text.replace(/\n(?=.)/g, `\n${" ".repeat(mark.length)}`);
    });
    return lines.join(isLoose ? "\n\n" : "\n");
  }

  /** A list inside an item follows its line at once; other blocks keep the blank line. */
  const itemText = (item, state) => blocks(item, state).replace(/\n\n(?=(?:- |\d+\. ))/g, "\n");

  function table(element, state) {
    const rows = [...element.querySelectorAll("tr")].filter((row) => row.closest("table") === element);
    if (!rows.length) return "";
    const cells = rows.map((row) => [...row.children].map((cell) => inlines(cell, state).trim().replace(/\s*\n\s*/g, " ").replaceAll("|", "\\|")));
    const width = Math.max(...cells.map((row) => row.length));
    const line = (row) => `| ${[...row, ...Array(width - row.length).fill("")].join(" | ")} |`;
    const rule = [...Array(width).keys()].map((column) => alignment(rows[0].children[column]));
    return [line(cells[0]), `| ${rule.join(" | ")} |`, ...cells.slice(1).map(line)].join("\n");
  }

  function alignment(cell) {
    const side = cell?.getAttribute("align") || cell?.style?.textAlign;
    return { center: ":---:", right: "---:", left: ":---" }[side] ?? "---";
  }

  const inlines = (node, state) => [...node.childNodes].map((child) => inline(child, state)).join("");

  function inline(node, state) {
    if (node.nodeType === Node.TEXT_NODE) return state.keepsLines ? node.data : node.data.replace(/[ \t\n\r]+/g, " ");
    if (node.nodeType !== Node.ELEMENT_NODE || isSkipped(node, state)) return "";
    const tex = texOf(node);
    if (tex) return `$${tex}$`;
    const { tagName } = node;
    const sign = ShareLM.markOf(node, state.marks);
    if (sign) return sign;
    if (tagName === "BR") return "\n";
    if (tagName === "CODE") return codeSpan(node.textContent);
    if (tagName === "A") return link(node, state);
    const mark = MARKS[tagName] ?? (tagName === "SPAN" ? STYLED.find(([name]) => node.classList.contains(name))?.[1] : null);
    if (mark) return marked(inlines(node, state), mark);
    if (BLOCKS.has(tagName)) return `\n${block(node, state)}\n`;
    return inlines(node, state);
  }

  /** The source of a formula, as KaTeX and MathJax keep it beside what they draw. */
  function texOf(element) {
    if (element.dataset?.math) return element.dataset.math.trim();
    if (element.tagName !== "MATH" && !element.matches(".katex, .katex-display, mjx-container, math")) return "";
    return element.querySelector('annotation[encoding="application/x-tex"]')?.textContent.trim() ?? element.getAttribute("alttext") ?? "";
  }

  function codeSpan(text) {
    const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
    const ticks = "`".repeat(longest + 1);
    const pad = text.startsWith("`") || text.endsWith("`") ? " " : "";
    return text ? ticks + pad + text + pad + ticks : "";
  }

  /** Addresses of the web only; `javascript:`, `blob:` and the site's own paths lead nowhere for a reader. */
  function link(element, state) {
    const text = inlines(element, state).trim();
    const href = element.getAttribute("href") ?? "";
    if (!/^https?:/i.test(href) || !text) return text;
    return text === href ? `<${href}>` : `[${text}](${href})`;
  }

  const marked = (text, mark) => {
    const inner = text.trim();
    if (!inner) return text;
    return text.match(/^\s*/)[0] + mark + inner + mark + text.match(/\s*$/)[0];
  };
})();
