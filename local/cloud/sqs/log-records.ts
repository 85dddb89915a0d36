import { type MessageAttributes, type MessagePayload, md5 } from './message-content.ts';
import { createMessage, type MessageNumbers, type QueueMessage } from './queue-message.ts';

/**
 * The lines of the message log. Later ones win:
 *
 *   batch      messages sent together, with their payloads; again when they are carried out of an old segment,
 *              then with those that are left, as they stand
 *   received   what receives have changed
 *   moved      messages that are in another queue from now on
 *   gone       messages that are deleted or have expired
 *
 * A line is JSON; behind that of a batch come the bare bodies, each after a tab. Bodies are most of what is written,
 * and JSON would look at each of their characters.
 */
export type LogRecord =
  | {
      readonly batch: number;
      readonly messages: readonly BatchRow[];
      readonly payloads: readonly StoredPayload[];
    }
  | { readonly received: readonly ReceivedRow[] }
  | { readonly moved: readonly Row[] }
  | { readonly gone: readonly GoneRow[] };

/**
 * By position in the batch; null for a message that was gone when the others were carried. Most payloads are a body
 * and nothing else, and most of these are bare: the next of those behind the JSON.
 */
type StoredPayload = typeof BARE | WholePayload;
type WholePayload = string | StoredParts | null;

const BARE = 0;
const BARE_MARK = '\t';
const LINE_MARK = '\n';

interface StoredParts {
  readonly body: string;
  readonly attributes?: MessageAttributes | undefined;
  readonly traceHeader?: string | undefined;
}

/** Only the id, when all else is as in the row before and the seq is the next. */
type BatchRow = Row | string;
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
  messages: readonly QueueMessage[],
  payloads: readonly (MessagePayload | undefined)[],
): string {
  const rows = messages.map((message, index) =>
    isNext(message, messages[index - 1]) ? message.id : toRow(message),
  );
  const bare: string[] = [];
  const stored = payloads.map((payload) => {
    const whole = toStored(payload);
    if (typeof whole !== 'string' || whole.includes(BARE_MARK) || whole.includes(LINE_MARK)) return whole;
    bare.push(whole);
    return BARE;
  });
  return [toLine({ batch, messages: rows, payloads: stored }), ...bare].join(BARE_MARK);
}

export function receivedLine(messages: readonly QueueMessage[]): string {
  return toLine({
    received: messages.map(({ seq, batchSeq, receiveCount, firstReceivedAtMs }) => [
      seq,
      batchSeq,
      receiveCount,
      firstReceivedAtMs ?? null,
    ]),
  });
}

export function movedLine(messages: readonly QueueMessage[]): string {
  return toLine({ moved: messages.map(toRow) });
}

export function goneLine(messages: readonly MessageNumbers[]): string {
  // As JSON.stringify writes it, in half the time.
  return `{"gone":[${messages.map(({ seq, batchSeq }) => `[${seq},${batchSeq}]`).join(',')}]}`;
}

/** Of a line that is as it was written. */
export function parseLine(line: string): LogRecord {
  const end = line.indexOf(BARE_MARK);
  return JSON.parse(end === -1 ? line : line.slice(0, end));
}

/** By position in the batch; undefined when the line is of something else. */
export function payloadsOf(batch: number, line: string): (MessagePayload | undefined)[] | undefined {
  const record = parseLine(line);
  if (!('batch' in record) || record.batch !== batch) return undefined;
  const [, ...bare] = line.split(BARE_MARK);
  return record.payloads.map((payload) => toPayload(payload === BARE ? (bare.shift() ?? null) : payload));
}

export function toMessages(rows: readonly BatchRow[]): QueueMessage[] {
  const messages: QueueMessage[] = [];
  for (const row of rows) {
    const before = messages.at(-1);
    if (typeof row !== 'string') messages.push(toMessage(row));
    else if (before !== undefined)
      messages.push(createMessage({ ...before, seq: before.seq + 1, id: row }, before));
  }
  return messages;
}

function toPayload(stored: WholePayload): MessagePayload | undefined {
  if (stored === null) return undefined;
  const { body, attributes, traceHeader }: StoredParts =
    typeof stored === 'string' ? { body: stored } : stored;
  return { body, bodyMd5: md5(body), attributes, traceHeader };
}

function toStored(payload: MessagePayload | undefined): WholePayload {
  if (payload === undefined) return null;
  const { body, attributes, traceHeader } = payload;
  return attributes === undefined && traceHeader === undefined ? body : { body, attributes, traceHeader };
}

function toMessage(row: Row): QueueMessage {
  const [queueUid, seq, batchSeq, id, sentAtMs, delayedUntilMs, groupId, arn, receiveCount, firstAtMs] = row;
  return createMessage(
    {
      ...{ queueUid, seq, batchSeq, id, sentAtMs, delayedUntilMs },
      groupId: groupId ?? undefined,
      deadLetterSourceArn: arn ?? undefined,
    },
    { receiveCount, firstReceivedAtMs: firstAtMs ?? undefined },
  );
}

function toRow(message: QueueMessage): Row {
  return [
    message.queueUid,
    message.seq,
    message.batchSeq,
    message.id,
    message.sentAtMs,
    // What was received once must not be delayed again.
    message.receiveCount > 0 ? 0 : message.delayedUntilMs,
    message.groupId ?? null,
    message.deadLetterSourceArn ?? null,
    message.receiveCount,
    message.firstReceivedAtMs ?? null,
  ];
}

function isNext(message: QueueMessage, before: QueueMessage | undefined): boolean {
  return (
    message.seq - 1 === before?.seq &&
    message.queueUid === before.queueUid &&
    message.sentAtMs === before.sentAtMs &&
    message.delayedUntilMs === before.delayedUntilMs &&
    message.groupId === before.groupId &&
    message.deadLetterSourceArn === before.deadLetterSourceArn &&
    message.receiveCount === before.receiveCount &&
    message.firstReceivedAtMs === before.firstReceivedAtMs
  );
}

function toLine(record: LogRecord): string {
  return JSON.stringify(record);
}
