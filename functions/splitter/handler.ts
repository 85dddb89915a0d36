import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { type BatchWork, batchWorkSchema } from '../../shared/contract/messages.ts';
import { QUEUES } from '../../shared/contract/names.ts';
import { createDoWork } from '../../shared/flows/batches/do-work.ts';
import { composeSplitter, type Host } from '../runtime/compose.ts';
import { processEnvironment } from '../runtime/environment.ts';
import { parseRecord, type RecordOutcome, toBatchResponse } from '../runtime/sqs-batch.ts';

export type SplitterHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

const readWork = (record: SQSRecord): BatchWork | undefined => {
  const parsed = parseRecord(record);
  return parsed.kind === 'parsed' ? batchWorkSchema.safeParse(parsed.body).data : undefined;
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
        const work = readWork(record);
        const receipt = { queue: QUEUES.batches, receipt: record.receiptHandle };
        if (work === undefined)
          deps.telemetry.log('warn', 'message_unreadable', { message_id: record.messageId });
        outcomes.push(
          work === undefined
            ? 'done'
            : await doWork({
                batchId: work.batch_id,
                waitSeconds: work.wait_seconds,
                receives: Number(record.attributes.ApproximateReceiveCount),
                receipt,
                remainingMs: () => context.getRemainingTimeInMillis(),
              }),
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
