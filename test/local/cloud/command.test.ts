import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type CommandEnd, runCommand } from '../../../local/cloud/command.ts';
import { createClients, createTestQueue } from './cloud-harness.ts';

const running: CommandEnd[] = [];
let data: string;
beforeEach(async () => {
  data = join(await mkdtemp(join(tmpdir(), 'cloud-command-')), 'data');
});
afterEach(async () => {
  for (const end of running.splice(0)) if (end.kind === 'running') await end.cloud.close();
  await rm(join(data, '..'), { recursive: true });
});

async function run(...args: readonly string[]) {
  let out = '';
  let error = '';
  const end = await runCommand(['--data', data, '--port', '0', ...args], {
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
  });
  running.push(end);
  return { end, out, error };
}

async function stop({ end }: { readonly end: CommandEnd }): Promise<void> {
  running.splice(running.indexOf(end), 1);
  if (end.kind === 'running') await end.cloud.close();
}

it('says where everything is, and what to export', async () => {
  const { out, error } = await run();
  expect(out).toMatch(
    /^SQS, SNS, S3 and DynamoDB are at (http:\/\/127\.0\.0\.1:\d+) \(admin \1\/_cloud\/, data in .*\)\n {2}export AWS_ENDPOINT_URL=\1 AWS_REGION=us-east-1/,
  );
  expect(error).toBe('');
});

it('prints one line of JSON and nothing else with --json', async () => {
  const { out, error } = await run('--json', '--region', 'eu-west-1', '--account', '123456789012');
  expect(JSON.parse(out)).toEqual({
    endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    admin: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/_cloud\/$/),
    region: 'eu-west-1',
    account: '123456789012',
    data,
  });
  expect(out.split('\n')).toHaveLength(2);
  expect(error).toBe('');
  const { sqs, destroy } = createClients(JSON.parse(out).endpoint);
  expect(await createTestQueue({ sqs } as never, {}, 'q')).toBe(`${JSON.parse(out).endpoint}/123456789012/q`);
  destroy();
});

it('starts with the settings that it is given', async () => {
  const { out } = await run('--json', '--fairness', 'fewest-in-flight', '--lossy-abort');
  const settings = await (await fetch(`${JSON.parse(out).admin}settings`)).json();
  expect(settings).toEqual({ fairness: 'fewest-in-flight', lossyAbort: true });
});

it('explains every option with --help', async () => {
  const { end, out } = await run('--help');
  expect(end).toEqual({ kind: 'ended', exitCode: 0 });
  for (const name of ['--data', '--port', '--region', '--account', '--fairness', '--lossy-abort', '--json'])
    expect(out).toContain(name);
});

it.each([
  [['--port', '70000'], 'It must be a port from 0 to 65535.'],
  [['--region', 'Mars'], 'It must be an AWS region such as us-east-1.'],
  [['--account', '12'], 'It must be twelve digits.'],
  [['--fairness', 'none'], 'Allowed choices are off, aws-thresholds, fewest-in-flight.'],
  [['--nope'], "unknown option '--nope'"],
  [['--data', '/dev/null'], 'The folder /dev/null cannot be used: '],
])('says what is wrong with %j, and ends with 2', async (args, message) => {
  const { end, out, error } = await run(...args);
  expect(end).toEqual({ kind: 'ended', exitCode: 2 });
  expect(error).toContain(message);
  expect(error.trimEnd().split('\n')).toHaveLength(1);
  expect(out).toBe('');
});

it('says that its port or its folder is taken', async () => {
  const first = await run('--json');
  const { port } = new URL(JSON.parse(first.out).endpoint);
  expect(await run('--port', port, '--data', join(data, '..', 'other'))).toEqual({
    end: { kind: 'ended', exitCode: 2 },
    out: '',
    error: `cloud: Port ${port} is taken; choose another with --port, or 0 for any free one.\n`,
  });
  expect(await run()).toEqual({
    end: { kind: 'ended', exitCode: 2 },
    out: '',
    error: `cloud: The folder ${data} is in use by another cloud; stop that one, or choose another with --data.\n`,
  });
});

it("leaves alone a folder with somebody else's files", async () => {
  await mkdir(join(data, 'objects'), { recursive: true });
  await writeFile(join(data, 'HEAD'), 'ref: refs/heads/main');
  const { end, error } = await run();
  expect(end).toEqual({ kind: 'ended', exitCode: 2 });
  expect(error).toContain('holds "HEAD", which is no cloud\'s; name an empty or a new folder with --data.');
  expect(await readdir(data)).toEqual(['HEAD', 'objects']);
});

it('says that its log is damaged', async () => {
  await stop(await run());
  await appendFile(join(data, 'messages', '1.log'), 'no line\n');
  const { end, error } = await run();
  expect(end).toEqual({ kind: 'ended', exitCode: 2 });
  expect(error).toMatch(/^cloud: The log of the queues is damaged: .*1\.log has bytes at 0 to 7 /);
});

it.each(['SIGINT', 'SIGTERM'] as const)(
  'ends with 0 on %s, as the command of package.json',
  async (signal) => {
    const script = resolve(__dirname, '../../../local/cloud/main.ts');
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', script, '--json', '--port', '0', '--data', data],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [line] = await once(child.stdout, 'data');
    expect(JSON.parse(String(line))).toMatchObject({ region: 'us-east-1', data });
    const exited = once(child, 'exit');
    child.kill(signal);
    expect(await exited).toEqual([0, null]);
  },
);
