import { limit } from '../contract/limits.ts';
import type { Notification, Result } from '../contract/request.ts';
import type { ResultPointer } from '../contract/request-item.ts';
import { toQueueJson } from './queue-json.ts';

export interface SegmentObject {
  readonly key: string;
  readonly body: Buffer;
}

export interface Segment {
  /** What to store: the packed segment first, if anything is packed, then one object for each large result. */
  readonly objects: readonly SegmentObject[];
  /** In the order of the results. */
  readonly pointers: readonly ResultPointer[];
}

/** Packs results as JSON Lines; one above the inline limit gets an object of its own. */
export const buildSegment = (results: readonly Result[], keyOf: (requestId?: string) => string): Segment => {
  const lines: Buffer[] = [];
  const own: SegmentObject[] = [];
  let offsetBytes = 0;
  const pointers = results.map((result) => {
    const line = Buffer.from(`${JSON.stringify(result)}\n`);
    const lengthBytes = line.length - 1;
    if (lengthBytes > limit('inline_result_bytes')) {
      const key = keyOf(result.request_id);
      own.push({ key, body: line });
      return { key, offsetBytes: 0, lengthBytes };
    }
    const pointer = { key: keyOf(), offsetBytes, lengthBytes };
    lines.push(line);
    offsetBytes += line.length;
    return pointer;
  });
  const packed = lines.length === 0 ? [] : [{ key: keyOf(), body: Buffer.concat(lines) }];
  return { objects: [...packed, ...own], pointers };
};

/** A result as a message on the results queue; one that is too large goes without its answer and says so. */
export const toNotificationBody = (result: Result): string => {
  const body = toQueueJson(result);
  if (Buffer.byteLength(body) <= limit('inline_result_bytes')) return body;
  const truncated: Notification = { ...result, content: null, output: null, truncated: true };
  return toQueueJson(truncated);
};
