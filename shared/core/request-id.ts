import { createHash } from 'node:crypto';

/** Crockford's alphabet: no I, L, O, U, so ids survive being read aloud. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const ID_CHARACTERS = 26;

const toBase32 = (bytes: Uint8Array): string => {
  let bits = 0;
  let held = 0;
  let text = '';
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(held >> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return text;
};

const timeDigits = (timeMs: number): string => {
  let rest = timeMs;
  let text = '';
  for (let digit = 0; digit < 10; digit++) {
    text = ALPHABET[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  return text;
};

/** What an id is derived from. The kind keeps a caller's key apart from a queue's message id. */
export type IdSource =
  | { readonly kind: 'key'; readonly tenant: string; readonly key: string }
  | { readonly kind: 'message'; readonly tenant: string; readonly messageId: string };

/** The same source always gives the same id, so the conditional put *is* the idempotency check. */
export const deriveRequestId = (source: IdSource): string => {
  const name = source.kind === 'key' ? source.key : source.messageId;
  // As JSON, no text can pass for the border between two others, and no two texts for one another.
  const digest = createHash('sha256')
    .update(JSON.stringify([source.kind, source.tenant, name]))
    .digest();
  return `req_${toBase32(digest).slice(0, ID_CHARACTERS)}`;
};

/** Later ids sort after earlier ones: ten digits of time, sixteen of chance. */
export const createRequestId = (timeMs: number, randomBytes: (count: number) => Uint8Array): string =>
  `req_${timeDigits(timeMs)}${toBase32(randomBytes(10)).slice(0, ID_CHARACTERS - 10)}`;
