// A made-up chat site: one engine, one shell for each platform and generation of its page. Real anchors, invented talk.
const messages = [];
const answers = [];
let words = {}; // of the page itself, in its language
const pace = { steps: 6, between: 40 };
let shell = null;
let mounted = null; // [from, to) where the list shows only a part

const make = (tag, attributes = {}, html = "") => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.innerHTML = html;
  return element;
};
const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
const paragraphs = (text) => text.split("\n\n").map((part) => `<p>${escape(part)}</p>`).join("");
const uuid = () => crypto.randomUUID();
const typed = ({ text, beside }) => (beside ? text.replace(/\n*\[\w+\]$/, "") : text);
const drawn = (message) => message.html ?? paragraphs(typed(message));

function gradio({ tag, labelled, liked, quote = "" }) {
  return {
    path: () => null,
    root: () => {
      const app = make("gradio-app");
      app.append(make("div", { role: "log", "aria-label": "chatbot conversation", id: "list" }), make("textarea", { "data-testid": "textbox", "aria-label": "Message" }), make("button", { class: "submit-button" }, "Send"));
      return app;
    },
    draw(message) {
      const who = message.role === "user" ? "user" : "bot";
      const row = make("div", { class: `message-row ${who}-row` });
      const body = make(tag, { "data-testid": who, class: "message" });
      row.append(body);
      if (who === "bot") row.append(make("div", { class: "message-buttons" }, `<button title="Like" aria-label="Like" data-thumb></button>`));
      row.querySelector("[data-thumb]")?.addEventListener("click", (event) => {
        event.currentTarget.setAttribute("aria-label", liked);
        event.currentTarget.setAttribute("title", liked);
      });
      this.fill(row, message);
      return row;
    },
    fill(row, message) {
      const body = row.querySelector("[data-testid]");
      const said = message.beside ? `a component of type ${message.beside}` : message.text;
      if (labelled) body.setAttribute("aria-label", `${body.dataset.testid}'s message:${quote} ${said}`);
      body.innerHTML = `<div class="prose${message.isStreaming ? " generating" : ""}">${drawn(message)}</div>`;
      row.querySelector(".message-buttons")?.toggleAttribute("hidden", message.isStreaming);
    },
  };
}

const chatgptPath = () => (location.pathname.startsWith("/c/") ? null : `/c/${uuid()}`);
const composer = ({ box = {}, button = {} } = {}) => {
  const form = make("form");
  const edited = { id: "prompt-textarea", contenteditable: "true", role: "textbox", "aria-label": "Message", ...box };
  form.append(make("div", edited), make("button", { type: "button", class: "submit-button", "data-testid": "send-button", ...button }, "Send"));
  return form;
};
const actions = `<div class="actions"><button data-testid="good-response-turn-action-button" aria-pressed="false">+</button><button data-testid="bad-response-turn-action-button" aria-pressed="false">-</button></div>`;
const press = (row) => row.querySelectorAll("[aria-pressed]").forEach((one) => one.addEventListener("click", () => one.setAttribute("aria-pressed", "true")));

/** What sites show of files that were given, and of documents that were made. */
const BESIDE = {
  chatgpt: { file: `<div class="group/file-tile">notes.pdf</div>`, canvas: `<div id="textdoc-message-1"><p>Bread</p></div>` },
  claude: { file: `<div><button data-testid="file-thumbnail">notes.pdf</button></div>`, artifact: `<div class="artifact-block-cell"><button>Open</button> Bread</div>` },
  gemini: { file: `<user-query-file-preview>notes.pdf</user-query-file-preview>`, canvas: `<immersive-entry-chip>Bread</immersive-entry-chip>` },
  aistudio: { file: `<ms-file-chunk>notes.pdf</ms-file-chunk>` },
};

const SHELLS = {
  "gradio-6": gradio({ tag: "div", labelled: true, liked: "Liked" }),
  "gradio-5": gradio({ tag: "div", labelled: true, liked: "clicked like" }),
  "gradio-4": gradio({ tag: "button", labelled: true, liked: "clicked like" }),
  "gradio-3": gradio({ tag: "button", labelled: true, liked: "clicked like", quote: "'" }),
  "chatgpt-roles": {
    path: chatgptPath,
    root: () => {
      const main = make("main");
      main.append(make("div", { id: "list" }), composer());
      return main;
    },
    draw(message) {
      const turn = make("section", { "data-testid": `conversation-turn-${messages.indexOf(message) + 1}`, "data-turn": message.role });
      const attributes = { "data-message-author-role": message.role, "data-message-id": message.id };
      if (message.role === "assistant") attributes["data-message-model-slug"] = "heron-2-70b";
      turn.append(make("h6", { class: "sr-only" }, message.role === "user" ? "You said:" : "ChatGPT said:"), make("div", attributes));
      if (message.role === "assistant") turn.insertAdjacentHTML("beforeend", actions);
      press(turn);
      this.fill(turn, message);
      return turn;
    },
    fill(turn, message) {
      const body = turn.querySelector("[data-message-id]");
      const isUser = message.role === "user";
      const reasoning = message.reasoning ? `<div data-testid="reasoning">${message.reasoning}</div>` : "";
      const answer = () => `${reasoning}<div class="markdown prose${message.isStreaming ? " result-streaming" : ""}">${drawn(message)}</div>${BESIDE.chatgpt[message.beside] ?? ""}`;
      body.innerHTML = isUser ? `<div class="whitespace-pre-wrap">${escape(typed(message))}</div>` : answer();
      if (isUser && message.beside) body.insertAdjacentHTML("beforebegin", BESIDE.chatgpt[message.beside]);
      turn.querySelector(".actions")?.toggleAttribute("hidden", message.isStreaming);
    },
  },
  "chatgpt-units": {
    path: chatgptPath,
    root: () => {
      const main = make("main");
      main.append(make("div", { id: "list" }), make("div", { role: "status", "aria-busy": "false", id: "busy" }), composer());
      return main;
    },
    draw(message) {
      const key = message.role === "user" ? message.id : messages[messages.indexOf(message) - 1]?.id;
      const place = make("div", { "data-turn-key": key });
      const unit = make("div", { "data-chatgpt-search-unit-key": `${key}:${message.role}`, "data-chatgpt-search-message-ids": message.id });
      place.append(unit);
      if (message.role === "assistant") place.insertAdjacentHTML("beforeend", actions);
      press(place);
      this.fill(place, message);
      return place;
    },
    fill(place, message) {
      const unit = place.querySelector("[data-chatgpt-search-unit-key]");
      const isUser = message.role === "user";
      unit.innerHTML = isUser
        ? `<h4 class="sr-only">You said:</h4><div data-user-message-bubble>${escape(message.text)}</div>`
        : `<h4 class="sr-only">ChatGPT said:</h4><div data-markdown-text-style="assistant-message">${message.html ?? paragraphs(message.text)}</div>`;
      document.querySelector("#busy").setAttribute("aria-busy", String(messages.some((one) => one.isStreaming)));
      place.querySelector(".actions")?.toggleAttribute("hidden", message.isStreaming);
    },
  },
};

/** As if the site had renamed its marks overnight: no platform of the package knows this one. */
SHELLS["chatgpt-next"] = {
  ...SHELLS["chatgpt-roles"],
  draw(message) {
    const turn = SHELLS["chatgpt-roles"].draw.call(this, message);
    const body = turn.querySelector("[data-message-author-role]");
    body.dataset.speaker = message.role;
    body.removeAttribute("data-message-author-role");
    return turn;
  },
};

/**
 * Sites that are no more than their marks: `{text}` is what was typed, `{html}` what was answered, `{thought}` what is not part of it;
 * `busy` is what the page shows while an answer streams, `frame` what stands round the list, `box` and `button` are the composer's marks.
 */
const MARKED = {
  chatui: {
    busy: `<button aria-label="Stop generating"></button>`,
    path: () => `/chat/conversation/${uuid().replaceAll("-", "").slice(0, 24)}`,
    user: `<div data-message-id="{id}" data-message-type="user"><p class="whitespace-break-spaces">{text}</p></div>`,
    assistant: `<div data-message-id="{id}" data-message-role="assistant"><details><summary>Thought</summary>{thought}</details><div class="prose">{html}</div><div data-exclude-from-copy>Model: heron</div></div>`,
  },
  claude: {
    path: () => `/chat/${uuid()}`,
    user: `<div data-index="{place}">{beside}<div data-testid="user-message"><p>{text}</p></div></div>`,
    assistant: `<div data-index="{place}"><div data-is-streaming="{streaming}"><div data-testid="thinking">{thought}</div><div class="font-claude-response"><div class="standard-markdown">{html}</div>{beside}</div></div></div>`,
  },
  gemini: {
    busy: `<button><mat-icon fonticon="stop"></mat-icon></button>`,
    path: () => `/app/${uuid().replaceAll("-", "").slice(0, 16)}`,
    user: `<user-query><user-query-content><span class="cdk-visually-hidden">You said</span>{beside}<div class="query-text">{text}</div></user-query-content></user-query>`,
    assistant: `<model-response><model-thoughts>{thought}</model-thoughts><message-content><div class="markdown">{html}</div></message-content>{beside}</model-response>`,
  },
  mistral: {
    path: () => `/chat/${uuid()}`,
    user: `<div data-message-author-role="user" data-message-id="{id}"><div>{text}</div><div class="text-hint">20:14</div></div>`,
    assistant: `<div data-message-author-role="assistant" data-message-id="{id}"><div data-message-part-type="reasoning">{thought}</div><div data-message-part-type="answer">{html}</div></div>`,
  },
  copilot: {
    path: () => `/chats/${uuid().replaceAll("-", "").slice(0, 21)}`,
    user: `<div data-content="conversation"><div data-content="user-message"><h5>You said</h5><div>{text}</div></div></div>`,
    assistant: `<div data-content="conversation"><div data-content="ai-message"><h6>Copilot said</h6><div>{html}</div></div></div>`,
  },
  grok: {
    path: () => `/c/${uuid()}`,
    user: `<div data-testid="user-message"><p>{text}</p></div>`,
    assistant: `<div data-testid="assistant-message"><div class="thinking-container">{thought}</div><div class="response-content-markdown">{html}</div></div>`,
  },
  deepseek: {
    path: () => `/a/chat/s/${uuid()}`,
    user: `<div data-virtual-list-item-key="{place}"><div class="ds-message"><div>{text}</div></div></div>`,
    assistant: `<div data-virtual-list-item-key="{place}"><div class="ds-message"><div class="ds-think-content"><div class="ds-markdown">{thought}</div></div><div class="ds-markdown">{html}</div></div></div>`,
  },
  qwen: {
    path: () => `/c/${uuid()}`,
    user: `<div class="qwen-chat-message-user"><p>{text}</p></div>`,
    assistant: `<div class="qwen-chat-message-assistant"><div class="qwen-chat-thinking-status">{thought}</div><div class="response-message-content phase-answer">{html}</div></div>`,
  },
  kimi: {
    path: () => `/chat/${uuid()}`,
    user: `<div class="chat-content-item chat-content-item-user"><div class="segment segment-user"><div class="user-content">{text}</div><div class="segment-user-action-row">Edit</div></div></div>`,
    assistant: `<div class="chat-content-item chat-content-item-assistant"><div class="segment segment-assistant"><div class="toolcall-container">{thought}</div><div class="markdown">{html}</div></div></div>`,
  },
  perplexity: {
    path: () => `/search/why-${uuid()}`,
    user: `<div class="group/query"><span>{text}</span></div>`,
    assistant: `<div id="markdown-content-{place}"><div class="prose">{html}<span class="citation">1</span></div></div>`,
  },
  poe: {
    path: () => `/chat/${uuid().replaceAll("-", "").slice(0, 18)}`,
    user: `<div id="message-{place}" class="ChatMessage_chatMessage__x"><div class="Message_rightSideMessageBubble__y"><div>{text}</div></div></div>`,
    assistant: `<div id="message-{place}" class="ChatMessage_chatMessage__x"><div class="LeftSideMessageHeader_z">Heron</div><div class="Message_leftSideMessageBubble__y" data-complete="{complete}"><div class="Markdown_markdownContainer__k">{html}</div></div></div>`,
  },
  aistudio: {
    path: () => `/prompts/${uuid()}`,
    user: `<ms-chat-turn><div data-turn-role="User"><span class="author-label">User</span>{beside}<ms-text-chunk>{text}</ms-text-chunk></div></ms-chat-turn>`,
    assistant: `<ms-chat-turn><div data-turn-role="Model"><span class="author-label">Model</span><ms-thought-chunk>{thought}</ms-thought-chunk><ms-text-chunk>{html}</ms-text-chunk></div></ms-chat-turn>`,
  },
  meta: {
    path: () => `/prompt/${uuid()}`,
    user: `<div data-turn-wrapper><div>{text}</div></div>`,
    assistant: `<div data-turn-wrapper><div data-testid="assistant-message"><div data-testid="thinking-status">{thought}</div>{html}</div></div>`,
  },
  cohere: {
    path: () => `/c/${uuid()}`,
    user: `<div data-component="MessageBody"><div>{text}</div></div>`,
    assistant: `<div data-component="MessageBody"><div data-source-file="Markdown.tsx">{html}</div></div>`,
  },
  openwebui: {
    path: () => `/c/${uuid()}`,
    frame: { id: "chat-container" },
    box: { id: "chat-input" },
    button: { id: "send-message-button" },
    head: `<button id="model-selector-model-button">heron:70b</button>`,
    user: `<div class="user-message" id="message-{id}"><div class="chat-user markdown-prose"><p>{text}</p></div><button class="edit-user-message-button">Edit</button></div>`,
    assistant: `<div id="message-{id}"><img alt="The profile of the model" src="/api/v1/models/model/profile/image?id=heron"><div class="chat-assistant markdown-prose"><div id="response-content-container"><details><summary>Thought for a second</summary>{thought}</details>{html}</div></div>
      <button aria-label="Good Response" class="{up}">+</button><button aria-label="Bad Response">-</button></div>`,
  },
  streamlit: {
    path: () => null,
    box: { "data-testid": "stChatInputTextArea" },
    button: { "data-testid": "stChatInputSubmitButton" },
    busy: `<div data-test-script-state="running"></div>`,
    user: `<div data-testid="stChatMessage"><div data-testid="stChatMessageAvatarUser" aria-hidden="true">face</div><div data-testid="stChatMessageContent" aria-label="Chat message from user"><div data-testid="stMarkdownContainer"><p>{text}</p></div></div></div>`,
    assistant: `<div data-testid="stChatMessage"><div data-testid="stChatMessageAvatarAssistant" aria-hidden="true">smart_toy</div><div data-testid="stChatMessageContent" aria-label="Chat message from assistant"><div data-testid="stExpander">{thought}</div><div data-testid="stMarkdownContainer">{html}</div>
      <div data-testid="stFeedback"><div role="radiogroup"><button role="radio" aria-checked="{isUp}">+</button><button role="radio" aria-checked="false">-</button></div></div></div></div>`,
  },
  chainlit: {
    path: () => null,
    frame: { id: "message-composer" },
    box: { id: "chat-input" },
    button: { id: "chat-submit" },
    busy: `<button id="stop-button"></button>`,
    user: `<div data-step-type="user_message"><div id="step-{id}"><button class="edit-message">Edit</button><div class="message-content"><div class="prose"><div role="article">{text}</div></div></div></div></div>`,
    assistant: `<div data-step-type="assistant_message"><div id="step-{id}"><img alt="Avatar for the assistant" src="/avatars/Assistant"><div class="message-content"><div class="prose">{html}</div></div><button class="{rated}">+</button></div></div>`,
  },
};

for (const [name, { path, user, assistant, busy = "", frame = {}, head = "", box, button }] of Object.entries(MARKED)) {
  SHELLS[name] = {
    path: () => (messages.length > 1 ? null : path()),
    root: () => {
      const main = make("main", frame, head);
      main.append(make("div", { id: "list" }), make("div", { id: "busy" }), composer({ box, button: { type: "submit", ...button } }));
      main.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
      return main;
    },
    draw(message) {
      const row = make("div");
      this.fill(row, message);
      return row;
    },
    fill(row, message) {
      const values = { id: message.id, place: messages.indexOf(message), text: escape(typed(message)), html: drawn(message), beside: BESIDE[name]?.[message.beside] ?? "" };
      Object.assign(values, { thought: message.reasoning ?? "A thought.", streaming: String(Boolean(message.isStreaming)), complete: String(!message.isStreaming), isUp: String(Boolean(message.isUp)) });
      Object.assign(values, { up: message.isUp ? "bg-gray-100" : "", rated: `positive-feedback-${message.isUp ? "on" : "off"}` });
      row.innerHTML = (message.role === "user" ? user : assistant).replace(/\{(\w+)\}/g, (_, key) => values[key]);
      document.querySelector("#busy").innerHTML = messages.some((one) => one.isStreaming) ? busy : "";
    },
  };
}

// A page that has changed: nothing is where it was.
SHELLS["chatgpt-lost"] = { ...SHELLS["chatgpt-roles"], draw: (message) => make("div", { class: "a8f3" }, escape(message.text)), fill: () => null };

const rows = new Map();
function render() {
  const list = document.querySelector("#list");
  const shown = mounted ? messages.slice(...mounted) : messages;
  for (const [message, row] of rows) if (!shown.includes(message)) [row.remove(), rows.delete(message)];
  shown.forEach((message, place) => {
    if (!rows.has(message)) rows.set(message, shell.draw(message));
    const row = rows.get(message);
    if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null);
  });
}

/** What the page itself says, but nothing of what was talked about. */
function translate(root) {
  const places = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (places.nextNode()) places.currentNode.data = words[places.currentNode.data.trim()] ?? places.currentNode.data;
  for (const name of ["aria-label", "title", "alt"]) {
    for (const one of root.querySelectorAll(`[${name}]`)) one.setAttribute(name, words[one.getAttribute(name)] ?? one.getAttribute(name));
  }
}

const pause = (time) => new Promise((done) => setTimeout(done, time));

async function answer({ text, html, reasoning }) {
  const message = { id: uuid(), role: "assistant", text: "", isStreaming: true, reasoning };
  messages.push(message);
  if (mounted) mounted[1] = messages.length;
  for (let step = 1; step <= pace.steps; step += 1) {
    message.text = text.slice(0, Math.ceil((text.length * step) / (pace.steps + 1)));
    render();
    shell.fill(rows.get(message), message);
    await pause(pace.between);
  }
  Object.assign(message, { text, html, isStreaming: false });
  render();
  shell.fill(rows.get(message), message);
}

async function submit(text) {
  const message = { id: uuid(), role: "user", text };
  const path = shell.path();
  messages.push(message);
  if (mounted) mounted[1] = messages.length;
  render();
  await pause(20);
  if (path) history.pushState(null, "", path);
  await answer(answers.shift() ?? { text: `You said: ${text}` });
}

/** What tests call from outside. */
globalThis.site = {
  answers, messages, pace,
  show: (scene) => (messages.splice(0, messages.length, ...scene.map((one) => ({ id: uuid(), ...one }))), render()),
  mount: (from, to) => ((mounted = [from, to]), render()),
  clear: () => (messages.splice(0), render()),
  open: (path, scene) => (messages.splice(0), render(), history.pushState(null, "", path), setTimeout(() => site.show(scene), 50)),
  regenerate: async (made) => (messages.pop(), render(), await answer(made)),
  answer, submit,
};

addEventListener("DOMContentLoaded", () => {
  const { shell: name, scene, mount = null, before = null, words: said = {} } = JSON.parse(document.querySelector("#scene").textContent);
  [mounted, words] = [mount, said];
  shell = SHELLS[name];
  document.body.append(shell.root());
  const box = document.querySelector("textarea, [contenteditable]");
  const send = () => {
    const text = (box.value ?? box.innerText).trim();
    if ("value" in box) box.value = "";
    else box.textContent = "";
    if (text) submit(text);
  };
  box.addEventListener("keydown", (event) => event.key === "Enter" && !event.shiftKey && (event.preventDefault(), send()));
  document.querySelector(".submit-button").addEventListener("click", send);
  site.show(before ? [...scene.slice(0, -1), before] : scene);
  if (before) [messages.pop(), render(), messages.push({ id: uuid(), ...scene.at(-1) }), render()];
  translate(document.body);
});
