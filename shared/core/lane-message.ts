import { deflateSync, inflateSync } from 'node:zlib';
import { type DeadLetter, parseDeadLetter } from '../contract/dead-letter.ts';
import { parkedInputKey, REQUEST_ID_PATTERN, TEXT_ID_PATTERN } from '../contract/keys.ts';
import { limit } from '../contract/limits.ts';
import { type HeldRequest, heldRequestSchema } from '../contract/messages.ts';
import { toQueueJson } from './queue-json.ts';

/** Below this, compression saves no billed chunk of SQS and costs CPU. */
const COMPRESS_ABOVE_BYTES = 4096;
const COMPRESSED = 'z:';
const PARKED = 'parked:';
/** Far above any request that the doors take: what unfolds to more was not put there by them. */
const INFLATE_OPTIONS = { maxOutputLength: 32 * 1024 * 1024 };

export type LaneMessage =
  | { readonly kind: 'whole'; readonly held: HeldRequest; readonly sizeBytes: number }
  | {
      readonly kind: 'parked';
      readonly requestId: string;
      readonly generation: number;
      readonly key: string;
    }
  /** Moved here from the dead letters. */
  | { readonly kind: 'dead_letter'; readonly letter: DeadLetter }
  | { readonly kind: 'unreadable' };

/** A request as the body of a queue message. */
export const encodeHeld = (held: HeldRequest): string => {
  const json = toQueueJson(held);
  if (Buffer.byteLength(json) <= COMPRESS_ABOVE_BYTES) return json;
  const compressed = COMPRESSED + deflateSync(json).toString('base64');
  return compressed.length < Buffer.byteLength(json) ? compressed : json;
};

/** Stands in a lane for a request whose text lies in the bucket. */
export const encodeParked = (pool: string, requestId: string, textId?: string): string =>
  `${PARKED}${pool}:${requestId}${textId === undefined ? '' : `:${textId}`}`;

export const isParked = (body: string): boolean => body.startsWith(PARKED);

/**
 * A request in the form in which it waits in a lane: one too large for that lies in the bucket already, and so does
 * one that was reopened, so that whoever knows its state item can send it.
 */
export const toLaneBody = (held: HeldRequest): string => {
  if (held.text_id !== undefined) return encodeParked(held.pool, held.request_id, held.text_id);
  const whole = encodeHeld(held);
  return Buffer.byteLength(whole) <= limit('inline_request_bytes')
    ? whole
    : encodeParked(held.pool, held.request_id);
};

const parseParked = (text: string): LaneMessage => {
  const [pool = '', requestId = '', textId] = text.split(':');
  if (!REQUEST_ID_PATTERN.test(requestId)) return { kind: 'unreadable' };
  if (textId !== undefined && !TEXT_ID_PATTERN.test(textId)) return { kind: 'unreadable' };
  const generation = Number.parseInt(textId ?? '0', 10);
  return { kind: 'parked', requestId, generation, key: parkedInputKey(pool, requestId, textId) };
};

const parseOther = (json: unknown): LaneMessage => {
  const letter = parseDeadLetter(json);
  return letter === undefined ? { kind: 'unreadable' } : { kind: 'dead_letter', letter };
};

const parseHeld = (json: string): LaneMessage => {
  const value: unknown = JSON.parse(json);
  const parsed = heldRequestSchema.safeParse(value);
  return parsed.success
    ? { kind: 'whole', held: parsed.data, sizeBytes: Buffer.byteLength(json) }
    : parseOther(value);
};

export const decodeLaneMessage = (body: string): LaneMessage => {
  if (isParked(body)) return parseParked(body.slice(PARKED.length));
  try {
    return parseHeld(
      body.startsWith(COMPRESSED)
        ? inflateSync(Buffer.from(body.slice(COMPRESSED.length), 'base64'), INFLATE_OPTIONS).toString('utf8')
        : body,
    );
  } catch {
    return { kind: 'unreadable' };
  }
};
