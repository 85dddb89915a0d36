import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createNotify } from '../../shared/flows/events/notify.ts';
import { composeNotification, type Host } from '../runtime/compose.ts';
import { processEnvironment } from '../runtime/environment.ts';
import { parseRecord, toBatchResponse } from '../runtime/sqs-batch.ts';

export type NotificationHandler = (event: SQSEvent) => Promise<SQSBatchResponse>;

/** Tells of what has ended. */
export const createHandler =
  (host: Host): NotificationHandler =>
  async (event) => {
    const { deps, close } = composeNotification(host);
    try {
      const messages = event.Records.map((record) => {
        const parsed = parseRecord(record);
        return {
          id: record.messageId,
          receipt: record.receiptHandle,
          body: parsed.kind === 'parsed' ? parsed.body : undefined,
        };
      });
      return toBatchResponse(event, await createNotify(deps)(messages));
    } finally {
      deps.telemetry.flush();
      close();
    }
  };

export const handler: NotificationHandler = (event) => createHandler({ env: processEnvironment() })(event);
