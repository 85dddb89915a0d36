import type { MessagePayload } from './message-content.ts';
import type { Earlier } from './message-records.ts';
import type { Envelope } from './queue-message.ts';

/**
 * The lines of the message log. Later ones win:
 *
 *   batch      messages sent together, with their payloads; again when they are carried out of an old segment,
 *              then with those that are left, as they stand
 *   received   what receives have changed
 *   moved      messages that are in another queue from now on
 *   gone       messages that are deleted or have expired
 */
export type LogRecord =
  | { readonly batch: number; readonly messages: readonly Row[]; readonly payloads: readonly StoredPayload[] }
  | { readonly received: readonly ReceivedRow[] }
  | { readonly moved: readonly Row[] }
  | { readonly gone: readonly GoneRow[] };

/** By position in the batch; null for a message that was gone when the others were carried. */
export type StoredPayload = MessagePayload | null;

export type LoggedMessage = Envelope & Partial<Earlier>;

export interface Located {
  readonly queueUid: string;
  readonly message: LoggedMessage;
}

type Row = readonly [
  queueUid: string,
  seq: number,
  batchSeq: number,
  id: string,
  sentAtMs: number,
  delayedUntilMs: number,
  groupId: string | null,
  deadLetterSourceArn: string | null,
  receiveCount: number,
  firstReceivedAtMs: number | null,
];
type ReceivedRow = readonly [seq: number, batchSeq: number, receiveCount: number, firstAtMs: number | null];
type GoneRow = readonly [seq: number, batchSeq: number];

export function batchLine(
  batch: number,
  messages: readonly Located[],
  payloads: readonly StoredPayload[],
): string {
  // As JSON.stringify writes it, in two thirds of the time: most of what a send costs here is this line.
  const rows = messages.map(rowText).join(',');
  return `{"batch":${batch},"messages":[${rows}],"payloads":[${payloads.map(payloadText).join(',')}]}`;
}

/** Uids, ids and digests have no character that JSON escapes. */
function rowText(located: Located): string {
  const [queueUid, seq, batchSeq, id, sentAtMs, delayedUntilMs, groupId, arn, receiveCount, firstAtMs] =
    toRow(located);
  const quoted = `${quote(groupId)},${quote(arn)}`;
  return `["${queueUid}",${seq},${batchSeq},"${id}",${sentAtMs},${delayedUntilMs},${quoted},${receiveCount},${firstAtMs}]`;
}

function payloadText(payload: StoredPayload): string {
  if (payload === null || payload.attributes !== undefined || payload.traceHeader !== undefined)
    return JSON.stringify(payload);
  return `{"body":${JSON.stringify(payload.body)},"bodyMd5":"${payload.bodyMd5}"}`;
}

function quote(text: string | null): string {
  return text === null ? 'null' : JSON.stringify(text);
}

export function receivedLine(messages: readonly LoggedMessage[]): string {
  return toLine({
    received: messages.map(({ seq, batchSeq, receiveCount = 0, firstReceivedAtMs = null }) => [
      seq,
      batchSeq,
      receiveCount,
      firstReceivedAtMs,
    ]),
  });
}

export function movedLine(messages: readonly Located[]): string {
  return toLine({ moved: messages.map(toRow) });
}

export function goneLine(messages: readonly Pick<Envelope, 'seq' | 'batchSeq'>[]): string {
  return toLine({ gone: messages.map(({ seq, batchSeq }) => [seq, batchSeq]) });
}

/** Of a line that is as it was written. */
export function parseLine(line: string): LogRecord {
  return JSON.parse(line);
}

export function fromRow(row: Row): Located {
  const [queueUid, seq, batchSeq, id, sentAtMs, delayedUntilMs, groupId, arn, receiveCount, firstAtMs] = row;
  return {
    queueUid,
    message: {
      ...{ seq, batchSeq, id, sentAtMs, delayedUntilMs },
      groupId: groupId ?? undefined,
      deadLetterSourceArn: arn ?? undefined,
      receiveCount,
      firstReceivedAtMs: firstAtMs ?? undefined,
    },
  };
}

/** As a row has it: what was received once must not be delayed again. */
function toRow({ queueUid, message }: Located): Row {
  const { receiveCount = 0, firstReceivedAtMs = null } = message;
  return [
    queueUid,
    message.seq,
    message.batchSeq,
    message.id,
    message.sentAtMs,
    receiveCount > 0 ? 0 : message.delayedUntilMs,
    message.groupId ?? null,
    message.deadLetterSourceArn ?? null,
    receiveCount,
    firstReceivedAtMs,
  ];
}

function toLine(record: LogRecord): string {
  return JSON.stringify(record);
}
