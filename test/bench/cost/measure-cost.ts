import { setTimeout as sleep } from 'node:timers/promises';
import { collectResults, forEachConcurrently, sendTen, submit } from '../../end-to-end/clients.ts';
import { type CallCounter, createCallCounter, sumOf } from '../../end-to-end/count-calls.ts';
import { type CountedPipeline, startCounted } from '../../end-to-end/counted-pipeline.ts';
import { accepting, draining, reading, type Usage } from './bill.ts';

export type Door = 'queue' | 'http';

export interface CostRun {
  readonly door: Door;
  readonly perSecond: number;
  readonly seconds: number;
}

interface Tally {
  readonly sqs: number;
  readonly writes: number;
  readonly reads: number;
  readonly puts: number;
  readonly gets: number;
  readonly batches: number;
}

interface Counters {
  readonly functions: CallCounter;
  readonly mappings: CallCounter;
}

const tallyOf = ({ functions, mappings }: Counters): Tally => {
  const [own, invoking] = [functions.counted(), mappings.counted()];
  return {
    sqs: sumOf(own, /^SQS\./) + sumOf(invoking, /^SQS\./),
    writes: own.writeUnits,
    reads: sumOf(own, /^DynamoDB\.(Get|BatchGet|Query)/),
    puts: sumOf(own, /^S3\.Put/),
    gets: sumOf(own, /^S3\.Get/),
    // Each batch that a function took is deleted at once.
    batches: sumOf(invoking, /^SQS\.DeleteMessage/),
  };
};

const envelope = (name: string, index: number) => ({
  custom_id: `${name}-${index}`,
  prompt: 'x'.repeat(1000),
  max_tokens: 50,
});

type Send = (name: string, from: number, count: number) => Promise<void>;

const sendBy = (door: Door, { producer, queues, api }: CountedPipeline): Send => {
  const envelopes = (name: string, from: number, count: number) =>
    Array.from({ length: count }, (_, index) => envelope(name, from + index));
  if (door === 'queue')
    return async (name, from, count) => {
      await sendTen(producer, queues.input?.url ?? '', envelopes(name, from, count));
    };
  return async (name, from, count) => {
    await forEachConcurrently(envelopes(name, from, count), 10, async (each) => {
      const { status } = await submit(api, each);
      if (status !== 202) throw new Error(`a submit was answered with ${status}`);
    });
  };
};

/** Ten at once, or fewer where that would be less often than once a second. */
const stepOf = (perSecond: number): number => Math.min(10, Math.max(1, perSecond));

const sendEvenly = async (send: Send, { perSecond, seconds }: CostRun): Promise<void> => {
  const step = stepOf(perSecond);
  for (let sent = 0; sent < perSecond * seconds; sent += step)
    await Promise.all([send('cost', sent, step), sleep((1000 * step) / perSecond)]);
};

const answersTo = async (
  { consumer, queues }: CountedPipeline,
  count: number,
): Promise<readonly string[]> => {
  const results = await collectResults(
    consumer,
    queues.results?.url ?? '',
    (all) => new Set(all.map(({ request_id }) => request_id)).size >= count,
  );
  const ids = new Set(results.map(({ request_id }) => request_id));
  if (ids.size !== count) throw new Error(`${count} requests were sent and ${ids.size} answered`);
  return [...ids];
};

const readEach = async ({ api }: CountedPipeline, ids: readonly string[]): Promise<void> => {
  await forEachConcurrently(ids, 8, async (id) => {
    const { status } = await fetch(`${api}/v1/requests/${id}`);
    if (status !== 200) throw new Error(`a read was answered with ${status}`);
  });
};

const WARM_UP = 10;

const usageOf = ({ door, perSecond, seconds }: CostRun, before: Tally, after: Tally): Usage => {
  const requests = perSecond * seconds;
  const each = (name: keyof Tally): number => (after[name] - before[name]) / requests;
  const [accepts, reads] = door === 'http' ? [1, 1] : [each('batches'), 0];
  return {
    sqsCalls: each('sqs'),
    writes: each('writes'),
    reads: each('reads'),
    puts: each('puts'),
    gets: each('gets'),
    apiCalls: door === 'http' ? 2 : 0,
    invocations: accepts + reads,
    gbSeconds: accepting(accepts) + reading(reads) + draining(perSecond),
  };
};

/** One door at one rate: every call of the running pipeline is counted, every request answered once and, over HTTP, read. */
export const measureCost = async (run: CostRun): Promise<Usage> => {
  const counters = { functions: createCallCounter(), mappings: createCallCounter() };
  const pipeline = await startCounted(counters.functions, counters.mappings);
  try {
    const send = sendBy(run.door, pipeline);
    // A drain is at work from then on.
    await send('warm', 0, WARM_UP);
    await answersTo(pipeline, WARM_UP);
    const before = tallyOf(counters);
    const answers = answersTo(pipeline, run.perSecond * run.seconds);
    await sendEvenly(send, run);
    const ids = await answers;
    if (run.door === 'http') await readEach(pipeline, ids);
    return usageOf(run, before, tallyOf(counters));
  } finally {
    await pipeline.stop();
  }
};
