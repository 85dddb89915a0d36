import { setTimeout as sleep } from 'node:timers/promises';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { takeResults } from '../../end-to-end/clients.ts';

export interface Answered {
  /** Requests that are answered. */
  count(): number;
  /** Messages beyond the first about a request: they come at least once. */
  repeats(): number;
  readonly byStatus: Readonly<Record<string, number>>;
  /** Answers of nobody that this run sent. */
  strangers(): number;
  has(index: number): boolean;
  stop(): Promise<void>;
}

const CONSUMERS = 3;

/** Takes the results queue empty for as long as it is not stopped, and keeps one bit of each request. */
export const takeAnswers = (
  sqs: SQSClient,
  queueUrl: string,
  { prefix, most }: { readonly prefix: string; readonly most: number },
): Answered => {
  const seen = new Uint8Array(most);
  const byStatus: Record<string, number> = {};
  let [count, repeats, strangers] = [0, 0, 0];
  let stopped = false;
  const note = (customId: string, status: string): void => {
    const index = customId.startsWith(prefix) ? Number(customId.slice(prefix.length)) : -1;
    if (!(index >= 0 && index < most)) strangers += 1;
    else if (seen[index] === 1) repeats += 1;
    else {
      seen[index] = 1;
      count += 1;
      byStatus[status] = (byStatus[status] ?? 0) + 1;
    }
  };
  const consume = async (): Promise<void> => {
    while (!stopped)
      try {
        for (const { custom_id, status } of await takeResults(sqs, queueUrl)) note(custom_id ?? '', status);
      } catch {
        // What was received and not deleted comes again.
        await sleep(200);
      }
  };
  const consuming = Promise.all(Array.from({ length: CONSUMERS }, consume));
  return {
    count: () => count,
    repeats: () => repeats,
    strangers: () => strangers,
    byStatus,
    has: (index) => seen[index] === 1,
    stop: async () => {
      stopped = true;
      await consuming;
    },
  };
};
