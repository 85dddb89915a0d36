import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type BenchServer, startServer } from './bench-server.ts';

/**
 * Queues side by side, each server in a process of its own, in turns, with the same bare HTTP client:
 *
 *   node --import tsx test/conformance/cloud-bench.ts [--fauxqs <folder of the package>] [--messages 20000]
 *
 * It prints, per batch of ten, the wall time and the CPU time of the server alone, medians of all rounds.
 */
const { values } = parseArgs({
  options: {
    fauxqs: { type: 'string' },
    messages: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '9' },
    deep: { type: 'string', default: '100000' },
  },
});
const MESSAGES = Number(values.messages);
const ROUNDS = Number(values.rounds);
const DEEP = Number(values.deep);
const DEEP_ROUNDS = 3;
const SHALLOW = 5_000;
const IN_FLIGHT_REQUESTS = 8;
const BATCH = 10;
const BODY = JSON.stringify({ text: 'x'.repeat(200) });

interface Measurement {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly batches: number;
}

const agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT_REQUESTS });

function call(endpoint: string, action: string, input: object): Promise<Record<string, unknown[] | string>> {
  const body = JSON.stringify(input);
  return new Promise((done, fail) => {
    const asked = request(endpoint, {
      agent,
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `AmazonSQS.${action}`,
        'content-length': Buffer.byteLength(body),
        authorization:
          'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0',
      },
    });
    asked.on('error', fail);
    asked.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (response.statusCode === 200) done(JSON.parse(text));
        else fail(new Error(`${action}: ${response.statusCode} ${text}`));
      });
    });
    asked.end(body);
  });
}

async function measure(
  server: BenchServer,
  batches: number,
  work: (index: number) => Promise<void>,
): Promise<Measurement> {
  const cpuBefore = await server.cpuMs();
  const startedAtMs = performance.now();
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < batches; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT_REQUESTS }, worker));
  const wallMs = performance.now() - startedAtMs;
  return { wallMs, cpuMs: (await server.cpuMs()) - cpuBefore, batches };
}

async function createQueue(server: BenchServer, QueueName: string): Promise<string> {
  const { QueueUrl } = await call(server.endpoint, 'CreateQueue', { QueueName });
  return String(QueueUrl);
}

const entries = (groups: number, index: number) =>
  Array.from({ length: BATCH }, (_, entry) => ({
    Id: String(entry),
    MessageBody: BODY,
    ...(groups > 0 && { MessageGroupId: `group-${(index * BATCH + entry) % groups}` }),
  }));

async function fill(
  server: BenchServer,
  QueueUrl: string,
  messages: number,
  groups = 0,
): Promise<Measurement> {
  return measure(server, messages / BATCH, async (index) => {
    const { Successful = [] } = await call(server.endpoint, 'SendMessageBatch', {
      QueueUrl,
      Entries: entries(groups, index),
    });
    if (Successful.length !== BATCH) throw new Error(`Sent ${Successful.length} of ${BATCH}.`);
  });
}

/** Every message once: a number received twice or not at all would be a wrong answer, and no speed. */
async function drain(server: BenchServer, QueueUrl: string, messages: number) {
  const handles: string[][] = [];
  const ids = new Set<string>();
  const receive = await measure(server, messages / BATCH, async () => {
    const { Messages = [] } = await call(server.endpoint, 'ReceiveMessage', {
      QueueUrl,
      MaxNumberOfMessages: BATCH,
      VisibilityTimeout: 600,
    });
    const received = Messages as { MessageId: string; ReceiptHandle: string }[];
    for (const { MessageId } of received) ids.add(MessageId);
    handles.push(received.map(({ ReceiptHandle }) => ReceiptHandle));
  });
  if (ids.size !== messages) throw new Error(`Received ${ids.size} of ${messages}.`);
  const remove = await measure(server, handles.length, async (index) => {
    const Entries = (handles[index] ?? []).map((ReceiptHandle, entry) => ({
      Id: String(entry),
      ReceiptHandle,
    }));
    const { Successful = [] } = await call(server.endpoint, 'DeleteMessageBatch', { QueueUrl, Entries });
    if (Successful.length !== Entries.length)
      throw new Error(`Deleted ${Successful.length} of ${Entries.length}.`);
  });
  return { receive, remove };
}

const print = (line: string) => process.stdout.write(`${line}\n`);

const cpuUs = ({ cpuMs, batches }: Measurement) => (cpuMs * 1000) / batches;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}

function report(
  server: string,
  what: string,
  rounds: readonly Measurement[],
  rival: typeof rounds = [],
): void {
  const rate = Math.round(median(rounds.map(({ wallMs, batches }) => (batches * BATCH * 1000) / wallMs)));
  const ratios = rounds.flatMap((round, index) => (rival[index] ? cpuUs(round) / cpuUs(rival[index]) : []));
  const ratio = ratios.length > 0 ? median(ratios).toFixed(2) : '–';
  const cost = Math.round(median(rounds.map(cpuUs)));
  print(`| ${server} | ${what} | ${rate.toLocaleString('en')} | ${cost.toLocaleString('en')} | ${ratio} |`);
}

interface Rounds {
  readonly send: Measurement[];
  readonly receive: Measurement[];
  readonly remove: Measurement[];
}

/** On a busy machine a round is dear or cheap for everybody, so servers are compared round by round. */
async function compare(servers: readonly BenchServer[]): Promise<void> {
  const results = servers.map((): Rounds => ({ send: [], receive: [], remove: [] }));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [index, server] of servers.entries()) {
      const url = await createQueue(server, `round-${round}`);
      const send = await fill(server, url, MESSAGES);
      const { receive, remove } = await drain(server, url, MESSAGES);
      // The first round warms up.
      if (round === 0) continue;
      results[index]?.send.push(send);
      results[index]?.receive.push(receive);
      results[index]?.remove.push(remove);
    }
  }
  for (const [action, what] of [
    ['send', 'SendMessageBatch'],
    ['receive', 'ReceiveMessage'],
    ['remove', 'DeleteMessageBatch'],
  ] as const) {
    for (const [index, server] of servers.entries()) {
      const rival = index === 0 ? results[1] : undefined;
      report(server.name, what, results[index]?.[action] ?? [], rival?.[action]);
    }
  }
}

/** What a receive costs when the queue is shallow, and when it is deep. */
async function sink(server: BenchServer, groups: number): Promise<void> {
  const label = groups === 0 ? 'no groups' : `${groups.toLocaleString('en')} groups`;
  for (const messages of [SHALLOW, DEEP]) {
    const measurements: Measurement[] = [];
    for (let round = 0; round < DEEP_ROUNDS; round++) {
      const url = await createQueue(server, `deep-${groups}-${messages}-${round}`);
      await fill(server, url, messages, groups);
      const input = { QueueUrl: url, MaxNumberOfMessages: BATCH, VisibilityTimeout: 600 };
      const receive = await measure(server, SHALLOW / BATCH, async () => {
        await call(server.endpoint, 'ReceiveMessage', input);
      });
      measurements.push(receive);
      await call(server.endpoint, 'DeleteQueue', { QueueUrl: url });
    }
    report(server.name, `ReceiveMessage, ${messages.toLocaleString('en')} messages, ${label}`, measurements);
  }
}

async function main(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'cloud-bench-'));
  const ours = await startServer('ours', resolve('test/conformance/bench-server.ts'), dataDir);
  const servers = [ours];
  if (values.fauxqs === undefined) print('fauxqs is not compared: give its folder with --fauxqs.\n');
  else
    servers.push(
      await startServer('fauxqs', resolve('test/conformance/bench-server.ts'), resolve(values.fauxqs)),
    );
  try {
    print(
      `${MESSAGES} messages of ${BODY.length} bytes, ${IN_FLIGHT_REQUESTS} requests at once, the median of ${ROUNDS} rounds\n`,
    );
    print(
      '| server | call, ten messages each | messages/s | server CPU per call, µs | ours to fauxqs, round by round |\n|---|---|---|---|---|',
    );
    await compare(servers);
    for (const groups of [0, 1_000, 50_000]) await sink(ours, groups);
  } finally {
    agent.destroy();
    for (const server of servers) await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

void main();
