import { createHash } from 'node:crypto';
import { BASE32, toBase32 } from './base32.ts';

const ID_CHARACTERS = 26;

const timeDigits = (timeMs: number): string => {
  let rest = timeMs;
  let text = '';
  for (let digit = 0; digit < 10; digit++) {
    text = BASE32[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  return text;
};

/** What an id is derived from. The kind keeps a caller's key apart from a queue's message id. */
export type IdSource =
  | { readonly kind: 'key'; readonly tenant: string; readonly key: string }
  | { readonly kind: 'message'; readonly tenant: string; readonly messageId: string }
  /** Each member of a batch, so that whoever knows the batch can name them all. */
  | { readonly kind: 'member'; readonly batchId: string; readonly index: number };

/** As JSON, no text can pass for the border between two others, and no two texts for one another. */
const deriveDigits = (parts: readonly (string | number)[]): string =>
  toBase32(createHash('sha256').update(JSON.stringify(parts)).digest()).slice(0, ID_CHARACTERS);

const partsOf = (source: IdSource): readonly (string | number)[] => {
  switch (source.kind) {
    case 'key':
      return [source.kind, source.tenant, source.key];
    case 'message':
      return [source.kind, source.tenant, source.messageId];
    case 'member':
      return [source.kind, source.batchId, source.index];
  }
};

/** The same source always gives the same id, so the conditional put *is* the idempotency check. */
export const deriveRequestId = (source: IdSource): string => `req_${deriveDigits(partsOf(source))}`;

/** The batch that a tenant's key names. */
export const deriveBatchId = (tenant: string, key: string): string =>
  `bat_${deriveDigits(['batch', tenant, key])}`;

/** Later ids sort after earlier ones: ten digits of time, sixteen of chance. */
const createDigits = (timeMs: number, randomBytes: (count: number) => Uint8Array): string =>
  timeDigits(timeMs) + toBase32(randomBytes(10)).slice(0, ID_CHARACTERS - 10);

export const createRequestId = (timeMs: number, randomBytes: (count: number) => Uint8Array): string =>
  `req_${createDigits(timeMs, randomBytes)}`;

export const createRedriveId = (timeMs: number, randomBytes: (count: number) => Uint8Array): string =>
  `rdv_${createDigits(timeMs, randomBytes)}`;

export const createBatchId = (timeMs: number, randomBytes: (count: number) => Uint8Array): string =>
  `bat_${createDigits(timeMs, randomBytes)}`;

export const createFileId = (timeMs: number, randomBytes: (count: number) => Uint8Array): string =>
  `file-${createDigits(timeMs, randomBytes)}`;

/** The same end, told again, is the same event; later ones sort after earlier ones. */
export const deriveEventId = (timeMs: number, what: readonly (string | number)[]): string =>
  `evt_${timeDigits(timeMs)}${deriveDigits(['event', ...what]).slice(0, ID_CHARACTERS - 10)}`;
