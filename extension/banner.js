// @ts-check
// One line on somebody else's page: in a closed shadow root, over the page and never moving it; its buttons obey people only, not scripts.
(() => {
  const ShareLM = (globalThis.ShareLM ||= {});
  const { text, count } = ShareLM.browser;
  const SVG = "http://www.w3.org/2000/svg";
  const TILE =
    "M3 0h10a3 3 0 0 1 3 3v10a3 3 0 0 1-3 3H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3zM12 2v4H6.5a.5.5 0 0 0 0 1h3a2.5 2.5 0 0 1 0 5H7l-3 2v-4h5.5a.5.5 0 0 0 0-1h-3a2.5 2.5 0 0 1 0-5H9z";
  // Lucide (ISC): see icons/LICENSE-icons.txt
  const ICONS = {
    up: "M15 5.88 14 10h5.83a2 2 0 0 1 1.92 2.56l-2.33 8A2 2 0 0 1 17.5 22H4a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2h2.76a2 2 0 0 0 1.79-1.11L12 2a3.13 3.13 0 0 1 3 3.88ZM7 10v12",
    down: "M9 18.12 10 14H4.17a2 2 0 0 1-1.92-2.56l2.33-8A2 2 0 0 1 6.5 2H20a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-2.76a2 2 0 0 0-1.79 1.11L12 22a3.13 3.13 0 0 1-3-3.88ZM17 14V2",
    fold: "M18 6 6 18M6 6l12 12",
    toBottom: "M12 5v14M19 12l-7 7-7-7",
    toTop: "M12 19V5M5 12l7-7 7 7",
  };
  const STYLE = `
    :host { all: initial; color-scheme: light dark; position: fixed !important; inset-inline: 0; z-index: 2147483647; display: block; pointer-events: none;
      --surface: light-dark(#fff, #1a1e1b); --ink: light-dark(#1a1d19, #e8ebe5); --soft: light-dark(#50564d, #b3bab1); --edge: light-dark(#7d8378, #7f8980);
      --accent: light-dark(#0f6148, #6fcca4); --on-accent: light-dark(#fff, #08291d); --sunken: light-dark(#f0f1ec, #232824);
      --caution: light-dark(#7a4a00, #efbd68); --wash: light-dark(#fdf1d8, #33280f); }
    :host([data-side="top"]) { top: 8px; } :host([data-side="bottom"]) { bottom: 8px; }
    section { pointer-events: auto; box-sizing: border-box; width: fit-content; max-width: calc(100% - 16px); margin-inline: auto; display: flex; align-items: center;
      gap: 6px 12px; padding: 6px 8px 6px 12px; background: var(--surface); color: var(--ink); border: 1px solid var(--edge); border-bottom: 3px solid var(--accent); border-radius: 6px;
      box-shadow: 0 2px 6px rgb(0 0 0 / .12), 0 8px 24px rgb(0 0 0 / .14); font: 14px/1.35 system-ui, "Segoe UI", "Noto Sans", sans-serif; }
    section.quiet { border-bottom-style: dashed; border-bottom-color: var(--edge); } section.quiet > svg { color: var(--soft); }
    section.trouble { background: var(--wash); border-bottom-color: var(--caution); }
    section.folded { padding: 0; border-width: 1px; margin-inline: auto 12px; }
    p { margin: 0; min-width: 0; } strong { font-weight: 650; } .soft { color: var(--soft); }
    svg { width: 20px; height: 20px; flex: none; display: block; } section > svg { color: var(--accent); } button svg { width: 17px; height: 17px; }
    span.row { display: flex; gap: 4px; align-items: center; flex: none; }
    button { all: unset; box-sizing: border-box; display: inline-flex; align-items: center; justify-content: center; min-height: 30px; min-width: 30px; padding: 2px 10px; border: 1px solid var(--edge);
      border-radius: 3px; font: 600 13px/1.2 system-ui, "Segoe UI", "Noto Sans", sans-serif; color: var(--ink); background: var(--surface); cursor: pointer; white-space: nowrap; }
    button:hover { background: var(--sunken); border-color: var(--ink); } button:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; }
    button.primary, button[aria-pressed="true"] { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
    button.down[aria-pressed="true"] { background: var(--ink); border-color: var(--ink); color: var(--surface); }
    button.quiet { border-color: transparent; background: none; } button.icon { padding: 0; } .folded button { color: var(--accent); border: 0; min-width: 34px; min-height: 34px; }
    .folded.quiet button { color: var(--soft); } .folded.trouble button { color: var(--caution); }
    @media (max-width: 900px) { section { flex-wrap: wrap; } span.row { flex-wrap: wrap; } }
    @media (prefers-contrast: more) { section { border-color: var(--ink); } }
    @media (forced-colors: active) { button[aria-pressed="true"] { forced-color-adjust: none; background: Highlight; color: HighlightText; } }
    @media print { :host { display: none; } }`;

  /** What each state says and offers: texts `banner_<status>` and `banner_<status>_more`, a look, and buttons. */
  const STATES = {
    consent: { look: "", buttons: () => [action("consent", "primary"), action("notHere")] },
    renew: { look: "trouble", buttons: () => [action("consent", "primary")] },
    ready: { look: "", buttons: (view) => [earlier(view), pause(true), action("private", "quiet")] },
    recording: { look: "", buttons: (view) => [earlier(view), ...thumbs(view), pause(true), action("private", "quiet")] },
    paused: { look: "quiet", buttons: () => [pause(false), action("private", "quiet")] },
    full: { look: "trouble", buttons: () => [pause(true)] },
    private: { look: "quiet", buttons: stopped },
    deleted: { look: "quiet", buttons: stopped },
    withdrawn: { look: "quiet", buttons: stopped },
    unrecognised: { look: "trouble", buttons: () => [action("look")] },
  };

  ShareLM.Banner = class {
    /** @param {{act: (name: string, value?: any) => void, mode?: "closed"|"open"}} options open only on the extension's own test page */
    constructor({ act, mode = "closed" }) {
      this.act = act;
      this.mode = mode;
      this.side = "top";
      this.isFolded = false;
    }

    show(view) {
      if (!STATES[view.status]) return this.hide();
      this.view = view;
      this.side = view.side ?? this.side;
      this.isFolded = view.isFolded ?? this.isFolded;
      this.host ??= this.make();
      if (!this.host.isConnected) document.documentElement.append(this.host);
      this.host.dataset.side = this.side;
      return this.draw();
    }

    hide() {
      this.host?.remove();
    }

    make() {
      document.querySelector("#sharelm")?.remove(); // left by a copy of the extension that was updated under the page
      const host = document.createElement("div");
      host.id = "sharelm";
      this.root = host.attachShadow({ mode: this.mode });
      dress(this.root);
      return host;
    }

    /** Keeps the keyboard's place: the same button has the focus afterwards, or the first one where that is gone. */
    draw() {
      const focused = this.root.activeElement?.dataset.name;
      this.section?.remove();
      this.section = this.isFolded ? this.folded() : this.line();
      this.root.append(this.section);
      if (focused) (this.root.querySelector(`[data-name="${focused}"]`) ?? this.root.querySelector("button"))?.focus();
    }

    line() {
      const { status } = this.view;
      const state = STATES[status];
      const row = make("span", { class: "row" }, [...state.buttons(this.view).filter(Boolean).map((made) => this.button(made)), ...this.furniture()]);
      const said = make("p", { role: "status" }, [make("strong", {}, [text(`banner_${status}`)]), " ", make("span", { class: "soft" }, [more(this.view)])]);
      return make("section", { class: state.look, "aria-label": "ShareLM" }, [tile(), said, row]);
    }

    folded() {
      const { status } = this.view;
      const label = `ShareLM: ${text(`banner_${status}`)} ${text("banner_unfold")}`;
      const button = this.button({ name: "unfold", label, content: tile(), look: "icon" });
      return make("section", { class: `folded ${STATES[status].look}`, "aria-label": "ShareLM" }, [button]);
    }

    furniture() {
      const other = this.side === "top" ? "toBottom" : "toTop";
      return [icon("move", text(`banner_${other}`), other), icon("fold", text("banner_fold"), "fold")].map((made) => this.button(made));
    }

    button({ name, value, label, content, look = "", pressed }) {
      const attributes = { type: "button", class: look, "data-name": value === undefined ? name : `${name}${value}` };
      if (content) Object.assign(attributes, { "aria-label": label, title: label });
      if (pressed !== undefined) attributes["aria-pressed"] = String(pressed);
      const button = make("button", attributes, [content ?? label]);
      button.addEventListener("click", (event) => event.isTrusted && this.press(name, value));
      return button;
    }

    press(name, value) {
      if (name === "move") this.side = this.side === "top" ? "bottom" : "top";
      else if (name === "fold" || name === "unfold") this.isFolded = name === "fold";
      else return this.act(name, value);
      this.host.dataset.side = this.side;
      this.draw();
      return this.act("place", { side: this.side, isFolded: this.isFolded });
    }
  };

  function more(view) {
    const { status, waiting, sent, hours } = view;
    if (status === "recording" && waiting) return count("banner_waiting", waiting, hours);
    if (status === "recording") return count("banner_sent", sent);
    return text(`banner_${status}_more`, hours);
  }

  const action = (name, look = "", value = undefined) => ({ name, look, value, label: text(`button_${name}`) });
  const pause = (isPaused) => ({ name: "pause", value: isPaused, label: text(isPaused ? "button_pause" : "button_resume") });
  const earlier = ({ earlier: number }) => (number ? { name: "earlier", look: "quiet", label: count("button_earlier", number) } : null);
  const icon = (name, label, shape) => ({ name, label, content: draw(ICONS[shape]), look: "icon quiet" });
  const thumbs = ({ rating }) => [
    { name: "rate", value: 1, label: text("button_good"), content: draw(ICONS.up), look: "icon up", pressed: rating === 1 },
    { name: "rate", value: -1, label: text("button_poor"), content: draw(ICONS.down), look: "icon down", pressed: rating === -1 },
  ];

  function stopped({ status, sent }) {
    const takeBack = sent && status !== "withdrawn" ? { name: "withdraw", label: count("button_withdraw", sent) } : null;
    return [takeBack, action("restart")];
  }

  function make(tag, attributes, children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) if (value !== "") element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  function shape(viewBox, path, attributes) {
    const svg = document.createElementNS(SVG, "svg");
    const line = document.createElementNS(SVG, "path");
    svg.setAttribute("viewBox", viewBox);
    svg.setAttribute("aria-hidden", "true");
    line.setAttribute("d", path);
    for (const [name, value] of Object.entries(attributes)) line.setAttribute(name, value);
    svg.append(line);
    return svg;
  }

  const tile = () => shape("0 0 16 16", TILE, { fill: "currentColor", "fill-rule": "evenodd" });
  const draw = (path) => shape("0 0 24 24", path, { fill: "none", stroke: "currentColor", "stroke-width": "2", "stroke-linecap": "round", "stroke-linejoin": "round" });

  /** A sheet of our own passes the page's rules about styles; where that is not to be had, a style element. */
  function dress(root) {
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
    } catch {
      root.append(make("style", {}, [STYLE]));
    }
  }
})();
