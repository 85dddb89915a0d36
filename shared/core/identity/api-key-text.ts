import { createHash } from 'node:crypto';
import {
  API_KEY_ID_CHARACTERS,
  API_KEY_PATTERN,
  API_KEY_PREFIX,
  API_KEY_SECRET_CHARACTERS,
} from '../../contract/api-keys.ts';
import { toBase32 } from '../base32.ts';
import { crc32 } from '../crc32.ts';

/** What somebody shows as a key; of its secret only the hash goes further. */
export type ShownKey =
  | { readonly kind: 'key'; readonly id: string; readonly hash: string }
  /** It looks like a key, but was cut or mistyped: nothing has to be read to know that. */
  | { readonly kind: 'mistyped' }
  | { readonly kind: 'no_key' };

/** Enough bytes that no digit comes from bits that are not there. */
const bytesFor = (digits: number): number => Math.ceil((digits * 5) / 8);

const randomDigits = (digits: number, randomBytes: (count: number) => Uint8Array): string =>
  toBase32(randomBytes(bytesFor(digits)))
    .slice(0, digits)
    .toLowerCase();

/** 32 bits in seven digits of five: the last three bits are zeros. */
const checkOf = (text: string): string => {
  const bytes = new Uint8Array(5);
  new DataView(bytes.buffer).setUint32(0, crc32(Buffer.from(text), 0));
  return toBase32(bytes).slice(0, 7).toLowerCase();
};

/** The id is part of what is hashed, so that no hash can be moved to another key. */
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A new key as `smk_<id>_<secret>_<check>`: it is shown once, and only `hash` is kept. */
export const createApiKeyText = (
  randomBytes: (count: number) => Uint8Array,
): { readonly text: string; readonly id: string; readonly hash: string } => {
  const id = randomDigits(API_KEY_ID_CHARACTERS, randomBytes);
  const body = `${API_KEY_PREFIX}_${id}_${randomDigits(API_KEY_SECRET_CHARACTERS, randomBytes)}`;
  const text = `${body}_${checkOf(body)}`;
  return { text, id, hash: hashOf(text) };
};

const WHOLE = new RegExp(`^${API_KEY_PATTERN.source}$`);

export const parseApiKeyText = (shown: string): ShownKey => {
  if (!shown.startsWith(`${API_KEY_PREFIX}_`)) return { kind: 'no_key' };
  if (!WHOLE.test(shown)) return { kind: 'mistyped' };
  const checkAt = shown.lastIndexOf('_');
  const [, id = ''] = shown.split('_');
  return checkOf(shown.slice(0, checkAt)) === shown.slice(checkAt + 1)
    ? { kind: 'key', id, hash: hashOf(shown) }
    : { kind: 'mistyped' };
};
