import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Result } from '../../shared/contract/request.ts';
import {
  collectResults,
  createSqs,
  forEachConcurrently,
  readRequest,
  sendTen,
  submit,
  tensOf,
} from './clients.ts';
import { type SmootherProcess, startSmoother } from './smoother-process.ts';

/** A quota that does not bind, answers twenty times as fast as real ones: the pipeline sets the pace. */
const FAST = [
  '--context',
  'models={"haiku":{"model_id":"sim-haiku","quota":{"tokens_per_minute":1000000000},"prices":{"input":1,"output":5}}}',
  '--context',
  'max_concurrent_executions=300',
  '--context',
  'queue_depth_threshold=1000',
  '--simulator',
  'latency_scale=0.05',
];

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

const envelope = (door: string, index: number) => ({
  custom_id: `${door}-${index}`,
  prompt: `request ${door}-${index} `,
  max_tokens: 50,
  metadata: { door },
});

/** What every answer must be, whichever door its request came by. */
const expectOwnAnswer = (result: Result): void => {
  expect(result).toMatchObject({ status: 'succeeded', tenant: 'default', pool: 'haiku', error: null });
  expect(result.content).toContain(`echo: request ${result.custom_id} `);
  expect(result.metadata.door).toBe(result.custom_id?.split('-')[0]);
};

const byCustomId = (results: readonly Result[]): Map<string, Result[]> => {
  const groups = new Map<string, Result[]>();
  for (const result of results) {
    const id = result.custom_id ?? '';
    groups.set(id, [...(groups.get(id) ?? []), result]);
  }
  return groups;
};

describe('the whole pipeline', () => {
  let dataDir: string;
  let smoother: SmootherProcess | undefined;

  const start = async (): Promise<SmootherProcess> => {
    smoother = await startSmoother({ args: ['--data', dataDir, ...FAST] });
    return smoother;
  };

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'smoother-e2e-'));
  });

  afterEach(async () => {
    smoother?.signal('SIGKILL');
    await smoother?.ended();
    smoother = undefined;
    await rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });

  test('answers 1,000 requests by HTTP and 1,000 by the queue, each once', async () => {
    const { ready } = await start();
    const sqs = createSqs(ready);
    const ids: string[] = [];
    const posting = forEachConcurrently(numbers(1000), 20, async (index) => {
      const { status, body } = await submit(ready.api, envelope('http', index));
      expect(status).toBe(202);
      ids.push(body.request_id);
    });
    const sending = forEachConcurrently(tensOf(numbers(1000)), 5, async (ten) => {
      const taken = await sendTen(
        sqs,
        ready.queues.input ?? '',
        ten.map((index) => envelope('queue', index)),
      );
      expect(taken).toHaveLength(ten.length);
    });
    await Promise.all([posting, sending]);
    const results = await collectResults(sqs, ready.queues.results ?? '', (all) => all.length >= 2000);

    const answers = byCustomId(results);
    expect(answers.size).toBe(2000);
    for (const [, own] of answers) expect(own).toHaveLength(1);
    for (const result of results) expectOwnAnswer(result);
    for (const result of results) expect(result.attempts).toBe(1);
    await forEachConcurrently(ids, 20, async (id) => {
      const read = await readRequest(ready.api, id);
      expect(read.request_id).toBe(id);
      expectOwnAnswer(read);
    });
    const truth = (await (await fetch(`${ready.endpoints.bedrockRuntime}/_sim/truth`)).json()) as {
      readonly calls: number;
    };
    expect(truth.calls).toBe(2000);
    // Nothing more comes: what was answered is answered.
    expect(await collectResults(sqs, ready.queues.results ?? '', () => false, 2)).toEqual([]);
    sqs.destroy();
  }, 180_000);

  test('loses nothing that it accepted when it is killed in the middle and started again', async () => {
    const first = await start();
    const accepted = new Map<string, string>();
    const sent = new Set<string>();
    let killed = false;
    const sqs = createSqs(first.ready);
    const kill = (): void => {
      if (killed || accepted.size + sent.size < 600) return;
      killed = true;
      first.signal('SIGKILL');
    };
    const tolerate = (error: unknown): void => {
      if (!killed) throw error;
    };
    await Promise.all([
      forEachConcurrently(numbers(1000), 20, async (index) => {
        if (killed) return;
        try {
          const { status, body } = await submit(first.ready.api, envelope('http', index));
          if (status === 202) accepted.set(body.custom_id, body.request_id);
          kill();
        } catch (error) {
          tolerate(error);
        }
      }),
      forEachConcurrently(tensOf(numbers(1000)), 5, async (ten) => {
        if (killed) return;
        const bodies = ten.map((index) => envelope('queue', index));
        try {
          for (const index of await sendTen(sqs, first.ready.queues.input ?? '', bodies))
            sent.add(bodies[index]?.custom_id ?? '');
          kill();
        } catch (error) {
          tolerate(error);
        }
      }),
    ]);
    await first.ended();
    expect(killed).toBe(true);
    sqs.destroy();

    const second = await start();
    const consumer = createSqs(second.ready);
    const promised = new Set([...accepted.keys(), ...sent]);
    expect(promised.size).toBeGreaterThanOrEqual(600);
    const results = await collectResults(consumer, second.ready.queues.results ?? '', (all) => {
      const answered = new Set(all.map(({ custom_id }) => custom_id));
      return [...promised].every((id) => answered.has(id));
    });
    consumer.destroy();

    const answers = byCustomId(results);
    expect([...promised].filter((id) => !answers.has(id))).toEqual([]);
    for (const result of results) expectOwnAnswer(result);
    // Notifications may repeat; the end they tell of may not differ.
    for (const [, own] of answers) expect(new Set(own.map((result) => JSON.stringify(result))).size).toBe(1);
    for (const [customId, id] of accepted)
      expect(await readRequest(second.ready.api, id)).toMatchObject({
        custom_id: customId,
        status: 'succeeded',
      });
  }, 180_000);
});
