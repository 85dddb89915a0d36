/** Undefined where the request has none. */
export interface Caller {
  readonly host: string | undefined;
  readonly origin: string | undefined;
}

/** A page of another site whose name leads to this machine sends its own name. */
const localHost = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i;
/** What a page may be served by; "null" is a file or a sandbox. */
const localOrigin = /^https?:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i;

/** An address, one label, or an ending that no public name has (RFC 6761, and .internal): no site can lead it here. */
const ownName =
  /^(\[[0-9a-f:]+\]|\d{1,3}(\.\d{1,3}){3}|[a-z0-9_-]+|([a-z0-9_-]+\.)+(localhost|internal|test))(:\d+)?$/i;

/**
 * Browsers name the page that asks in every POST, PUT and DELETE, also where they need no leave to send it, and in every
 * request the host that they believe to ask. Programs send no origin, and may know this machine by a name of their own,
 * such as host.docker.internal.
 */
export function comesFromForeignPage({ host = '', origin }: Caller): boolean {
  return isForeignOrigin(origin) || (host !== '' && !ownName.test(host));
}

function isForeignOrigin(origin: string | undefined): boolean {
  return origin !== undefined && !localOrigin.test(origin);
}

/** Why this caller may not change or read the machine's own settings; undefined when it may. */
export function refusalOfCaller({ host = '', origin }: Caller): string | undefined {
  if (!localHost.test(host)) {
    return `Only this machine may ask: use http://127.0.0.1, got the host ${JSON.stringify(shorten(host))}.`;
  }
  if (!isForeignOrigin(origin)) return undefined;
  return `Only pages of this machine may ask, got the origin ${JSON.stringify(shorten(origin ?? ''))}.`;
}

const maxShownCharacters = 100;

function shorten(text: string): string {
  return text.length > maxShownCharacters ? `${text.slice(0, maxShownCharacters)}…` : text;
}
