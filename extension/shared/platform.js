// @ts-check
// What an address says: which platform, which conversation, and whether it is one that is never recorded. Pure.
(() => {
  const ShareLM = (globalThis.ShareLM ||= {});

  /** A host of `platforms.json`: exact, or with `*.` for the names below it. */
  const isHost = (pattern, host) => (pattern.startsWith("*.") ? host.endsWith(pattern.slice(1)) : host === pattern);

  const selectorsOf = ({ chat, composer, submit, streaming, never, generations }) => {
    const inside = ({ user, assistant, turn, text, strip, model, thumbs }) => [user, assistant, turn, ...text.user, ...text.assistant, ...strip, model.select, ...Object.values(thumbs)];
    return [chat, composer, submit, ...Object.values(streaming), never.select, ...generations.flatMap(inside)].filter(Boolean);
  };

  ShareLM.platform = {
    /** @param {{platforms: {hosts: string[]}[]}} data @param {string} address */
    find(data, address) {
      const { hostname, pathname } = new URL(address);
      const isAt = ({ hosts, paths = ["/"] }) => hosts.some((host) => isHost(host, hostname)) && paths.some((path) => pathname.startsWith(path));
      return data.platforms.find(isAt) ?? null;
    },

    isFixedHost: (data, host) => data.platforms.some(({ hosts }) => hosts.some((pattern) => isHost(pattern, host))),

    /** Whether one of the browser's patterns (`https://*.example.org/*`) covers an address. */
    isCovered(patterns, address) {
      const { protocol, hostname } = new URL(address);
      return patterns.some((pattern) => {
        const [, scheme, host] = /^(\*|https?):\/\/([^/]+)\//.exec(pattern) ?? [];
        return pattern === "<all_urls>" || ((scheme === "*" || `${scheme}:` === protocol) && (host === "*" || isHost(host, hostname)));
      });
    },

    /** Whether the browser knows all selectors of an entry. Asked before it is used: one that it does not know would stop the reading. */
    isReadable(entry, page) {
      const probe = page.createDocumentFragment();
      try {
        selectorsOf(entry).forEach((selector) => probe.querySelector(selector));
        return true;
      } catch {
        return false;
      }
    },

    /** The site's own name for the conversation, or null where it has none (yet). */
    conversationAt(platform, address) {
      if (!platform.conversation) return null;
      return new URL(address).pathname.match(new RegExp(platform.conversation))?.[1] ?? null;
    },

    /** Temporary chats, shared read-only pages and group chats. */
    isNever(platform, address) {
      const { pathname, search } = new URL(address);
      const { paths, queries } = platform.never;
      return paths.some((path) => pathname.startsWith(path)) || queries.some((query) => search.slice(1).split("&").includes(query));
    },
  };
})();
