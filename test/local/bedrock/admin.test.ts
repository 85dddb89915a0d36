import { ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { createRing } from '../../../local/bedrock/ring.ts';
import { changeSettings, toModelSettings } from '../../../local/bedrock/simulated-model.ts';
import { type Bedrock, startBedrock } from '../../../local/bedrock/start-bedrock.ts';
import { createUseSeries } from '../../../local/bedrock/use-series.ts';
import { ask, failureOf, haiku, http1Client } from './bedrock-clients.ts';

interface JsonAnswer {
  readonly status: number;
  readonly body: unknown;
}

async function fetchJson(bedrock: Bedrock, path: string, init: RequestInit = {}): Promise<JsonAnswer> {
  const response = await fetch(`${bedrock.endpoint}${path}`, init);
  return { status: response.status, body: await response.json() };
}

const haikuPath = `/_sim/models/${encodeURIComponent(haiku)}`;

const ended = { at_ms: 1e6, ended_at_ms: 1e6, output_tokens: 0 };

describe('the admin API', () => {
  let bedrock: Bedrock;
  let nowMs: number;

  beforeEach(async () => {
    nowMs = 1_000_000;
    const models = {
      [haiku]: { tokensPerMinute: 600, burndown: 5 },
      other: { tokensPerMinute: 60, burndown: 1 },
    };
    bedrock = await startBedrock({ port: 0, models, latencyScale: 0, clock: () => nowMs });
  });
  afterEach(() => bedrock.close());

  const put = (path: string, value: unknown) =>
    fetchJson(bedrock, path, {
      method: 'PUT',
      body: typeof value === 'string' ? value : JSON.stringify(value),
    });

  it('tells what happened', async () => {
    const client = http1Client(bedrock.endpoint);
    await client.send(ask('[[sim:output_tokens=10]]', 100));
    await failureOf(client.send(ask('too much', 600)));
    await failureOf(client.send(ask('[[sim:status=500]]', 50)));
    await failureOf(client.send(ask('who?', 50, 'nobody')));
    client.destroy();

    const { status, body } = await fetchJson(bedrock, '/_sim/truth?calls=1');
    expect(status).toBe(200);
    expect(body).toEqual({
      at_ms: 1_000_000,
      calls: 4,
      admitted: 2,
      refused: 1,
      invalid: 1,
      answered: 1,
      faults: 1,
      aborted: 0,
      in_flight: 0,
      models: {
        [haiku]: {
          calls: 3,
          admitted: 2,
          refused: 1,
          invalid: 0,
          answered: 1,
          faults: 1,
          aborted: 0,
          in_flight: 0,
          tokens_per_minute: 600,
          size_tokens: 600,
          level_tokens: 544,
          held_tokens: 0,
          settled_tokens: 56,
          dimensions: {
            tpm: {
              limit: 600,
              period_seconds: 60,
              algorithm: 'bucket',
              size: 600,
              left: 544,
              held: 0,
              settled: 56,
            },
          },
          per_second: [{ at_s: 1_000, settled_tokens: 56, settled: { tpm: 56 }, admitted: 2, refused: 1 }],
        },
        other: expect.objectContaining({ calls: 0, level_tokens: 60, per_second: [] }),
      },
      recent_calls: [
        {
          seq: 1,
          at_ms: 1e6,
          ended_at_ms: 1e6,
          model: haiku,
          marker: '[[sim:output_tokens=10]]',
          status: 200,
          output_tokens: 10,
        },
        { ...ended, seq: 2, model: haiku, marker: 'too much', status: 429 },
        { ...ended, seq: 3, model: haiku, marker: '[[sim:status=500]]', status: 500 },
        { ...ended, seq: 4, model: 'nobody', marker: 'who?', status: 400 },
      ],
    });
  });

  it('leaves the calls out unless asked, and keeps 60 characters of a prompt', async () => {
    const client = http1Client(bedrock.endpoint);
    await client.send(ask(`${'x'.repeat(60)}SECRET`, 100));
    client.destroy();
    expect((await fetchJson(bedrock, '/_sim/truth')).body).not.toHaveProperty('recent_calls');
    expect(JSON.stringify(await fetchJson(bedrock, '/_sim/truth?calls=1'))).not.toContain('SECRET');
  });

  it('knows a call by the marker in its metadata, 60 characters of it', async () => {
    const client = http1Client(bedrock.endpoint);
    const { input } = ask('hello', 50);
    const named = (marker: string) =>
      new ConverseCommand({ ...input, requestMetadata: { marker, run: '7' } });
    const answer = await client.send(named('order-17'));
    await client.send(named(`${'😀'.repeat(60)}SECRET`));
    client.destroy();
    expect(bedrock.truth({ calls: true }).recent_calls).toMatchObject([
      { marker: 'order-17' },
      { marker: '😀'.repeat(60) },
    ]);
    expect(answer.output?.message?.content?.[0]?.text).toMatch(/^echo: hello/);
  });

  it('lists the models with their settings', async () => {
    const { body } = await fetchJson(bedrock, '/_sim/models');
    expect(body).toMatchObject({
      models: {
        other: {
          tokensPerMinute: 60,
          burndown: 1,
          burstSeconds: 60,
          maxOutputTokens: 64_000,
          ttftMs: 800,
          outputTokensPerSecond: 60,
          holdWeight: 1,
        },
      },
    });
  });

  it('shows one model by its id', async () => {
    const { status, body } = await fetchJson(bedrock, haikuPath);
    expect({ status, body }).toMatchObject({ status: 200, body: { id: haiku, tokensPerMinute: 600 } });
    expect(await fetchJson(bedrock, '/_sim/models/nope')).toMatchObject({ status: 404 });
  });

  it('changes the quota from now on', async () => {
    expect(await put(haikuPath, { tokensPerMinute: 300 })).toMatchObject({
      status: 200,
      body: { id: haiku },
    });
    expect(bedrock.truth().models[haiku]).toMatchObject({ size_tokens: 300, level_tokens: 300 });
    await put(haikuPath, { tokensPerMinute: 6_000, ttftMs: 0, outputTokensPerSecond: 100 });
    nowMs += 1_000;
    expect(bedrock.truth().models[haiku]).toMatchObject({ size_tokens: 6_000, level_tokens: 400 });
  });

  it.each([
    [haikuPath, { burndown: 0 }, 400, 'burndown must be a number between 0.01 and 1000, got 0'],
    [haikuPath, { tokensPerMinute: null }, 400, 'one quota must be there'],
    [haikuPath, { tokensPerMinute: '5' }, 400, 'tokensPerMinute must be a number between 0 and'],
    [haikuPath, { tokensPerMinute: 5, typo: 1 }, 400, 'typo is no setting of a model'],
    [haikuPath, {}, 400, 'nothing to change'],
    [haikuPath, '{', 400, 'must be a JSON object'],
    ['/_sim/models/nope', { tokensPerMinute: 5 }, 404, 'there is no model nope; known are'],
    ['/_sim/models/other/more', {}, 404, 'there is no model other/more; known are'],
    ['/_sim/nope', {}, 404, 'PUT /_sim/nope is no part'],
    ['/_sim/truth/nope', {}, 404, 'PUT /_sim/truth/nope is no part'],
  ])('refuses PUT %s %j and changes nothing', async (path, value, status, message) => {
    expect(await put(path, value)).toEqual({
      status,
      body: { message: expect.stringContaining(message), faults: [expect.stringContaining(message)] },
    });
    expect(bedrock.truth().models[haiku]).toMatchObject({ tokens_per_minute: 600 });
  });
});

describe('settings of a model', () => {
  it('fills in defaults, also for undefined', () => {
    const undefinedSeconds = Object.fromEntries([['burstSeconds', undefined]]);
    expect(toModelSettings('m', { tokensPerMinute: 5, burndown: 1, ...undefinedSeconds }).burstSeconds).toBe(
      60,
    );
  });

  it.each([
    [{ tokensPerMinute: Number.NaN, burndown: 1 }, 'tokensPerMinute must be'],
    [{ tokensPerMinute: 1, burndown: 1, maxOutputTokens: 1.5 }, 'maxOutputTokens must be a whole number'],
    [{ tokensPerMinute: 1, burndown: 1, brustSeconds: 5 }, 'brustSeconds is no setting of a model'],
  ])('are refused: %j', (model, message) => {
    expect(() => toModelSettings('m', model)).toThrow(message);
  });

  const settings = toModelSettings('m', { tokensPerMinute: 5, burndown: 1 });

  it('take zero tokens a minute', () => {
    expect(changeSettings(settings, { tokensPerMinute: 0 })).toMatchObject({
      kind: 'changed',
      settings: { tokensPerMinute: 0 },
    });
  });

  it('lose a quota by null, but not the last one', () => {
    const changed = changeSettings(settings, { requestsPerMinute: 7, tokensPerMinute: null });
    expect(changed).toMatchObject({ kind: 'changed', settings: { requestsPerMinute: 7 } });
    expect(changed).not.toHaveProperty('settings.tokensPerMinute');
    expect(changeSettings(settings, { tokensPerMinute: null })).toMatchObject({ kind: 'faults' });
  });
});

describe('what is kept', () => {
  it.each([
    [0, []],
    [2, [0, 1]],
    [3, [0, 1, 2]],
    [7, [4, 5, 6]],
  ])('of %i items in a ring of three are the last', (count, expected) => {
    const ring = createRing<number>(3);
    for (let item = 0; item < count; item += 1) ring.push(item);
    expect(ring.items()).toEqual(expected);
  });

  it('is one hour of seconds', () => {
    const series = createUseSeries();
    const atSeconds = (seconds: number, nowMs: number) => series.last(seconds, nowMs).map(({ at_s }) => at_s);
    series.add({ settled: { tpm: 5 } }, 0);
    series.add({ settled: { tpm: 7, rpm: 1 } }, 999);
    series.add({ refused: 1 }, 3_599_000);
    expect(series.last(3_600, 3_599_000)).toEqual([
      { at_s: 0, settled: { tpm: 12, rpm: 1 }, admitted: 0, refused: 0 },
      { at_s: 3_599, settled: {}, admitted: 0, refused: 1 },
    ]);
    expect(atSeconds(3_600, 3_600_000)).toEqual([3_599]);
    series.add({ admitted: 1 }, 3_600_000);
    expect(atSeconds(3_600, 3_600_000)).toEqual([3_599, 3_600]);
    expect(atSeconds(1, 3_600_000)).toEqual([3_600]);
    series.reset();
    expect(atSeconds(3_600, 3_600_000)).toEqual([]);
  });
});
