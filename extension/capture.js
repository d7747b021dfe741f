// @ts-check
// The one file that reads the page: who said what, and what was just sent. It changes nothing there.
(() => {
  const ShareLM = (globalThis.ShareLM ||= {});
  const THOROUGH_EVERY = 2_000; // ms
  const SMALL = 48; // pixels; a picture beside the text that is no wider is a face or an icon
  const SOMETHING = "[file]"; // where the page says that a message is no text, and shows nothing that we know

  ShareLM.Capture = class {
    /** @param {any} platform an entry of platforms.json @param {Document} page */
    constructor(platform, page) {
      this.platform = platform;
      this.page = page;
      this.cache = new WeakMap();
      this.stale = new WeakSet();
      this.thoroughAt = 0;
      this.actedAt = 0; // when the person last pressed a key or a button
    }

    /** Calls back when something changed that may be of interest. */
    watch(onChange) {
      const observer = new MutationObserver((changes) => {
        changes.forEach((change) => this.forget(change.target));
        onChange();
      });
      observer.observe(this.page.documentElement, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: attributesIn(this.platform) });
      return () => observer.disconnect();
    }

    /** A message, or the turn round it, has to be read anew. */
    forget(node) {
      const generation = this.generation ?? this.platform.generations[0];
      const element = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
      const selector = [generation.user, generation.assistant, generation.turn].filter(Boolean).join(", ");
      for (let found = element?.closest(selector); found; found = found.parentElement?.closest(selector)) this.stale.add(found);
      const { beside } = generation.thumbs;
      const spoken = beside && element?.closest(beside)?.previousElementSibling;
      if (spoken) this.stale.add(spoken);
    }

    /** Calls back with the text in the composer when the person sends it; keys and clicks that a script makes do not count. */
    watchComposer(onSubmit) {
      const { composer, submit } = this.platform;
      let typed = "";
      const remember = (target) => (typed = textOf(target) || typed);
      this.listen("input", (event) => {
        const target = event.target.closest?.(composer);
        if (target) typed = textOf(target);
      });
      this.listen("keydown", (event) => {
        const target = event.target.closest?.(composer);
        if (!target || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        remember(target);
        onSubmit(typed);
      });
      this.listen("pointerdown", (event) => this.remembersBefore(event, submit, composer, remember));
      this.listen("click", (event) => event.target.closest?.(submit) && onSubmit(typed));
      this.listen("submit", () => onSubmit(typed));
      for (const name of ["keydown", "pointerdown"]) this.listen(name, () => (this.actedAt = Date.now()));
    }

    remembersBefore(event, submit, composer, remember) {
      const box = event.target.closest?.(submit) && [...this.page.querySelectorAll(composer)].find((one) => textOf(one));
      if (box) remember(box);
    }

    listen(name, act) {
      this.page.addEventListener(name, (event) => event.isTrusted && act(event), { capture: true, passive: true });
    }

    /** Whether there is a chat on this page at all. */
    get hasChat() {
      return this.page.querySelector(this.platform.chat) !== null;
    }

    get siteKey() {
      return ShareLM.platform.conversationAt(this.platform, this.page.location.href);
    }

    /** A conversation that the site itself keeps private, shares, or that several people write. */
    get isNever() {
      const { select } = this.platform.never;
      return ShareLM.platform.isNever(this.platform, this.page.location.href) || (select !== "" && this.page.querySelector(select) !== null);
    }

    /** All messages on the page, in order. Those in which nothing changed are not read again, but for their thumbs now and then. */
    read() {
      this.generation = this.platform.generations.find(({ user, assistant }) => this.page.querySelector(`${user}, ${assistant}`)) ?? null;
      if (!this.generation) return [];
      const { user, assistant } = this.generation;
      const isThorough = performance.now() - this.thoroughAt > THOROUGH_EVERY;
      if (isThorough) this.thoroughAt = performance.now();
      const elements = [...this.page.querySelectorAll(`${user}, ${assistant}`)].filter((element) => !element.parentElement?.closest(`${user}, ${assistant}`));
      const turns = elements.map((element) => this.turn(element, isThorough));
      const [last, { page }] = [turns.at(-1), this.platform.streaming];
      if (page && last?.role === "assistant" && this.page.querySelector(page)) turns.splice(-1, 1, { ...last, isStreaming: true });
      this.stale = new WeakSet();
      return turns;
    }

    turn(element, isThorough) {
      const kept = this.cache.get(element);
      const isFresh = kept && !this.stale.has(element) && !this.stale.has(kept.container);
      if (isFresh && !isThorough) return kept.turn;
      const { turn, container } = isFresh ? kept : this.readTurn(element);
      const { message } = this.platform.streaming;
      const state = { rating: this.ratingOf(container, turn.role), isStreaming: message !== "" && isIn(element, message) };
      this.cache.set(element, { turn: { ...turn, ...state }, container });
      return this.cache.get(element).turn;
    }

    readTurn(element) {
      const { generation } = this;
      const role = element.matches(generation.user) ? "user" : "assistant";
      const container = (generation.turn && element.closest(generation.turn)) || element;
      const text = this.textOf(element, role, container);
      const model = this.modelOf(element, role, container);
      return { turn: { role, key: this.keyOf(element), place: this.placeOf(element, container), text, model, node: element }, container };
    }

    /** The number that a list which draws only a part of itself gives the message. */
    placeOf(element, container) {
      const { place } = this.generation;
      const named = place && this.scopeOf(element, container).closest(`[${place}]`)?.getAttribute(place);
      return named && /^\d+$/.test(named) ? Number(named) : null;
    }

    keyOf(element) {
      const name = this.generation.key.find((attribute) => element.getAttribute(attribute));
      return name ? element.getAttribute(name).split(/\s/)[0] : null; // where one answer has several names, they are added one by one
    }

    textOf(element, role, container) {
      const { raw, text, strip } = this.generation;
      const label = raw.attribute && element.getAttribute(raw.attribute);
      const prefix = label && raw.prefixes.find((start) => label.startsWith(start));
      const said = prefix && tidied(label.slice(prefix.length));
      const isText = said && !raw.except.some((start) => said.startsWith(start));
      if (isText) return said;
      const inside = text[role].find((selector) => element.querySelector(selector));
      const pieces = inside ? outermost([...element.querySelectorAll(inside)], inside) : [element];
      const isPlain = role === "user" && !text.isRendered; // some pages draw what was typed as Markdown too
      const how = { strip: strip.join(", "), marks: this.platform.marks, keepsLines: role === "user" };
      const read = (piece) => (isPlain ? ShareLM.plainText(piece, how) : ShareLM.markdown(piece, how));
      const parts = [...pieces.map(read).filter(Boolean), ...this.marksBeside(this.scopeOf(element, container), pieces, how)];
      return tidied(parts.join("\n\n")) || (said ? SOMETHING : "");
    }

    /** The turn round a message, unless it holds other messages too. */
    scopeOf(element, container) {
      const { user, assistant } = this.generation;
      return [...container.querySelectorAll(`${user}, ${assistant}`)].every((one) => element.contains(one)) ? container : element;
    }

    /** Pictures, files and documents that stand beside the text. */
    marksBeside(scope, pieces, { strip, marks }) {
      const selector = ["img", ...marks.map(({ select }) => select)].join(", ");
      const beside = outermost([...scope.querySelectorAll(selector)], selector).filter((one) => !pieces.some((piece) => piece.contains(one)));
      const shown = beside.filter((one) => !(strip && one.closest(strip)) && !(one.tagName === "IMG" && one.width <= SMALL));
      return shown.map((one) => ShareLM.markOf(one, marks));
    }

    modelOf(element, role, container) {
      if (role === "user") return null;
      const { attribute, select } = this.generation.model;
      const named = (attribute && element.closest(`[${attribute}]`)?.getAttribute(attribute)) || (attribute && element.querySelector(`[${attribute}]`)?.getAttribute(attribute));
      return (named || (select && (container.querySelector(select) ?? this.page.querySelector(select))?.textContent.trim()) || null)?.slice(0, 200) ?? null;
    }

    ratingOf(container, role) {
      if (role === "user") return 0;
      const { up, down, beside } = this.generation.thumbs;
      const next = container.nextElementSibling;
      const places = beside && next?.matches(beside) ? [container, next] : [container];
      if (up && places.some((place) => place.querySelector(up))) return 1;
      return down && places.some((place) => place.querySelector(down)) ? -1 : 0;
    }
  };

  /** What a change of must be seen: all attributes that the selectors speak of. */
  const attributesIn = (platform) => [...new Set(["class", "hidden", ...Array.from(JSON.stringify(platform).matchAll(/\[([a-z][a-z0-9-]*)/g), ([, name]) => name), ...platform.generations.flatMap(({ key, raw, model }) => [...key, raw.attribute, model.attribute].filter(Boolean))])];

  const textOf = (box) => (box.value ?? box.innerText ?? "").trim();
  const tidied = (text) => text.replace(/\r\n?/g, "\n").replaceAll("\u0000", "").trim();
  const isIn = (element, selector) => element.matches(selector) || element.querySelector(selector) !== null;
  const outermost = (elements, selector) => elements.filter((element) => !element.parentElement.closest(selector));
})();
