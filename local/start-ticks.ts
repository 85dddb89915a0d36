import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Wake } from '../shared/contract/messages.ts';
import { QUEUES } from '../shared/contract/names.ts';
import { type Schedule, startSchedule } from './lambda/schedule.ts';

export interface TicksOptions {
  readonly pools: readonly string[];
  readonly sqs: SQSClient;
  /** URLs by name within the deployment. */
  readonly queues: Readonly<Record<string, string>>;
  readonly onError: (error: unknown) => void;
}

const TICK_SECONDS = 60;

/** A wake for every pool, once a minute, as the deployed schedule sends them. */
export const startTicks = ({ pools, sqs, queues, onError }: TicksOptions): Schedule =>
  startSchedule({
    everySeconds: TICK_SECONDS,
    callback: async () => {
      for (const pool of pools) {
        const wake: Wake = { pool };
        await sqs.send(
          new SendMessageCommand({ QueueUrl: queues[QUEUES.wake], MessageBody: JSON.stringify(wake) }),
        );
      }
    },
    onError,
  });
