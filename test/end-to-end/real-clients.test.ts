import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_ROOT, type SmootherProcess, startSmoother } from './smoother-process.ts';

const run = promisify(execFile);

const has = (command: string, ...args: readonly string[]) => spawnSync(command, args).status === 0;

/** Where clients of others must be, we would be left with our own. */
const isRequired = (process.env.SMOOTHER_REQUIRE_MOTO ?? '') !== '';

/** A skipped test says why in its name. */
const itWith = (isThere: boolean, what: string) => (name: string, test: () => Promise<void>) => {
  if (isThere) it(name, test, 90_000);
  else if (!isRequired) it.skip(`${name} (skipped: there is no ${what} on this machine)`, test);
  else
    it(name, () => {
      throw new Error(`SMOOTHER_REQUIRE_MOTO is set, but there is no ${what} on this machine.`);
    });
};

/** The fenced block of a page that follows a heading, as it stands there. */
const blockUnder = async (heading: string, file = 'docs/clients.md'): Promise<string> => {
  const page = await readFile(join(PROJECT_ROOT, file), 'utf8');
  const section = page.split(`## ${heading}\n`)[1] ?? '';
  return /```\w+\n(.*?)```/s.exec(section)?.[1] ?? '';
};

describe('clients with nothing of ours installed', () => {
  let dataDir: string;
  let smoother: SmootherProcess;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'smoother-clients-'));
    smoother = await startSmoother({ args: ['--data', dataDir, '--simulator', 'latency_scale=0.05'] });
  }, 60_000);

  afterAll(async () => {
    smoother.signal('SIGTERM');
    await smoother.ended();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }, 60_000);

  const env = () => ({
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
  });

  /** What the page shows for the default ports, at the ports of this run. */
  const here = (text: string): string =>
    text
      .replaceAll('http://127.0.0.1:8787', smoother.ready.api)
      .replaceAll('http://127.0.0.1:4566', smoother.ready.endpoints.sqs);

  itWith(has('curl', '--version'), 'curl')('curl submits, and waits for the answer', async () => {
    const { stdout } = await run('sh', ['-ec', here(await blockUnder('curl'))], { env: env() });
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
      custom_id: 'by-curl',
      status: 'succeeded',
    });
  });

  itWith(has('aws', '--version'), 'aws CLI')('the aws CLI posts to a queue and receives', async () => {
    const { stdout } = await run('sh', ['-ec', here(await blockUnder('aws CLI'))], { env: env() });
    expect(stdout).toContain('\\"custom_id\\":\\"by-aws\\"');
  });

  itWith(has('python3', '-c', 'import boto3'), 'boto3')('boto3 posts to a queue and receives', async () => {
    const { stdout } = await run('python3', ['-c', here(await blockUnder('boto3'))], { env: env() });
    expect(JSON.parse(stdout)).toMatchObject({ custom_id: 'by-boto3', status: 'succeeded' });
  });

  itWith(has('python3', '-c', 'import boto3'), 'boto3')('boto3 takes what it sent as it ends', async () => {
    const program = here(await blockUnder('Clients', 'docs/local.md'));
    const { stdout } = await run('python3', ['-c', program], { env: env() });
    const orders = stdout.split('\n').filter((line) => line.startsWith('order-'));
    expect(new Set(orders.map((line) => line.split(' ').slice(0, 2).join(' '))).size).toBe(10);
    expect(orders.every((line) => line.split(' ')[1] === 'succeeded')).toBe(true);
  });
});
