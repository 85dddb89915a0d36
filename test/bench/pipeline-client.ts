import type { SQSClient } from '@aws-sdk/client-sqs';
import type { ReadyLine } from '../../local/ready-line.ts';
import {
  createSqs,
  forEachConcurrently,
  sendTen,
  submit,
  takeResults,
  tensOf,
} from '../end-to-end/clients.ts';

/** Producers and consumers, in a process of their own: what they cost is not the pipeline's. */
export type Door = 'http' | 'queue';

export interface ClientOrder {
  readonly ready: ReadyLine;
  readonly door: Door;
  readonly count: number;
}

export interface ClientReport {
  readonly acceptedAfterMs: number;
  readonly answeredAfterMs: number;
  /** By custom id, once for each time that one came. */
  readonly answers: readonly (readonly [string, string])[];
}

const SUBMITTERS = 32;
const PRODUCERS = 8;
/** One that receives and deletes in turn would be what the pipeline waits for. */
const CONSUMERS = 4;
const MOST_SILENT_RECEIVES = 60;

const indexes = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

const envelope = (door: Door, index: number) => ({
  custom_id: `${door}-${index}`,
  prompt: `bench ${door}-${index} `,
  max_tokens: 50,
});

const sendAll = async (sqs: SQSClient, { ready, door, count }: ClientOrder): Promise<void> => {
  if (door === 'http')
    return forEachConcurrently(indexes(count), SUBMITTERS, async (index) => {
      const { status } = await submit(ready.api, envelope(door, index));
      if (status !== 202) throw new Error(`request ${index} was answered with ${status}`);
    });
  return forEachConcurrently(tensOf(indexes(count)), PRODUCERS, async (ten) => {
    const bodies = ten.map((index) => envelope(door, index));
    const taken = await sendTen(sqs, ready.queues.input ?? '', bodies);
    if (taken.length !== ten.length) throw new Error('SQS did not take a whole batch');
  });
};

const collectAll = async (sqs: SQSClient, { ready, count }: ClientOrder): Promise<[string, string][]> => {
  const answers: [string, string][] = [];
  const consume = async (): Promise<void> => {
    for (let silent = 0; silent < MOST_SILENT_RECEIVES && answers.length < count; ) {
      const taken = await takeResults(sqs, ready.queues.results ?? '');
      for (const { custom_id, content } of taken) answers.push([custom_id ?? '', content ?? '']);
      silent = taken.length === 0 ? silent + 1 : 0;
    }
  };
  await Promise.all(Array.from({ length: CONSUMERS }, consume));
  return answers;
};

const carryOut = async (order: ClientOrder): Promise<ClientReport> => {
  const sqs = createSqs(order.ready);
  const startedAtMs = performance.now();
  const since = (): number => performance.now() - startedAtMs;
  const sending = sendAll(sqs, order).then(since);
  let answeredAfterMs = 0;
  const answers = await collectAll(sqs, order);
  answeredAfterMs = since();
  const acceptedAfterMs = await sending;
  sqs.destroy();
  return { acceptedAfterMs, answeredAfterMs, answers };
};

process.on('message', (order: ClientOrder) => {
  carryOut(order).then(
    (report) => process.send?.({ report }),
    (error: unknown) => process.send?.({ failed: String(error) }),
  );
});
