// A server's address as it was typed, made exact. Pure.

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** `https://host[:port]` without anything behind it; null where that is no address we may use. On loopback, http will do. */
export function originOf(typed) {
  const text = String(typed).trim();
  const address = parsed(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`);
  if (!address || !address.hostname || address.username || address.password) return null;
  const isSafe = address.protocol === "https:" || (address.protocol === "http:" && LOOPBACK.test(address.hostname));
  return isSafe ? address.origin : null;
}

/** What the browser is asked to allow: patterns of hosts carry no port. */
export function patternOf(origin) {
  const { protocol, hostname } = new URL(origin);
  return `${protocol}//${hostname}/*`;
}

function parsed(text) {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
