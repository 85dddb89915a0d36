import { setTimeout as sleep } from 'node:timers/promises';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { ReadyLine } from '../../../local/ready-line.ts';
import { QUEUES } from '../../../shared/contract/names.ts';
import { PRIORITIES } from '../../../shared/contract/priorities.ts';
import { forEachConcurrently, sendTen, submit, tensOf } from '../../end-to-end/clients.ts';
import type { Answered } from '../probed/take-answers.ts';

export interface Load {
  /** Begins the id of each request. */
  readonly prefix: string;
  readonly perMinute: number;
  readonly durationMs: number;
  /** Beyond this nothing is sent for a moment: a machine that cannot follow is not to be buried. */
  readonly mostWaiting: number;
}

export interface Sent {
  count(): number;
  /** Times that a request was sent again, since the door had no time for it. */
  sentAgain(): number;
  /** How long nothing was sent since too much waited. */
  heldBackMs(): number;
  readonly done: Promise<void>;
}

const TENANTS = ['ants', 'bees', 'cats', 'dogs'] as const;
/** One in four by HTTP, which costs more. */
const HTTP_OF = 4;
const LARGE_OF = 40;
const LARGE_CHARACTERS = 8_000;
const TICK_MS = 250;
/** Sends under way beyond which none is begun: clients that pile up keep a busy door from all of them. */
const MOST_UNDER_WAY = 8;

const envelopeOf = (prefix: string, index: number, door: 'http' | 'queue') => ({
  custom_id: `${prefix}${index}`,
  prompt: `${prefix}${index} ${'x'.repeat(index % LARGE_OF === 0 ? LARGE_CHARACTERS : index % 200)}`,
  max_tokens: 20 + (index % 60),
  priority: PRIORITIES[index % PRIORITIES.length],
  ...(door === 'queue' ? { tenant: TENANTS[index % TENANTS.length] } : {}),
});

interface Sender {
  readonly ready: ReadyLine;
  readonly sqs: SQSClient;
  readonly prefix: string;
  readonly onSentAgain: () => void;
}

const MOST_TRIES = 100;
const RETRY_MS = 1_000;

/** Nothing when there was no answer at all: on a busy machine a connection takes longer than a client waits. */
const statusOf = async ({ ready, prefix }: Sender, index: number): Promise<number | undefined> => {
  try {
    const headers = { 'idempotency-key': `${prefix}${index}` };
    return (await submit(ready.api, envelopeOf(prefix, index, 'http'), headers)).status;
  } catch {
    return undefined;
  }
};

/** A client comes again when the door has no time for him, under the same key. */
const submitOne = async (sender: Sender, index: number): Promise<void> => {
  for (let tries = 1; ; tries++) {
    const status = await statusOf(sender, index);
    if (status === 202) return;
    if ((status !== undefined && status < 500) || tries >= MOST_TRIES)
      throw new Error(`request ${index} was answered with ${status}`);
    sender.onSentAgain();
    await sleep(RETRY_MS);
  }
};

const sendSome = async (sender: Sender, indexes: readonly number[]): Promise<void> => {
  const { ready, sqs, prefix } = sender;
  const input = ready.queues[QUEUES.input] ?? '';
  const [http, queue] = [
    indexes.filter((index) => index % HTTP_OF === 0),
    indexes.filter((index) => index % HTTP_OF !== 0),
  ];
  await Promise.all([
    forEachConcurrently(http, 4, (index) => submitOne(sender, index)),
    forEachConcurrently(tensOf(queue), 2, async (ten) => {
      const taken = await sendTen(
        sqs,
        input,
        ten.map((index) => envelopeOf(prefix, index, 'queue')),
      );
      if (taken.length !== ten.length)
        throw new Error(`${taken.length} of ${ten.length} messages were taken`);
    }),
  ]);
};

/** As many a minute as asked for, whatever becomes of them. */
export const sendSteadily = (
  ready: ReadyLine,
  sqs: SQSClient,
  load: Load & { readonly answered: Answered },
): Sent => {
  let count = 0;
  let heldBackMs = 0;
  let sentAgain = 0;
  const onSentAgain = (): void => {
    sentAgain += 1;
  };
  const sender = { ready, sqs, prefix: load.prefix, onSentAgain };
  const sendAll = async (): Promise<void> => {
    const startedAtMs = performance.now();
    let failure: unknown;
    const underWay = new Set<Promise<void>>();
    for (let elapsedMs = 0, before = 0; elapsedMs < load.durationMs; ) {
      if (failure !== undefined) throw failure;
      const due = Math.floor(((elapsedMs - heldBackMs) / 60_000) * load.perMinute) - count;
      const isBusy = count - load.answered.count() > load.mostWaiting || underWay.size >= MOST_UNDER_WAY;
      if (isBusy) heldBackMs += elapsedMs - before;
      else if (due > 0) {
        const indexes = Array.from({ length: due }, (_, offset) => count + offset);
        count += due;
        const sending = sendSome(sender, indexes).catch((error: unknown) => {
          failure = error;
        });
        underWay.add(sending);
        void sending.then(() => underWay.delete(sending));
      }
      await sleep(TICK_MS);
      [before, elapsedMs] = [elapsedMs, performance.now() - startedAtMs];
    }
    await Promise.all(underWay);
    if (failure !== undefined) throw failure;
  };
  return { count: () => count, sentAgain: () => sentAgain, heldBackMs: () => heldBackMs, done: sendAll() };
};
