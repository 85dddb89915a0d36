import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { type Wake, wakeSchema } from '../../shared/contract/messages.ts';
import { createDrainPool } from '../../shared/flows/drain/drain-pool.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';
import { composePrioritization, type Host } from '../runtime/compose.ts';
import { processEnvironment } from '../runtime/environment.ts';
import { parseRecord, type RecordOutcome, toBatchResponse } from '../runtime/sqs-batch.ts';

export type PrioritizationHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

const readWake = (record: SQSEvent['Records'][number], telemetry: Telemetry): Wake | undefined => {
  const parsed = parseRecord(record);
  const wake = parsed.kind === 'parsed' ? wakeSchema.safeParse(parsed.body) : undefined;
  if (wake?.success !== true) telemetry.log('warn', 'wake_unreadable', { message_id: record.messageId });
  return wake?.data;
};

/** One wake: drain its pool, unless somebody else does. */
export const createHandler =
  (host: Host): PrioritizationHandler =>
  async (event, context) => {
    const { deps, close } = composePrioritization(host);
    const drain = createDrainPool(deps);
    try {
      const outcomes: RecordOutcome[] = [];
      for (const record of event.Records) {
        const wake = readWake(record, deps.telemetry);
        if (wake !== undefined)
          await drain({
            pool: wake.pool,
            doubtedTenant: wake.tenant,
            isTick: wake.tick,
            remainingMs: () => context.getRemainingTimeInMillis(),
          });
        outcomes.push('done');
      }
      return toBatchResponse(event, outcomes);
    } finally {
      deps.telemetry.flush();
      close();
    }
  };

export const handler: PrioritizationHandler = (event, context) =>
  createHandler({ env: processEnvironment() })(event, context);
