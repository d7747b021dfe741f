// Which platforms there are and which one an address belongs to.
import "./browser.js";
import "./shared/platform.js";

const { api } = globalThis.ShareLM.browser;
const { platform } = globalThis.ShareLM;
let shipped = null;

export async function platforms() {
  shipped ??= await (await fetch(api.runtime.getURL("platforms.json"))).json();
  return shipped;
}

/** The platform that has this host for its own, or null. */
export const platformAt = async (address) => platform.find(await platforms(), address);

/** Those that people run themselves, on hosts of theirs. */
export const selfHosted = async () => (await platforms()).platforms.filter((one) => one.selfHosted);

/** Whether content scripts of the manifest run on this host, whatever the path. */
export const isFixed = async (address) => platform.isFixedHost(await platforms(), new URL(address).hostname);
