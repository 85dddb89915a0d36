import { DeleteMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { DeliveredMessage } from './batch-outcome.ts';

export interface DeleteMessagesOptions {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly records: readonly DeliveredMessage[];
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessageBatch.html */
const mostEntriesPerBatch = 10;

/**
 * Deletes in batches and tries what failed once more. Returns an error when something is still left: those
 * messages will be delivered again, which a consumer of a standard queue must expect anyway.
 */
export async function deleteMessages(options: DeleteMessagesOptions): Promise<Error | undefined> {
  const first = await deleteAll(options, options.records);
  if (first.left.length === 0) return undefined;
  const second = await deleteAll(options, first.left);
  if (second.left.length === 0) return undefined;
  const ids = second.left.map((record) => record.messageId).join(', ');
  return new Error(`could not delete ${second.left.length} handled messages (${ids}): ${second.reason}`);
}

interface DeleteResult {
  readonly left: readonly DeliveredMessage[];
  readonly reason: string;
}

async function deleteAll(
  options: DeleteMessagesOptions,
  records: readonly DeliveredMessage[],
): Promise<DeleteResult> {
  const chunks: (readonly DeliveredMessage[])[] = [];
  for (let start = 0; start < records.length; start += mostEntriesPerBatch) {
    chunks.push(records.slice(start, start + mostEntriesPerBatch));
  }
  const results = await Promise.all(chunks.map((chunk) => deleteChunk(options, chunk)));
  return {
    left: results.flatMap((result) => result.left),
    reason: results.find((result) => result.left.length > 0)?.reason ?? '',
  };
}

async function deleteChunk(
  options: DeleteMessagesOptions,
  chunk: readonly DeliveredMessage[],
): Promise<DeleteResult> {
  try {
    const response = await options.sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl: options.queueUrl,
        Entries: chunk.map((record, index) => ({ Id: String(index), ReceiptHandle: record.receiptHandle })),
      }),
    );
    const failed = response.Failed ?? [];
    const failedIds = new Set(failed.map((entry) => entry.Id));
    return {
      left: chunk.filter((_record, index) => failedIds.has(String(index))),
      reason: failed.map((entry) => entry.Message ?? entry.Code).join(', '),
    };
  } catch (error) {
    return { left: chunk, reason: String(error) };
  }
}
