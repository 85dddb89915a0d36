import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { startBedrock } from '../../../local/bedrock/start-bedrock.ts';

/**
 * What the simulator itself costs: processor time of its process for each call, over kept connections. Its quota does
 * not bind and it answers at once, except where it refuses everything.
 *
 *   node --import tsx test/local/bedrock/bench.ts
 */
const calls = 20_000;
const connections = 32;

const text = `Summarize order 17. ${'x'.repeat(1_000)}`;
const converse = { messages: [{ role: 'user', content: [{ text }] }], inferenceConfig: { maxTokens: 300 } };
const messages = {
  anthropic_version: 'bedrock-2023-05-31',
  max_tokens: 300,
  messages: [{ role: 'user', content: text }],
};

const loads = [
  { operation: 'converse', model: 'open', body: converse, status: 200 },
  { operation: 'invoke', model: 'open', body: messages, status: 200 },
  { operation: 'converse-stream', model: 'open', body: converse, status: 200 },
  { operation: 'converse', model: 'shut', body: converse, status: 429 },
] as const;

type Load = (typeof loads)[number];

const agent = new Agent({ keepAlive: true, maxSockets: connections });

function call(endpoint: string, { model, operation, body, status }: Load): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = request(`${endpoint}/model/${model}/${operation}`, { method: 'POST', agent });
    asked.on('error', reject);
    asked.on('response', (response) => {
      if (response.statusCode !== status) reject(new Error(`${operation} answered ${response.statusCode}`));
      response.resume().on('end', resolve);
    });
    asked.end(JSON.stringify(body));
  });
}

async function callMany(endpoint: string, load: Load, count: number): Promise<void> {
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await call(endpoint, load);
  };
  await Promise.all(Array.from({ length: connections }, worker));
}

async function nextMessage(child: ChildProcess): Promise<unknown> {
  const [message] = await once(child, 'message');
  return message;
}

async function measure(): Promise<void> {
  const child = fork(__filename, ['serve'], { execArgv: ['--import', 'tsx'] });
  const endpoint = String(await nextMessage(child));
  const cpuMs = async (): Promise<number> => {
    child.send('cpu');
    return Number(await nextMessage(child));
  };
  for (const load of loads) {
    await callMany(endpoint, load, calls / 4);
    const before = { cpuMs: await cpuMs(), ms: performance.now() };
    await callMany(endpoint, load, calls);
    const usedMs = (await cpuMs()) - before.cpuMs;
    const perSecond = Math.round((calls * 1_000) / (performance.now() - before.ms));
    const microseconds = Math.round((usedMs * 1_000) / calls);
    const { operation, status } = load;
    process.stdout.write(
      `${operation} (${status}): ${microseconds} µs of the simulator, ${perSecond} calls/s\n`,
    );
  }
  child.kill();
  agent.destroy();
}

async function serve(): Promise<void> {
  const models = {
    open: { tokensPerMinute: 1e12, burndown: 5 },
    shut: { tokensPerMinute: 0, burndown: 5 },
  };
  const { endpoint } = await startBedrock({ port: 0, models, latencyScale: 0 });
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.((user + system) / 1_000);
  });
  process.send?.(endpoint);
}

void (process.argv[2] === 'serve' ? serve() : measure());
