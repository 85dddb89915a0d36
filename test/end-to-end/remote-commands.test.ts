import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchCommand } from './run-process.ts';
import { type SmootherProcess, startSmoother } from './smoother-process.ts';

describe('commands against a running pipeline', () => {
  let folder: string;
  let smoother: SmootherProcess;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'smoother-remote-'));
    smoother = await startSmoother({
      args: ['--data', join(folder, 'data'), '--simulator', 'latency_scale=0'],
    });
  }, 60_000);

  afterAll(async () => {
    smoother.signal('SIGTERM');
    await smoother.ended();
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }, 60_000);

  const command = (...args: readonly string[]) =>
    launchCommand(args, { cwd: folder, env: { SMOOTHER_ENDPOINT: smoother.ready.api } }).ended;

  it('submit prints the answer that it waits for, and the same key is the same request', async () => {
    const waited = await command('submit', 'Hello [[sim:text=Hi there]]', '--key', 'k1', '--wait');
    expect(waited).toMatchObject({ code: 0, stdout: 'Hi there\n' });
    const again = await command('submit', 'Hello [[sim:text=Hi there]]', '--key', 'k1', '--json');
    const view = JSON.parse(again.stdout) as { request_id: string; status: string };
    expect(view.status).toBe('succeeded');
    expect(await command('status', view.request_id)).toMatchObject({ code: 0, stdout: 'Hi there\n' });
    expect(await command('cancel', view.request_id)).toMatchObject({
      code: 0,
      stderr: `${view.request_id} is succeeded.\n`,
    });
    const listed = await command('list', 'requests', '--status', 'succeeded');
    expect(listed.stdout).toContain(`${view.request_id}\t-\tsucceeded\thaiku\tnormal\t`);
  }, 90_000);

  it('submit ends with code 1 when the request failed, and with 3 when it is refused', async () => {
    const failed = await command('submit', '[[sim:status=403]]', '--wait');
    expect(failed.code).toBe(1);
    const refused = await command('submit', '{"prompt": "x", "max_tokens": 0}');
    expect(refused).toMatchObject({ code: 3, stdout: '' });
    expect(refused.stderr).toContain('/max_tokens: must be at least 1');
  }, 60_000);

  it('estimate, batch, watch and results take a file from its price to its answers', async () => {
    await writeFile(join(folder, 'prompts.txt'), 'one\ntwo\nthree\n');
    const estimate = await command('estimate', 'prompts.txt');
    expect(estimate.stdout).toMatch(/^3 requests, about [\d,]+ tokens in and [\d,]+ out\nabout \$/);
    const sent = await command('batch', 'prompts.txt', '--custom-id', 'three');
    const batchId = sent.stdout.trim();
    expect(batchId).toMatch(/^bat_/);
    const watched = await command('watch', batchId, '--json');
    expect(watched.code).toBe(0);
    expect(JSON.parse(watched.stdout)).toMatchObject({ counts: { total: 3, succeeded: 3 } });
    expect(watched.stderr).toContain('3 done, 0 failed in ');
    const results = await command('results', batchId);
    const ids = results.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { custom_id: string }).custom_id);
    expect(ids).toEqual(['line-1', 'line-2', 'line-3']);
    const listed = await command('list', 'batches');
    expect(listed.stdout).toContain(`${batchId}\tthree\tended\t3\t0\t3\t`);
  }, 120_000);

  it('batch follows a file to its end, and writes its results', async () => {
    await writeFile(join(folder, 'some.txt'), 'one\ntwo [[sim:status=403]]\n');
    const ended = await command('batch', 'some.txt', '--wait', '--out', 'out.jsonl');
    expect(ended.code).toBe(1);
    expect((await readFile(join(folder, 'out.jsonl'), 'utf8')).trim().split('\n')).toHaveLength(2);
  }, 60_000);

  it('batch uploads what is too large for one call', async () => {
    const prompt = 'x'.repeat(1024 * 1024);
    await writeFile(join(folder, 'large.jsonl'), `${JSON.stringify({ prompt })}\n`.repeat(5));
    const ended = await command('batch', 'large.jsonl', '--wait', '--max-tokens', '5', '--out', 'large.out');
    expect(ended.stderr).toContain('5 requests.');
    expect((await readFile(join(folder, 'large.out'), 'utf8')).trim().split('\n')).toHaveLength(5);
  }, 90_000);

  it('doctor looks at the pipeline that is named, and ends with 1 where something has to be mended', async () => {
    const { code, stdout } = await command('doctor');
    expect(stdout).toContain('✓ rights      read, submit and admin\n');
    expect(stdout).toMatch(/^✓ version {5}the API is /m);
    // On a busy machine a store may take longer than health waits for it.
    expect(code).toBe(stdout.includes('✗') ? 1 : 0);
    expect(stdout).toMatch(/^[✓!] pool haiku {2}\w+, \d+ running, \d+ waiting$/m);

    const nobody = await command('doctor', '--endpoint', 'http://127.0.0.1:9', '--json');
    expect({ code: nobody.code, stderr: nobody.stderr }).toEqual({ code: 1, stderr: '' });
    expect(JSON.parse(nobody.stdout)).toMatchObject({
      ok: false,
      findings: [{ check: 'node' }, { check: 'settings' }, { check: 'endpoint', verdict: 'failed' }],
    });
  }, 60_000);

  it('pause and resume say who and why, and quota shows it', async () => {
    const paused = await command('pause', '--pool', 'haiku', '--reason', 'a test');
    expect(paused).toMatchObject({ code: 0, stderr: 'pool haiku is paused.\n' });
    const quota = await command('quota', '--json');
    expect(JSON.parse(quota.stdout)).toMatchObject({ pools: [{ pool: 'haiku', paused_by_operator: true }] });
    expect(await command('resume', '--pool', 'haiku', '--reason', 'over')).toMatchObject({ code: 0 });
    expect((await command('quota')).stdout).toMatch(/^haiku\t[\w ]+\ttokens_per_minute\t2,000,000\t/);
    expect((await command('pause', '--reason', 'x')).stderr).toContain('Name one of --pool');
  }, 90_000);

  it('say what to do when nothing answers', async () => {
    const { code, stderr } = await command('quota', '--endpoint', 'http://127.0.0.1:9');
    expect(code).toBe(2);
    expect(stderr).toContain('Nothing answers at http://127.0.0.1:9');
  }, 60_000);

  it('complete their own names in a shell', async () => {
    const { stdout } = await command('completion', 'bash');
    const completed = (words: string, place: number) =>
      spawnSync('bash', [
        '-c',
        `${stdout}\nCOMP_WORDS=(${words}); COMP_CWORD=${place}; _smoother; echo "\${COMPREPLY[@]}"`,
      ]).stdout.toString();
    expect(completed('smoother qu', 1)).toBe('quota\n');
    expect(completed('smoother run --or', 2)).toBe('--ordered\n');
  }, 60_000);
});
