import type { SQSRecord } from 'aws-lambda';
import type { InvocationOutcome } from './invoke.ts';
import { maxPayloadBytes } from './payload-limit.ts';

/** What is known of a message without the function, which may change the records that it is given. */
export type DeliveredMessage = Pick<SQSRecord, 'messageId' | 'receiptHandle'>;

export type BatchOutcome =
  | { readonly kind: 'settled'; readonly toDelete: readonly DeliveredMessage[] }
  /** Nothing is deleted: the visibility timeout brings the whole batch back. */
  | { readonly kind: 'failed'; readonly error: unknown };

export interface InvokedBatch {
  readonly functionName: string;
  readonly records: readonly DeliveredMessage[];
  readonly reportBatchItemFailures: boolean;
}

/**
 * | outcome                                             | deleted             |
 * |-----------------------------------------------------|---------------------|
 * | threw, timed out                                    | none                |
 * | returned what is no JSON, or more than 6 MB of it   | none                |
 * | returned, failures not reported                     | all                 |
 * | returned null, {} or an empty or null list          | all                 |
 * | returned a list of known message ids                | all but those named |
 * | an id that is missing, empty or not in the batch    | none                |
 * | anything else                                       | none                |
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
 */
export function decideBatchOutcome(batch: InvokedBatch, outcome: InvocationOutcome<unknown>): BatchOutcome {
  if (outcome.kind === 'threw') return { kind: 'failed', error: outcome.error };
  if (outcome.kind === 'timed_out') return failed(batch, 'timed out');
  const response = marshal(outcome.value);
  if (response.kind === 'fault') return failed(batch, response.what);
  if (!batch.reportBatchItemFailures) return { kind: 'settled', toDelete: batch.records };

  const identifiers = parseFailedIdentifiers(response.value);
  if (identifiers === undefined) return failed(batch, 'returned a malformed batch response');
  const known = new Set(batch.records.map((record) => record.messageId));
  const stranger = identifiers.find((identifier) => !known.has(identifier));
  if (stranger !== undefined) return failed(batch, `named "${stranger}", which is not in its batch`);
  const named = new Set(identifiers);
  return { kind: 'settled', toDelete: batch.records.filter((record) => !named.has(record.messageId)) };
}

function failed(batch: InvokedBatch, what: string): BatchOutcome {
  const count = batch.records.length;
  return {
    kind: 'failed',
    error: new Error(`${batch.functionName} ${what}; all ${count} messages will be delivered again`),
  };
}

type Marshalled =
  | { readonly kind: 'response'; readonly value: unknown }
  | { readonly kind: 'fault'; readonly what: string };

/** A response reaches Lambda as JSON only. */
function marshal(value: unknown): Marshalled {
  if (value === undefined) return { kind: 'response', value: null };
  try {
    const text = JSON.stringify(value);
    if (text !== undefined && Buffer.byteLength(text) > maxPayloadBytes)
      return { kind: 'fault', what: 'returned more than 6 MB' };
    return { kind: 'response', value: text === undefined ? null : JSON.parse(text) };
  } catch (error) {
    return { kind: 'fault', what: `returned what is no JSON (${String(error)})` };
  }
}

function parseFailedIdentifiers(response: unknown): string[] | undefined {
  if (response === undefined || response === null) return [];
  if (typeof response !== 'object' || Array.isArray(response)) return undefined;
  const failures: unknown = 'batchItemFailures' in response ? response.batchItemFailures : null;
  if (failures === null || failures === undefined) return [];
  if (!Array.isArray(failures)) return undefined;
  const identifiers = failures.map(toIdentifier);
  return identifiers.every((identifier) => identifier !== undefined) ? identifiers : undefined;
}

function toIdentifier(failure: unknown): string | undefined {
  if (typeof failure !== 'object' || failure === null || !('itemIdentifier' in failure)) return undefined;
  const { itemIdentifier } = failure;
  return typeof itemIdentifier === 'string' ? itemIdentifier : undefined;
}
