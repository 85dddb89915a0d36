import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteMessageBatchCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { CallRecord, Truth } from '../../local/bedrock/truth.ts';
import type { Notification, Refusal } from '../../shared/contract/request.ts';

/** Something that is looked at again and again until it is told to stop. */
export interface Watch<T> {
  readonly seen: () => readonly T[];
  /** At once, for the last time before it changes. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

const RECORD_EVERY_MS = 1_000;
/** Longer than any call lives, so that each is seen with its end. */
const LOOK_BACK_SECONDS = 120;

const keyOf = ({ seq, at_ms, marker }: CallRecord): string => `${seq} ${at_ms} ${marker}`;

/** The simulator's record of calls, put together from many looks: its memory ends with it. */
export const watchCalls = (simulator: string): Watch<CallRecord> => {
  const calls = new Map<string, CallRecord>();
  const stopping = new AbortController();
  const look = async (): Promise<void> => {
    try {
      const response = await fetch(`${simulator}/_sim/truth?calls=1&seconds=${LOOK_BACK_SECONDS}`, {
        signal: AbortSignal.timeout(5_000),
      });
      const { recent_calls = [] } = (await response.json()) as Truth;
      for (const call of recent_calls) calls.set(keyOf(call), call);
    } catch {
      // It is away; the next look shows what came since.
    }
  };
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await look();
      await sleep(RECORD_EVERY_MS, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  const looping = loop();
  return {
    seen: () => [...calls.values()],
    look,
    stop: async () => {
      stopping.abort();
      await looping;
      await look();
    },
  };
};

/** A consumer of the results queue that keeps all it ever got. */
export const watchResults = (sqs: SQSClient, queueUrl: string): Watch<Notification | Refusal> => {
  const results: (Notification | Refusal)[] = [];
  let stopped = false;
  const look = async (): Promise<void> => {
    try {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
      );
      if (Messages.length === 0) return;
      for (const { Body = '' } of Messages) results.push(JSON.parse(Body) as Notification);
      await sqs.send(
        new DeleteMessageBatchCommand({
          QueueUrl: queueUrl,
          Entries: Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
        }),
      );
    } catch {
      // What was received and not deleted comes again.
      await sleep(200);
    }
  };
  const loop = async (): Promise<void> => {
    while (!stopped) await look();
  };
  const looping = Promise.all([loop(), loop()]);
  return {
    seen: () => results,
    look,
    stop: async () => {
      stopped = true;
      await looping;
    },
  };
};
