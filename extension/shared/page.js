// What the extension's own pages share: texts, elements, icons.
(() => {
  const ShareLM = (globalThis.ShareLM ||= {});
  const { text, language } = ShareLM.browser;
  const SVG = "http://www.w3.org/2000/svg";

  ShareLM.page = {
    /** Fill what names its text in `data-text` and `data-label`. */
    speak() {
      document.documentElement.lang = language();
      for (const element of document.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
      for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", text(element.dataset.label));
    },

    /** An element; a function as attribute listens for clicks. Text is only ever text. */
    make(tag, attributes = {}, ...children) {
      const element = document.createElement(tag);
      for (const [name, value] of Object.entries(attributes)) {
        if (typeof value === "function") element.addEventListener("click", value);
        else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
      }
      element.append(...children.filter((child) => child !== null && child !== undefined));
      return element;
    },

    icon(name) {
      const svg = document.createElementNS(SVG, "svg");
      const use = document.createElementNS(SVG, "use");
      svg.setAttribute("class", "icon");
      svg.setAttribute("aria-hidden", "true");
      use.setAttribute("href", `../icons/icons.svg#${name}`);
      svg.append(use);
      return svg;
    },
  };
})();
