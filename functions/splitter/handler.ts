import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { batchWorkSchema } from '../../shared/contract/messages.ts';
import { QUEUES } from '../../shared/contract/names.ts';
import { createDoWork } from '../../shared/flows/batches/do-work.ts';
import { composeSplitter, type Host } from '../runtime/compose.ts';
import { processEnvironment } from '../runtime/environment.ts';
import { parseRecord, type RecordOutcome, toBatchResponse } from '../runtime/sqs-batch.ts';

export type SplitterHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

const readBatchId = (record: SQSRecord): string | undefined => {
  const parsed = parseRecord(record);
  const work = parsed.kind === 'parsed' ? batchWorkSchema.safeParse(parsed.body) : undefined;
  return work?.data?.batch_id;
};

/** One message: a batch to bring forward. */
export const createHandler =
  (host: Host): SplitterHandler =>
  async (event, context) => {
    const { deps, close } = composeSplitter(host);
    const doWork = createDoWork(deps);
    try {
      const outcomes: RecordOutcome[] = [];
      for (const record of event.Records) {
        const batchId = readBatchId(record);
        const receipt = { queue: QUEUES.batches, receipt: record.receiptHandle };
        if (batchId === undefined)
          deps.telemetry.log('warn', 'message_unreadable', { message_id: record.messageId });
        outcomes.push(
          batchId === undefined
            ? 'done'
            : await doWork({ batchId, receipt, remainingMs: () => context.getRemainingTimeInMillis() }),
        );
      }
      return toBatchResponse(event, outcomes);
    } finally {
      deps.telemetry.flush();
      close();
    }
  };

export const handler: SplitterHandler = (event, context) =>
  createHandler({ env: processEnvironment() })(event, context);
