import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bundleCommand } from '../../stacks/command-bundle.ts';
import { collectResults, createSqs, submit } from './clients.ts';
import { PROJECT_ROOT, startSmoother } from './smoother-process.ts';

describe('the published command', () => {
  let dist: string;
  let dataDir: string;

  beforeAll(async () => {
    // Within the project, so that it finds the installed dependencies as it would in a user's.
    dist = await mkdtemp(join(PROJECT_ROOT, 'dist-test-'));
    dataDir = await mkdtemp(join(tmpdir(), 'smoother-built-'));
    for (const { file, contents } of await bundleCommand(PROJECT_ROOT)) {
      await mkdir(dirname(join(dist, file)), { recursive: true });
      await writeFile(join(dist, file), contents);
    }
  });

  afterAll(async () => {
    await rm(dist, { recursive: true, force: true });
    await rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });

  test.each(['few', 'split'])(
    'runs the whole pipeline without TypeScript, in %s processes',
    async (processes) => {
      const smoother = await startSmoother({
        program: join(dist, 'cli', 'smoother.js'),
        args: ['--data', dataDir, '--simulator', 'latency_scale=0', '--processes', processes],
      });
      const sqs = createSqs(smoother.ready);
      const { body } = await submit(smoother.ready.api, { prompt: 'built', max_tokens: 5 });
      const [result] = await collectResults(
        sqs,
        smoother.ready.queues.results ?? '',
        (all) => all.length > 0,
      );
      sqs.destroy();
      smoother.signal('SIGTERM');
      expect(await smoother.ended()).toMatchObject({ code: 0 });
      expect(result).toMatchObject({ request_id: body.request_id, status: 'succeeded' });
    },
    120_000,
  );
});
