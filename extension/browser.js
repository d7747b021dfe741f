// @ts-check
// The one file that knows which browser this is. A classic script: content scripts list it, modules import it for its side effect.
(() => {
  const ShareLM = (globalThis.ShareLM ||= {});
  const api = globalThis.browser ?? globalThis.chrome;

  ShareLM.browser = {
    api,
    /** @param {string} name @param {...(string|number)} values */
    text: (name, ...values) => api.i18n.getMessage(name, values.map(String)) || name,
    /** One text for one, another for several: `name_one` and `name_other`. */
    count: (name, number, ...more) => ShareLM.browser.text(`${name}_${number === 1 ? "one" : "other"}`, number, ...more),
    language: () => api.i18n.getUILanguage().split("-")[0],
    version: () => api.runtime.getManifest().version,
    address: (path) => api.runtime.getURL(path),

    /** Ask the worker; null when this copy of the extension was updated or removed under the page. */
    ask: async (question) => {
      if (!ShareLM.browser.isAlive()) return null;
      try {
        return await api.runtime.sendMessage(question);
      } catch {
        return null;
      }
    },
    isAlive: () => {
      try {
        return Boolean(api.runtime?.id);
      } catch {
        return false;
      }
    },

    get: async (key) => (await api.storage.local.get(key))[key],
    all: () => api.storage.local.get(null),
    set: (items) => api.storage.local.set(items),
    remove: (keys) => api.storage.local.remove(keys),
    getForSession: async (key) => (await api.storage.session.get(key))[key],
    setForSession: (items) => api.storage.session.set(items),
    removeForSession: (keys) => api.storage.session.remove(keys),

    /** Only one at a time does `work` on what `name` names, in all pages of the extension together. */
    alone: (name, work) => navigator.locks.request(name, work),
  };
})();
