import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collectResults, createSqs, submit } from './clients.ts';
import { runSmoother, type SmootherProcess, startSmoother } from './smoother-process.ts';

const ROLES = [
  'parent',
  'cloud',
  'simulator',
  'ingestion',
  'prioritization',
  'query',
  'reconciler',
  'splitter',
];

const LOOK_MS = 50;
const pause = (): Promise<void> => new Promise((done) => setTimeout(done, LOOK_MS));

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Bounded by the test's own timeout. */
const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await pause();
};

describe('smoother start --processes split', () => {
  let dataDir: string;
  const running: SmootherProcess[] = [];

  const start = async (): Promise<SmootherProcess> => {
    const started = await startSmoother({
      args: ['--data', dataDir, '--processes', 'split', '--simulator', 'latency_scale=0'],
    });
    running.push(started);
    return started;
  };

  const pidsNow = async (): Promise<Readonly<Record<string, number>>> =>
    JSON.parse(await readFile(join(dataDir, 'processes.json'), 'utf8'));

  const answerTo = async ({ ready }: SmootherProcess, prompt: string): Promise<string | null | undefined> => {
    const sqs = createSqs(ready);
    const { body } = await submit(ready.api, { prompt, max_tokens: 20 });
    const results = await collectResults(sqs, ready.queues.results ?? '', (all) =>
      all.some(({ request_id }) => request_id === body.request_id),
    );
    sqs.destroy();
    return results.find(({ request_id }) => request_id === body.request_id)?.content;
  };

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'smoother-split-'));
  });

  afterEach(async () => {
    for (const started of running.splice(0)) {
      started.signal('SIGKILL');
      for (const pid of Object.values(started.ready.processes ?? {}))
        if (isAlive(pid)) process.kill(pid, 'SIGKILL');
      await started.ended();
    }
    await rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });

  test('names a process for each part, and ends them all on SIGINT', async () => {
    const started = await start();
    const pids = started.ready.processes ?? {};
    expect(Object.keys(pids).sort()).toEqual([...ROLES].sort());
    expect(new Set(Object.values(pids)).size).toBe(ROLES.length);
    expect(pids.parent).toBe(started.ready.pid);
    expect(await answerTo(started, 'hello')).toContain('echo: hello');
    started.signal('SIGINT');
    const { code, stderr } = await started.ended();
    // Where the last receive is still under way it says that it finishes first, and nothing else.
    expect([code, stderr.replace(/^smoother: finishing the calls in flight; .*\n?/, '')]).toEqual([0, '']);
    await until(() => !Object.values(pids).some(isAlive));
  }, 180_000);

  test('starts each part again that is killed, and goes on where everybody finds it', async () => {
    const started = await start();
    const before = started.ready.processes ?? {};
    for (const role of ROLES.slice(1)) process.kill(before[role] ?? 0, 'SIGKILL');
    await until(async () => {
      const now = await pidsNow();
      return ROLES.slice(1).every((role) => now[role] !== before[role]);
    });
    expect(await answerTo(started, 'again')).toContain('echo: again');
    started.signal('SIGTERM');
    const { stderr } = await started.ended();
    expect(stderr).toContain(`the cloud process ${before.cloud} ended by itself (SIGKILL)`);
  }, 180_000);

  test('leaves no orphan when the parent is killed', async () => {
    const started = await start();
    const pids = Object.values(started.ready.processes ?? {});
    started.signal('SIGKILL');
    await started.ended();
    await until(() => !pids.some(isAlive));
  }, 180_000);

  test('takes no drain for ended that sleeps through the death of its parent', async () => {
    const first = await start();
    const drain = first.ready.processes?.prioritization ?? 0;
    process.kill(drain, 'SIGSTOP');
    first.signal('SIGKILL');
    // It holds the pipe of its parent's words, too, so only their ids tell who is there.
    await until(() => !isAlive(first.ready.pid));
    expect(isAlive(drain)).toBe(true);
    const second = await start();
    expect(isAlive(drain)).toBe(false);
    expect(await answerTo(second, 'after all')).toContain('echo: after all');
  }, 180_000);

  test('refuses --drains where there is one process for all functions', async () => {
    const exit = await runSmoother({ args: ['start', '--json', '--data', dataDir, '--drains', '2'] });
    expect(exit).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'smoother: --drains needs --processes split.',
    });
  }, 180_000);
});
