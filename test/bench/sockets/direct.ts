import { Agent } from 'node:http';
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import Bottleneck from 'bottleneck';
import PQueue from 'p-queue';
import type { Priority } from '../../../shared/contract/priorities.ts';
import { asTheyArrive } from './arrivals.ts';
import { MEAN_COST, markerOf, type Setting, type SocketRequest, tokensPerMinuteOf } from './load.ts';
import { MODEL_ID, startSimulator, truthAt } from './simulator.ts';
import { createAnswers, type SocketContender } from './socket-contender.ts';

export type RetryMode = 'standard' | 'adaptive';

/** The whole SDK, over sockets that are kept, as many as are wanted. */
export const createClient = (endpoint: string, retryMode: RetryMode): BedrockRuntimeClient =>
  new BedrockRuntimeClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
    retryMode,
    requestHandler: new NodeHttpHandler({ httpAgent: new Agent({ keepAlive: true }) }),
  });

/** True when it was answered, with its own answer; false when the SDK gave up. */
export const askModel = async (client: BedrockRuntimeClient, request: SocketRequest): Promise<boolean> => {
  try {
    const { output } = await client.send(
      new ConverseCommand({
        modelId: MODEL_ID,
        messages: [{ role: 'user', content: [{ text: request.prompt }] }],
        inferenceConfig: { maxTokens: request.maxTokens },
      }),
    );
    const text = output?.message?.content?.[0]?.text ?? '';
    if (!text.includes(markerOf(request.id).trim())) throw new Error(`${request.id} has another's answer`);
    return true;
  } catch (error) {
    if ((error as Error).name === 'ThrottlingException') return false;
    throw error;
  }
};

type Ask = (request: SocketRequest) => Promise<boolean>;

const calling = (
  name: string,
  setup: string,
  retryMode: RetryMode,
  through: (ask: Ask, setting: Setting) => Ask,
): SocketContender => ({
  name,
  setup,
  run: async (setting, requests) => {
    const simulator = await startSimulator(tokensPerMinuteOf(setting));
    const client = createClient(simulator.endpoint, retryMode);
    try {
      const ask = through((request) => askModel(client, request), setting);
      const { answers, add } = createAnswers();
      const asked: Promise<void>[] = [];
      let lost = 0;
      const startedAtMs = Date.now();
      await asTheyArrive(requests, (due) => {
        for (const request of due)
          asked.push(
            ask(request).then((isAnswered) => {
              if (isAnswered) add(request.id);
              else lost += 1;
            }),
          );
      });
      await Promise.all(asked);
      return { startedAtMs, answers, lost, truth: await truthAt(simulator.endpoint) };
    } finally {
      client.destroy();
      await simulator.stop();
    }
  },
});

const URGENCY: Readonly<Record<Priority, number>> = { high: 1, normal: 5, low: 9 };
const MOST_AT_ONCE = 700;

const throughBottleneck = (ask: Ask, { perMinute }: Setting): Ask => {
  const limiter = new Bottleneck({ maxConcurrent: MOST_AT_ONCE, minTime: 60_000 / perMinute });
  return (request) => limiter.schedule({ priority: URGENCY[request.priority] }, () => ask(request));
};

const throughPQueue = (ask: Ask, { perMinute }: Setting): Ask => {
  const queue = new PQueue({
    concurrency: MOST_AT_ONCE,
    interval: 1000,
    intervalCap: Math.max(1, Math.floor(perMinute / 60)),
    strict: true,
  });
  return (request) => queue.add(() => ask(request), { priority: -URGENCY[request.priority] });
};

const mean = `told the true mean, ${Math.round(MEAN_COST)} tokens`;

export const DIRECT: readonly SocketContender[] = [
  calling('SDK, standard', 'called as they arrive, 3 attempts', 'standard', (ask) => ask),
  calling('SDK, adaptive', 'the same, one process', 'adaptive', (ask) => ask),
  calling('bottleneck, true mean', `minTime, ${mean}`, 'standard', throughBottleneck),
  calling('p-queue, true mean', `so many in any second, ${mean}`, 'standard', throughPQueue),
];
