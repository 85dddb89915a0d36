import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBedrock } from '../../local/bedrock/start-bedrock.ts';
import { collectResults, createSqs, sendTen, submit } from './clients.ts';
import { runSmoother, type SmootherProcess, startSmoother } from './smoother-process.ts';

const listening = async (): Promise<{ readonly server: Server; readonly port: number }> => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { server, port: (server.address() as AddressInfo).port };
};

/** Whatever else runs on the machine. */
const FREE_PORTS = ['--port', '0', '--cloud-port', '0', '--simulator-port', '0'];

const READY_KEYS = ['api', 'ops', 'sdk', 'region', 'endpoints', 'queues', 'tables', 'bucket', 'pid'];

describe('smoother start', () => {
  let folder: string;
  const running: SmootherProcess[] = [];

  const start = async (args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) => {
    const started = await startSmoother({ args: ['--data', join(folder, 'data'), ...args], env });
    running.push(started);
    return started;
  };
  const run = (args: readonly string[], cwd?: string, env: Readonly<Record<string, string>> = {}) =>
    runSmoother({
      env,
      args: ['start', '--json', ...FREE_PORTS, '--data', join(folder, 'data'), ...args],
      ...(cwd === undefined ? {} : { cwd }),
    });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'smoother-start-'));
  });

  afterEach(async () => {
    for (const started of running.splice(0)) {
      started.signal('SIGKILL');
      await started.ended();
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });

  test('prints one line of JSON that says where everything is, and nothing else to its end', async () => {
    const started = await start();
    const { ready } = started;
    expect(Object.keys(ready)).toEqual(READY_KEYS);
    expect(Object.keys(ready.endpoints)).toEqual([
      'sqs',
      'dynamodb',
      's3',
      'sns',
      'bedrockRuntime',
      'serviceQuotas',
      'cloudWatch',
    ]);
    expect(ready.tables).toEqual({ requests: 'smoother-requests', reporting: 'smoother-reporting' });
    expect(Object.keys(ready.queues)).toEqual(expect.arrayContaining(['input', 'results', 'wake']));
    expect((await fetch(`${ready.api}/health`)).status).toBe(200);
    const page = await fetch(ready.ops);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toContain('hold-haiku-high-express');
    await submit(ready.api, { prompt: 'hello', max_tokens: 5 });
    await submit(ready.api, '{');
    started.signal('SIGTERM');
    const exit = await started.ended();
    expect(exit.code).toBe(0);
    expect(started.stdoutLines).toHaveLength(1);
  }, 180_000);

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'ends with code 0 on %s',
    async (signal) => {
      const started = await start();
      started.signal(signal);
      expect(await started.ended()).toMatchObject({ code: 0 });
    },
    60_000,
  );

  test('writes logs and metrics into files, without a word of a prompt or an answer', async () => {
    const started = await start(['--simulator', 'latency_scale=0']);
    const { ready } = started;
    const sqs = createSqs(ready);
    await sendTen(sqs, ready.queues.input ?? '', [
      { prompt: 'zebra', max_tokens: 5 },
      { prompt: 'zebra', x: 1 },
    ]);
    const results = await collectResults(sqs, ready.queues.results ?? '', (all) => all.length >= 2);
    sqs.destroy();
    expect(results.map(({ status }) => status).sort()).toEqual(['failed', 'succeeded']);
    // What is told of a result is written after it was sent: all of it is there when everything has ended.
    started.signal('SIGTERM');
    await started.ended();
    const logs = join(folder, 'data', 'logs');
    const texts = await Promise.all((await readdir(logs)).map((name) => readFile(join(logs, name), 'utf8')));
    const all = texts.join('\n');
    expect(all).toContain('"request_finished"');
    expect(all).toContain('"CloudWatchMetrics"');
    expect(all).not.toContain('zebra');
  }, 180_000);

  test('uses Bedrock as given, and embeds none', async () => {
    const bedrock = await startBedrock({
      port: 0,
      latencyScale: 0,
      models: { 'us.anthropic.claude-haiku-4-5-20251001-v1:0': { tokensPerMinute: 1_000_000, burndown: 5 } },
    });
    try {
      const { ready } = await start([], { AWS_ENDPOINT_URL_BEDROCK_RUNTIME: bedrock.endpoint });
      expect(ready.endpoints.bedrockRuntime).toBe(bedrock.endpoint);
      const sqs = createSqs(ready);
      await submit(ready.api, { prompt: 'to the given one', max_tokens: 5 });
      const [result] = await collectResults(sqs, ready.queues.results ?? '', (all) => all.length >= 1);
      sqs.destroy();
      expect(result?.content).toContain('to the given one');
      expect(bedrock.truth().calls).toBe(1);
    } finally {
      await bedrock.close();
    }
  }, 180_000);

  test('keeps requests across a stop, and forgets them with --reset', async () => {
    const first = await start();
    const { body } = await submit(first.ready.api, { prompt: 'hello', max_tokens: 5 });
    first.signal('SIGTERM');
    await first.ended();
    const second = await start();
    expect((await fetch(`${second.ready.api}/v1/requests/${body.request_id}`)).status).toBe(200);
    second.signal('SIGTERM');
    await second.ended();
    const third = await start(['--reset']);
    expect((await fetch(`${third.ready.api}/v1/requests/${body.request_id}`)).status).toBe(404);
  }, 180_000);

  test('lets no second instance use the same data', async () => {
    const first = await start();
    const second = await run([]);
    expect(second).toMatchObject({ code: 2, stdout: '' });
    expect(second.stderr).toMatch(
      new RegExp(
        `^smoother: The data folder .*data is in use by another smoother \\(process ${first.ready.pid}\\)`,
      ),
    );
  }, 180_000);

  test.each(['--port', '--cloud-port', '--simulator-port'])(
    'says in a sentence that the port of %s is taken',
    async (option) => {
      const { server, port } = await listening();
      const exit = await run([option, String(port)]);
      server.close();
      expect(exit).toMatchObject({ code: 2, stdout: '' });
      expect(exit.stderr).toMatch(
        new RegExp(`^smoother: Port ${port} for .* is taken; choose another with ${option},`),
      );
      expect(exit.stderr.split('\n')).toHaveLength(1);
    },
    60_000,
  );

  test('says in a sentence that its data are damaged, and starts with none of them left out', async () => {
    const first = await start();
    await submit(first.ready.api, { prompt: 'hello', max_tokens: 5 });
    first.signal('SIGKILL');
    await first.ended();
    const directory = join(folder, 'data', 'cloud', 'dynamodb');
    const log = (await readdir(directory)).find((name) => name.endsWith('.log')) ?? '';
    const bytes = await readFile(join(directory, log));
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    await writeFile(join(directory, log), bytes);

    const exit = await run([]);
    expect(exit).toMatchObject({ code: 2, stdout: '' });
    expect(exit.stderr).toMatch(
      /^smoother: The data is damaged: .+\.log has bytes at 0 that were not written so\. Restore the data folder from a copy, or start with an empty one\.$/,
    );
  });

  test('says in a sentence that the data folder cannot be used', async () => {
    await writeFile(join(folder, 'data'), 'a file');
    const exit = await run([]);
    expect(exit).toMatchObject({ code: 2, stdout: '' });
    expect(exit.stderr).toMatch(/^smoother: The data folder .* cannot be used: /);
    expect(exit.stderr.split('\n')).toHaveLength(1);
  }, 180_000);

  test('touches no folder that holds other files, not even with --reset', async () => {
    await mkdir(join(folder, 'data', 'logs'), { recursive: true });
    await writeFile(join(folder, 'data', 'logs', 'app.log'), 'precious');
    const exit = await run(['--reset']);
    expect(exit).toMatchObject({ code: 2, stdout: '' });
    expect(exit.stderr).toMatch(/^smoother: The data folder .*data holds files that are not smoother's; /);
    expect(await readFile(join(folder, 'data', 'logs', 'app.log'), 'utf8')).toBe('precious');
  }, 180_000);

  test.each([
    ['nonsense', 'smoother: AWS_ENDPOINT_URL_SQS must be an http or https URL, not "nonsense".'],
    [
      'http://127.0.0.1:1',
      /^smoother: The service at http:\/\/127\.0\.0\.1:1 \(AWS_ENDPOINT_URL_SQS\) cannot be used: .*ECONNREFUSED.* Start it, correct AWS_ENDPOINT_URL_SQS, or unset it to use the embedded one/,
    ],
  ])(
    'says in a sentence that the SQS at %s cannot be used',
    async (endpoint, message) => {
      const exit = await run([], undefined, { AWS_ENDPOINT_URL_SQS: endpoint });
      expect(exit).toMatchObject({ code: 2, stdout: '' });
      expect(exit.stderr).toMatch(message);
      expect(exit.stderr.split('\n')).toHaveLength(1);
    },
    60_000,
  );

  test.each([
    [
      'minutes_to_process=20',
      'smoother: The configuration has a fault: minutes_to_process must be at most 10.',
    ],
    [
      'minutes_to_proces=5',
      'smoother: The configuration has a fault: minutes_to_proces is not known here; did you mean `minutes_to_process`?',
    ],
    ['models={"haiku"', /^smoother: The configuration has a fault: models must be valid JSON: /],
    ['aws_region', 'smoother: The configuration has a fault: --context must be NAME=JSON, not `aws_region`.'],
  ])(
    'refuses --context %s in a sentence',
    async (override, message) => {
      const exit = await run(['--context', override]);
      expect(exit).toMatchObject({ code: 2, stdout: '' });
      expect(exit.stderr).toMatch(message);
      expect(exit.stderr.split('\n')).toHaveLength(1);
    },
    60_000,
  );

  test.each([
    ['5', /^smoother: .*cdktf\.json must hold a JSON object\.$/],
    ['{"context": []}', /^smoother: The context of .*cdktf\.json must be a JSON object\.$/],
    ['{', /^smoother: .*cdktf\.json is not valid JSON: /],
  ])(
    'refuses a cdktf.json of %s',
    async (text, message) => {
      const cwd = join(folder, 'project');
      await mkdir(cwd);
      await writeFile(join(cwd, 'cdktf.json'), text);
      const exit = await run([], cwd);
      expect(exit).toMatchObject({ code: 2, stdout: '' });
      expect(exit.stderr).toMatch(message);
    },
    60_000,
  );

  test('names every fault of cdktf.json at once', async () => {
    const cwd = join(folder, 'project');
    await mkdir(cwd);
    await writeFile(
      join(cwd, 'cdktf.json'),
      JSON.stringify({ context: { alarm_threshold: 0, models: { haiku: { model_id: 'm', quota: {} } } } }),
    );
    const exit = await run([], cwd);
    expect(exit.code).toBe(2);
    expect(exit.stderr.split('\n')).toEqual([
      'smoother: The configuration has 2 faults:',
      '  alarm_threshold must be at least 1',
      '  models.haiku.quota must name at least one of tokens_per_minute, input_tokens_per_minute, output_tokens_per_minute',
    ]);
  }, 180_000);

  test.each([
    [['--simulator', 'speed=3'], /^smoother: --simulator does not know speed; /],
    [
      ['--simulator', 'latency_scale=fast'],
      'smoother: --simulator latency_scale must be a number of at least 0, not "fast".',
    ],
    [['--port', '70000'], /^error: option '--port <port>' argument '70000' is invalid\. It must be a port/],
    [['--prot', '1'], /^error: unknown option '--prot'/],
  ])(
    'refuses %j with code 2',
    async (args, message) => {
      const exit = await run(args);
      expect(exit).toMatchObject({ code: 2, stdout: '' });
      expect(exit.stderr).toMatch(message);
    },
    60_000,
  );

  test('takes settings from --context', async () => {
    const { ready } = await start([
      '--context',
      'aws_region=eu-west-1',
      '--context',
      'default_model="haiku"',
    ]);
    expect(ready.region).toBe('eu-west-1');
  }, 180_000);
});
