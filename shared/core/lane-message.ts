import { deflateSync, inflateSync } from 'node:zlib';
import { parkedInputKey, REQUEST_ID_PATTERN } from '../contract/keys.ts';
import { type HeldRequest, heldRequestSchema } from '../contract/messages.ts';
import { toQueueJson } from './queue-json.ts';

/** Below this, compression saves no billed chunk of SQS and costs CPU. */
const COMPRESS_ABOVE_BYTES = 4096;
const COMPRESSED = 'z:';
const PARKED = 'parked:';
/** Far above any request that the doors take: what unfolds to more was not put there by them. */
const INFLATE_OPTIONS = { maxOutputLength: 32 * 1024 * 1024 };

export type LaneMessage =
  | { readonly kind: 'whole'; readonly held: HeldRequest }
  | { readonly kind: 'parked'; readonly requestId: string; readonly key: string }
  | { readonly kind: 'unreadable' };

/** A request as the body of a queue message. */
export const encodeHeld = (held: HeldRequest): string => {
  const json = toQueueJson(held);
  if (Buffer.byteLength(json) <= COMPRESS_ABOVE_BYTES) return json;
  const compressed = COMPRESSED + deflateSync(json).toString('base64');
  return compressed.length < Buffer.byteLength(json) ? compressed : json;
};

/** Stands in a lane for a request whose text lies in the bucket. */
export const encodeParked = (pool: string, requestId: string): string => `${PARKED}${pool}:${requestId}`;

const parseParked = (text: string): LaneMessage => {
  const [pool = '', requestId = ''] = text.split(':');
  return REQUEST_ID_PATTERN.test(requestId)
    ? { kind: 'parked', requestId, key: parkedInputKey(pool, requestId) }
    : { kind: 'unreadable' };
};

const parseHeld = (json: string): LaneMessage => {
  const parsed = heldRequestSchema.safeParse(JSON.parse(json));
  return parsed.success ? { kind: 'whole', held: parsed.data } : { kind: 'unreadable' };
};

export const decodeLaneMessage = (body: string): LaneMessage => {
  if (body.startsWith(PARKED)) return parseParked(body.slice(PARKED.length));
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
