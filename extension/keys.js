// Random and keyed: the user ID, the device's secret, and the ids that keep a site's own ids on the device.
import "./browser.js";

const { get, set, alone } = globalThis.ShareLM.browser;

export const base64url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

/** 256 random bits as 43 characters. */
export const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

let imported = null;

/** HMAC-SHA-256 under the device's secret, which is made here and never leaves. */
export async function keyed(...parts) {
  imported ??= await importSecret();
  return base64url(await crypto.subtle.sign("HMAC", imported, new TextEncoder().encode(parts.join("\0"))));
}

async function importSecret() {
  const secret = await alone("device-secret", async () => {
    const kept = await get("device_secret");
    if (kept) return kept;
    const made = random();
    await set({ device_secret: made });
    return made;
  });
  return crypto.subtle.importKey("raw", new TextEncoder().encode(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

export const conversationId = (platform, siteKey) => keyed("conversation", platform, siteKey);
export const messageId = (platform, key) => keyed("message", platform, key);
export const messageDigest = (role, text) => keyed("text", role, text);
