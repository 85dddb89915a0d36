import { createServer } from 'node:net';
import { type CommandEnd, runCommand } from '../../../local/bedrock/command.ts';

const running: CommandEnd[] = [];
afterEach(async () => {
  for (const end of running.splice(0)) if (end.kind === 'running') await end.bedrock.close();
});

async function run(...args: readonly string[]) {
  let out = '';
  let error = '';
  const end = await runCommand(args, {
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

const settingsOf = async ({ end }: { readonly end: CommandEnd }) => {
  if (end.kind === 'ended') return undefined;
  return (await fetch(`${end.bedrock.endpoint}/_sim/models`)).json();
};

it('starts with a model that can be called, and says where', async () => {
  const started = await run('--port', '0');
  expect(started.out).toMatch(
    /^Bedrock is simulated at http:\/\/127\.0\.0\.1:\d+ \(admin http:\/\/127\.0\.0\.1:\d+\/_sim\/\)\n {2}us\.anthropic\.claude-haiku/,
  );
  expect(await settingsOf(started)).toMatchObject({
    latencyScale: 1,
    timeScale: 1,
    models: { 'us.anthropic.claude-haiku-4-5-20251001-v1:0': { tokensPerMinute: 2_000_000, burndown: 5 } },
  });
});

it('prints one line of JSON and nothing else with --json', async () => {
  const { out, error } = await run('--port', '0', '--json', '--model', 'm,tokensPerMinute=5');
  expect(JSON.parse(out)).toEqual({
    endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    admin: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/_sim\/$/),
    models: ['m'],
  });
  expect(out.split('\n')).toEqual([expect.any(String), '']);
  expect(error).toBe('');
});

it('takes every setting of a model, several models and the scales', async () => {
  const timeline = '[{"afterSeconds":5,"value":0.5},{"afterSeconds":9,"value":1}]';
  const started = await run(
    '--port=0',
    '--model',
    `m,tokensPerMinute=5,algorithm=sliding,quotaTimeline=${timeline},rejectCostsRpm=true`,
    '--model',
    'n,inputTokensPerMinute=6,outputTokensPerMinute=7',
    '--latency-scale=0',
    '--time-scale=60',
    '--seed=3',
  );
  expect(await settingsOf(started)).toMatchObject({
    latencyScale: 0,
    timeScale: 60,
    models: {
      m: {
        tokensPerMinute: 5,
        algorithm: 'sliding',
        rejectCostsRpm: true,
        quotaTimeline: [
          { afterSeconds: 5, value: 0.5 },
          { afterSeconds: 9, value: 1 },
        ],
      },
      n: { inputTokensPerMinute: 6, outputTokensPerMinute: 7, burndown: 1 },
    },
  });
});

it('explains every option with --help', async () => {
  const { end, out } = await run('--help');
  expect(end).toEqual({ kind: 'ended', exitCode: 0 });
  for (const name of [
    '--port',
    '--model',
    '--seed',
    '--latency-scale',
    '--time-scale',
    '--forward',
    '--json',
  ]) {
    expect(out).toContain(name);
  }
  expect(out).toContain('quotaTimeline');
});

it.each([
  [['--port', '70000'], 'It must be a port from 0 to 65535.'],
  [['--time-scale', '0'], 'It must be a number of at least 0.001.'],
  [['--seed', '1.5'], 'It must be a whole number of at least 0.'],
  [['--nope'], "unknown option '--nope'"],
  [['--model', 'tokensPerMinute=5'], '--model must begin with the id of the model'],
  [['--model', 'm,fast'], '--model m has "fast", which is not NAME=VALUE.'],
  [['--model', 'm,tokensPerMinute=-1'], 'tokensPerMinute must be a number between 0 and'],
  [['--model', 'm,tokensPerMinute=1', '--model', 'm,tokensPerMinute=2'], '--model names m twice'],
  [['--model', 'm'], 'one quota must be there'],
  [['--forward', 'https://api.example.com/v1'], '--forward must be an http URL of a server on this machine'],
  [['--forward', 'http://me:secret@localhost:11434/v1'], 'without user, query or fragment'],
  [['--forward', 'http://localhost:11434/v1?key=1'], 'without user, query or fragment'],
  [['--forward-model', 'x'], '--forward-model needs --forward.'],
])('says what is wrong with %j, and ends with 2', async (args, message) => {
  const { end, out, error } = await run('--port', '0', ...args);
  expect(end).toEqual({ kind: 'ended', exitCode: 2 });
  expect(error).toContain(message);
  expect(error.trimEnd().split('\n')).toHaveLength(1);
  expect(out).toBe('');
});

it('says that its port is taken', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { end, error } = await run('--port', String(port));
  server.close();
  expect(end).toEqual({ kind: 'ended', exitCode: 2 });
  expect(error).toBe(
    `bedrock-sim: Port ${port} is taken; choose another with --port, or 0 for any free one.\n`,
  );
});
