import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bedrock, startBedrock } from '../../local/bedrock/start-bedrock.ts';
import type { Result } from '../../shared/contract/request.ts';
import { startOpenAiServer } from '../local/bedrock/openai-server.ts';
import { launchCommand, linesOf, type RunningCommand, untilLines } from './run-process.ts';

const MODEL = 'us.anthropic.claude-haiku-4-5-20251001-v1:0';

/** Calls are told by their first words. */
const promptOf = (number: number): string => `Question ${String(number).padStart(4, '0')}`;

const numberedPrompt = (customId: string | null): string => promptOf(Number(customId?.slice(5)));

const prompts = (count: number): string =>
  Array.from({ length: count }, (_, index) => `${promptOf(index + 1)}\n`).join('');

const idsOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `line-${index + 1}`);

describe('smoother run', () => {
  let folder: string;
  let out: string;
  const running: RunningCommand[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'smoother-run-'));
    out = join(folder, 'results.jsonl');
  });

  afterEach(async () => {
    for (const { child, ended } of running.splice(0)) {
      child.kill('SIGKILL');
      await ended;
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });

  const launch = (args: readonly string[], env: Readonly<Record<string, string>> = {}, input?: string) => {
    const started = launchCommand(['run', ...args], {
      cwd: folder,
      env,
      ...(input === undefined ? {} : { input }),
    });
    running.push(started);
    return started;
  };

  const results = (): readonly Result[] => linesOf(out).map((line) => JSON.parse(line) as Result);
  const sortedIds = (): readonly (string | null)[] =>
    results()
      .map(({ custom_id: id }) => id)
      .sort((one, other) => Number(one?.slice(5)) - Number(other?.slice(5)));

  const AT_ONCE = ['--simulator', 'latency_scale=0'];

  it('answers a file of prompts, says that it was simulated, and that a second time there is nothing to do', async () => {
    await writeFile(join(folder, 'prompts.txt'), prompts(40));
    const args = ['prompts.txt', '--model', 'haiku', '--out', 'results.jsonl', '--json', ...AT_ONCE];
    const first = await launch(args).ended;
    expect(first).toMatchObject({ code: 0 });
    expect(JSON.parse(first.stdout)).toMatchObject({
      total: 40,
      succeeded: 40,
      failed: 0,
      model_service: 'simulator',
    });
    expect(first.stderr).toContain('prompts.txt: 40 requests (one prompt a line');
    expect(first.stderr).toContain('The model is a simulator');
    expect(first.stderr).toContain('40 done, 0 failed in ');
    expect(first.stderr).not.toContain('\u001b');
    expect(sortedIds()).toEqual(idsOf(40));
    const again = await launch(args).ended;
    expect(again).toMatchObject({ code: 0 });
    expect(again.stderr).toContain('All of it is answered already: 40 done, 0 failed, in results.jsonl.');
    expect(sortedIds()).toEqual(idsOf(40));
  }, 120_000);

  it('names every fault by its line, and sends nothing', async () => {
    await writeFile(
      join(folder, 'prompts.jsonl'),
      '{"prompt": "fine"}\n{"prompt": "x", "max_tokens": 0}\n{"prompt": \n',
    );
    const { code, stdout, stderr } = await launch(['prompts.jsonl', '--out', 'results.jsonl']).ended;
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toBe(
      [
        'smoother: prompts.jsonl has 2 faults; nothing was sent.',
        '  line 2 /max_tokens: must be at least 1',
        '  line 3: is not valid JSON: each line must be one whole object',
        '',
      ].join('\n'),
    );
    expect(linesOf(out)).toEqual([]);
  }, 60_000);

  it.each([
    ['a file that is not there', ['nothing.txt'], 'nothing.txt cannot be read'],
    ['a model that is not there', ['prompts.txt', '--model', 'haikku'], 'There is no model haikku'],
    [
      'a file of somebody else’s',
      ['prompts.txt', '--out', 'mine.txt'],
      'holds something else than results of this run',
    ],
    ['an unknown option', ['prompts.txt', '--fast'], "unknown option '--fast'"],
  ])(
    'ends with code 2 for %s',
    async (_, args, sentence) => {
      await writeFile(join(folder, 'prompts.txt'), prompts(1));
      await writeFile(join(folder, 'mine.txt'), 'precious\n');
      const { code, stderr } = await launch(args).ended;
      expect(code).toBe(2);
      expect(stderr).toContain(sentence);
      expect(await readFile(join(folder, 'mine.txt'), 'utf8')).toBe('precious\n');
    },
    60_000,
  );

  it('writes to standard output in order, and ends with code 1 when some failed', async () => {
    const input = `${promptOf(1)} [[sim:delay_ms=500]]\n${promptOf(2)} [[sim:status=403]]\n${promptOf(3)}\n`;
    const { code, stdout } = await launch(['-', '--ordered', ...AT_ONCE], {}, input).ended;
    const told = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Result);
    expect(told.map(({ custom_id: id, status }) => [id, status])).toEqual([
      ['line-1', 'succeeded'],
      ['line-2', 'failed'],
      ['line-3', 'succeeded'],
    ]);
    expect(code).toBe(1);
  }, 60_000);

  it('answers in the form that it was asked in', async () => {
    const line = {
      custom_id: 'order/17',
      method: 'POST',
      url: '/v1/chat/completions',
      body: { model: 'gpt-x', messages: [{ role: 'user', content: '[[sim:text=Paris]]' }], max_tokens: 5 },
    };
    await writeFile(join(folder, 'batch.jsonl'), `${JSON.stringify(line)}\n`);
    const { code, stdout } = await launch(['batch.jsonl', '--model', 'haiku', '--format', 'same', ...AT_ONCE])
      .ended;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      custom_id: 'order/17',
      response: { status_code: 200, body: { choices: [{ message: { content: 'Paris' } }] } },
      error: null,
    });
  }, 60_000);

  it('has an OpenAI-compatible server answer, and keeps its work apart from the simulator’s', async () => {
    const server = await startOpenAiServer();
    server.answer = {
      kind: 'json',
      status: 200,
      body: {
        choices: [{ message: { role: 'assistant', content: 'from my own' }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 7, completion_tokens: 3 },
      },
    };
    try {
      await writeFile(join(folder, 'prompts.txt'), prompts(3));
      const openai = ['--model-service', 'openai', '--base-url', server.baseUrl, '--model', 'llama3.2:1b'];
      const { code, stderr } = await launch(['prompts.txt', '--out', 'results.jsonl', ...openai]).ended;
      expect(stderr).toContain(`The model service is llama3.2:1b at ${server.baseUrl}.`);
      expect(code).toBe(0);
      expect(results().map(({ content, model }) => [content, model])).toEqual(
        Array.from({ length: 3 }, () => ['from my own', 'llama3.2:1b']),
      );
      expect(server.requests.map(({ model }) => model)).toEqual([
        'llama3.2:1b',
        'llama3.2:1b',
        'llama3.2:1b',
      ]);
      const simulated = await launch(['prompts.txt', '--data', '.smoother-openai', ...AT_ONCE]).ended;
      expect(simulated.code).toBe(2);
      expect(simulated.stderr).toContain('belongs to runs of the model service openai');
    } finally {
      await server.close();
    }
  }, 120_000);

  describe('interrupted', () => {
    const COUNT = 300;
    const CONCURRENCY = 10;
    /** The last third takes its time: however late a busy machine looks, the run has not ended yet. */
    const unhurried = (count: number): string =>
      Array.from(
        { length: count },
        (_, index) => `${promptOf(index + 1)}${index < 200 ? '' : ' [[sim:delay_ms=400]]'}\n`,
      ).join('');
    let bedrock: Bedrock;
    let env: Readonly<Record<string, string>>;
    const args = ['prompts.txt', '--out', 'results.jsonl', '--concurrency', String(CONCURRENCY)];

    beforeEach(async () => {
      // About 60 ms an answer.
      bedrock = await startBedrock({
        port: 0,
        latencyScale: 0.02,
        models: { [MODEL]: { tokensPerMinute: 2_000_000, burndown: 5 } },
      });
      env = { AWS_ENDPOINT_URL_BEDROCK_RUNTIME: bedrock.endpoint };
      await writeFile(join(folder, 'prompts.txt'), unhurried(COUNT));
    });

    afterEach(() => bedrock.close());

    const callsByPrompt = (): Map<string, number> => {
      const calls = new Map<string, number>();
      for (const { marker } of bedrock.truth({ calls: true }).recent_calls ?? []) {
        const prompt = marker.slice(0, promptOf(1).length);
        calls.set(prompt, (calls.get(prompt) ?? 0) + 1);
      }
      return calls;
    };

    it('by Ctrl+C goes on with the same command: every call is made once, every result there once', async () => {
      const first = launch(args, env);
      await untilLines(out, 50, first);
      first.child.kill('SIGINT');
      const { code, stderr } = await first.ended;
      expect(code).toBe(130);
      expect(stderr).toContain('interrupted; the same command goes on from here');
      const before = linesOf(out).length;
      expect(before).toBeLessThan(COUNT);
      const second = await launch(args, env).ended;
      expect(second.code).toBe(0);
      expect(second.stderr).toContain(`Going on with an earlier run: ${before} results are there already.`);
      expect(sortedIds()).toEqual(idsOf(COUNT));
      expect(bedrock.truth()).toMatchObject({ calls: COUNT, answered: COUNT });
    }, 300_000);

    it('by kill -9, twice, pays no answer twice that was written, and loses and repeats no result', async () => {
      const paid = new Map<string, number>();
      for (const count of [40, 120]) {
        const killed = launch(args, env);
        await untilLines(out, count, killed);
        killed.child.kill('SIGKILL');
        await killed.ended;
        const calls = callsByPrompt();
        for (const { custom_id: id } of results())
          paid.set(numberedPrompt(id), calls.get(numberedPrompt(id)) ?? 0);
      }
      expect(await launch(args, env).ended).toMatchObject({ code: 0 });
      expect(sortedIds()).toEqual(idsOf(COUNT));
      const calls = callsByPrompt();
      expect([...paid].filter(([prompt, count]) => calls.get(prompt) !== count)).toEqual([]);
      // What a killed drain had in its hands is asked again, and says so: calls under way, and answers of its last half second.
      const attempts = new Map(
        results().map((result) => [numberedPrompt(result.custom_id), result.attempts]),
      );
      const untold = [...calls].filter(([prompt, count]) => count > (attempts.get(prompt) ?? 0));
      expect(untold).toEqual([]);
    }, 300_000);
  });
});
