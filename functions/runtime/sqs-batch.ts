import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';

/** Whether a message is done with; what is not comes again. */
export type RecordOutcome = 'done' | 'again';

/** Tells Lambda which messages of a batch are to come again. An outcome that is missing counts as one. */
export const toBatchResponse = (
  event: SQSEvent,
  outcomes: readonly (RecordOutcome | undefined)[],
): SQSBatchResponse => ({
  batchItemFailures: event.Records.filter((_, index) => outcomes[index] !== 'done').map(({ messageId }) => ({
    itemIdentifier: messageId,
  })),
});

export type ParsedRecord =
  | { readonly kind: 'parsed'; readonly record: SQSRecord; readonly body: unknown }
  | { readonly kind: 'unreadable'; readonly record: SQSRecord };

/** No part of JSON, but some programs write it; over HTTP the decoder leaves it out. */
const BYTE_ORDER_MARK = /^\uFEFF/;

export const parseRecord = (record: SQSRecord): ParsedRecord => {
  try {
    return { kind: 'parsed', record, body: JSON.parse(record.body.replace(BYTE_ORDER_MARK, '')) };
  } catch {
    return { kind: 'unreadable', record };
  }
};
