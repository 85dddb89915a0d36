import { limit } from '../contract/limits.ts';
import type { Notification, Result } from '../contract/request.ts';
import type { ResultPointer } from '../contract/request-item.ts';
import { toQueueJson } from './queue-json.ts';

export interface SegmentObject {
  readonly key: string;
  readonly body: Buffer;
}

export interface Segment {
  /** What to store: the packed segment first, if there is any result, then one object for each large result. */
  readonly objects: readonly SegmentObject[];
  /** In the order of the results. */
  readonly pointers: readonly ResultPointer[];
}

const withoutAnswer = (result: Result): Notification => ({
  ...result,
  content: null,
  output: null,
  truncated: true,
});

/**
 * Packs results as JSON Lines. One above the inline limit gets an object of its own, and a line without its answer
 * among the others: a segment tells of everything that was written down with it.
 */
export const buildSegment = (results: readonly Result[], keyOf: (requestId?: string) => string): Segment => {
  const lines: Buffer[] = [];
  const own: SegmentObject[] = [];
  let offsetBytes = 0;
  const pack = (line: Buffer): number => {
    const startsAt = offsetBytes;
    lines.push(line);
    offsetBytes += line.length;
    return startsAt;
  };
  const toLine = (result: Notification): Buffer => Buffer.from(`${JSON.stringify(result)}\n`);
  const pointers = results.map((result) => {
    const line = toLine(result);
    const lengthBytes = line.length - 1;
    if (lengthBytes <= limit('inline_result_bytes'))
      return { key: keyOf(), offsetBytes: pack(line), lengthBytes };
    pack(toLine(withoutAnswer(result)));
    const key = keyOf(result.request_id);
    own.push({ key, body: line });
    return { key, offsetBytes: 0, lengthBytes };
  });
  const packed = lines.length === 0 ? [] : [{ key: keyOf(), body: Buffer.concat(lines) }];
  return { objects: [...packed, ...own], pointers };
};

/** A result as a message on the results queue; one that is too large goes without its answer and says so. */
export const toNotificationBody = (result: Result): string => {
  const body = toQueueJson(result);
  if (Buffer.byteLength(body) <= limit('inline_result_bytes')) return body;
  return toQueueJson(withoutAnswer(result));
};
