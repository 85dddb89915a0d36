import type { SQSRecord } from 'aws-lambda';
import type { InvocationOutcome } from './invoke.ts';

export type BatchOutcome =
  | { readonly kind: 'settled'; readonly toDelete: readonly SQSRecord[] }
  /** Nothing is deleted: the visibility timeout brings the whole batch back. */
  | { readonly kind: 'failed'; readonly error: unknown };

export interface InvokedBatch {
  readonly functionName: string;
  readonly records: readonly SQSRecord[];
  readonly reportBatchItemFailures: boolean;
}

/**
 * | outcome                                             | deleted             |
 * |-----------------------------------------------------|---------------------|
 * | threw, timed out                                    | none                |
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
  if (!batch.reportBatchItemFailures) return { kind: 'settled', toDelete: batch.records };

  const identifiers = parseFailedIdentifiers(outcome.value);
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
