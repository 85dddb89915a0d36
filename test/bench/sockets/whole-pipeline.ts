import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { ReadyLine } from '../../../local/ready-line.ts';
import { QUEUES } from '../../../shared/contract/names.ts';
import { createSqs, forEachConcurrently, sendTen, takeResults, tensOf } from '../../end-to-end/clients.ts';
import { startSmoother } from '../../end-to-end/smoother-process.ts';
import { asTheyArrive, BY_TENS_MS } from './arrivals.ts';
import {
  BURNDOWN,
  BURST_SECONDS,
  FIRST_TOKEN_MS,
  markerOf,
  type Setting,
  type SocketRequest,
  TOKENS_PER_SECOND,
  tokensPerMinuteOf,
} from './load.ts';
import { MODEL_ID, truthAt } from './simulator.ts';
import { createAnswers, type SocketContender } from './socket-contender.ts';

const MAX_CONCURRENT = 400;
const CONSUMERS = 4;
const MOST_SILENT_RECEIVES = 60;

const argsOf = (setting: Setting, dataDir: string): readonly string[] => {
  const quota = { tokens_per_minute: tokensPerMinuteOf(setting) };
  const models = { bench: { model_id: MODEL_ID, quota, burndown: BURNDOWN } };
  const context = [
    `models=${JSON.stringify(models)}`,
    `max_concurrent_executions=${MAX_CONCURRENT}`,
    'queue_depth_threshold=1000',
  ];
  const simulator = [
    `burst_seconds=${BURST_SECONDS}`,
    `ttft_ms=${FIRST_TOKEN_MS}`,
    `output_tokens_per_second=${TOKENS_PER_SECOND}`,
  ];
  return [
    ...['--data', dataDir, '--cloud-port', '0', '--simulator-port', '0'],
    ...context.flatMap((each) => ['--context', each]),
    ...simulator.flatMap((each) => ['--simulator', each]),
  ];
};

const envelopeOf = ({ id, priority, prompt, maxTokens }: SocketRequest) => ({
  custom_id: id,
  priority,
  prompt,
  max_tokens: maxTokens,
});

const sendAll = async (
  ready: ReadyLine,
  sqs: SQSClient,
  requests: readonly SocketRequest[],
): Promise<void> => {
  const input = ready.queues[QUEUES.input] ?? '';
  const sent: Promise<void>[] = [];
  await asTheyArrive(
    requests,
    (due) => {
      sent.push(
        forEachConcurrently(tensOf(due), 8, async (ten) => {
          const taken = await sendTen(sqs, input, ten.map(envelopeOf));
          if (taken.length !== ten.length) throw new Error('SQS did not take a whole batch');
        }),
      );
    },
    BY_TENS_MS,
  );
  await Promise.all(sent);
};

interface Collected {
  readonly answers: ReadonlyMap<string, number>;
  readonly lost: number;
}

/** By request: its notification may come again, its call may not, which is told by the truth. */
const collect = async (ready: ReadyLine, sqs: SQSClient, count: number): Promise<Collected> => {
  const { answers, add } = createAnswers();
  const seen = new Set<string>();
  let lost = 0;
  const consume = async (): Promise<void> => {
    for (let silent = 0; silent < MOST_SILENT_RECEIVES && seen.size < count; ) {
      const taken = await takeResults(sqs, ready.queues[QUEUES.results] ?? '');
      silent = taken.length === 0 ? silent + 1 : 0;
      for (const { request_id, custom_id, status, content } of taken) {
        if (seen.has(request_id)) continue;
        seen.add(request_id);
        if (status !== 'succeeded') lost += 1;
        else if (content?.includes(markerOf(custom_id ?? '').trim()) === true) add(custom_id ?? '');
        else throw new Error(`${custom_id} has another's answer`);
      }
    }
  };
  await Promise.all(Array.from({ length: CONSUMERS }, consume));
  return { answers, lost };
};

/** Us, as `npm start` runs it: functions in one process, the embedded cloud and the simulator in another; by the queue. */
export const wholePipeline: SocketContender = {
  name: 'request smoother',
  setup: `the whole pipeline, one drain, max_concurrent_executions ${MAX_CONCURRENT}; told the quota`,
  run: async (setting, requests) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'bench-smoother-'));
    const smoother = await startSmoother({ args: argsOf(setting, dataDir) });
    const sqs = createSqs(smoother.ready);
    try {
      const startedAtMs = Date.now();
      const collecting = collect(smoother.ready, sqs, requests.length);
      await Promise.all([sendAll(smoother.ready, sqs, requests), collecting]);
      const truth = await truthAt(smoother.ready.endpoints.bedrockRuntime);
      return { startedAtMs, ...(await collecting), truth };
    } finally {
      sqs.destroy();
      smoother.signal('SIGTERM');
      await smoother.ended();
      await rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    }
  },
};
