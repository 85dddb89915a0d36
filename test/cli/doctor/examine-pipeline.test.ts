import { tmpdir } from 'node:os';
import { createPalette } from '../../../cli/colour.ts';
import { examine } from '../../../cli/doctor/examine.ts';
import type { Finding } from '../../../cli/doctor/finding.ts';
import { renderFindings, summaryOf } from '../../../cli/doctor/render-findings.ts';
import { settingsOf } from '../../fakes/world.ts';
import { type FakeAnswer, type FakeAws, startFakeAws } from './fake-aws.ts';

const PLENTY_MS = 20_000;

const json = (value: unknown, status = 200): FakeAnswer => ({
  status,
  body: JSON.stringify(value),
  headers: { 'content-type': 'application/json' },
});

const problem = (status: number, code: string, detail: string): FakeAnswer =>
  json({ type: `urn:smoother:problem:${code}`, title: code, status, detail, code, retryable: false }, status);

const POOL = {
  pool: 'haiku',
  state: 'idle',
  paused_by_operator: false,
  limits: { warning: null },
  concurrency: { in_flight: 2, most: 30, binds_while_quota_is_free: false },
  waiting: { high: 1, normal: 2, low: 0 },
  dimensions: [],
};

describe('smoother doctor and a pipeline that runs', () => {
  // A server whose answers a test chooses, as it stands in for AWS elsewhere.
  let api: FakeAws;

  beforeEach(async () => {
    api = await startFakeAws();
    api.answer('GET /health', json({ status: 'ok' }));
    api.answer('GET /health?deep=1', json({ status: 'ok', checks: { requests_table: 'ok', bucket: 'ok' } }));
    api.answer('GET /openapi.json', json({ info: { version: '0.1.7' } }));
    api.answer('GET /v1/quota', json({ pools: [POOL] }));
    api.answer('POST /v1/requests/estimate', json({}));
    api.answer('GET /v1/controls', json({}));
  });

  afterEach(() => api.close());

  const look = (
    patienceMs = PLENTY_MS,
    nowMs: () => number = Date.now,
    target: { readonly endpoint: string } | undefined = { endpoint: api.endpoint },
  ): Promise<readonly Finding[]> =>
    examine({
      settings: settingsOf(),
      env: {},
      target,
      credentials: () => async () => {
        throw new Error('nobody');
      },
      dataDir: tmpdir(),
      isAwsAsked: false,
      isDeployed: false,
      isCalled: false,
      nowMs,
      here: { api: api.endpoint, ports: [] },
      patienceMs,
    });

  const find = async (check: string, ...how: Parameters<typeof look>): Promise<Finding | undefined> =>
    (await look(...how)).find((finding) => finding.check === check);

  it('shows what it may do, what is well, and every pool', async () => {
    expect((await look()).slice(2)).toEqual([
      { check: 'endpoint', verdict: 'ok', found: `${api.endpoint} answers` },
      { check: 'clock', verdict: 'ok', found: 'as that of the service' },
      { check: 'version', verdict: 'ok', found: 'the API is 0.1.7, this command 0.1.0' },
      { check: 'rights', verdict: 'ok', found: 'read, submit and admin' },
      { check: 'stores', verdict: 'ok', found: 'requests_table and bucket answer' },
      { check: 'pool haiku', verdict: 'ok', found: 'idle, 2 running, 3 waiting' },
    ]);
  });

  it('finds the one that `npm start` runs where none is named', async () => {
    const findings = await examine({
      settings: settingsOf(),
      env: {},
      target: undefined,
      credentials: () => async () => {
        throw new Error('nobody');
      },
      dataDir: tmpdir(),
      isAwsAsked: false,
      isDeployed: false,
      isCalled: false,
      nowMs: Date.now,
      here: { api: api.endpoint, ports: [] },
    });

    expect(findings.map(({ check }) => check)).toContain('pool haiku');
  });

  it('says that nobody is there', async () => {
    expect((await look(PLENTY_MS, Date.now, { endpoint: 'http://127.0.0.1:9' })).slice(2)).toEqual([
      expect.objectContaining({
        check: 'endpoint',
        verdict: 'failed',
        found: expect.stringContaining('Nothing answers at http://127.0.0.1:9'),
      }),
    ]);
  });

  it('does not wait for an endpoint that is silent', async () => {
    api.answer('GET /health', 'silent');

    expect(await find('endpoint', 20)).toMatchObject({
      verdict: 'failed',
      found: `${api.endpoint} says nothing for 0.02 s.`,
    });
  });

  it('sees another version, and another clock', async () => {
    api.answer('GET /openapi.json', json({ info: { version: '0.2.0' } }));
    const inAnHour = () => Date.now() + 3_600_000;

    expect(await find('version')).toMatchObject({ verdict: 'warning' });
    expect(await find('clock', PLENTY_MS, inAnHour)).toMatchObject({ verdict: 'failed' });
  });

  it('tells whose rights are few from who has none', async () => {
    api.answer('GET /v1/controls', problem(403, 'a_code_of_later', 'The key lacks the scope `admin`.'));
    expect(await find('rights')).toEqual({
      check: 'rights',
      verdict: 'ok',
      found: 'read and submit; not the rest: 403 The key lacks the scope `admin`.',
    });

    for (const call of ['GET /v1/quota', 'POST /v1/requests/estimate', 'GET /health?deep=1'])
      api.answer(call, problem(401, 'unauthenticated', 'No API key came with the request.'));
    expect(await find('rights')).toMatchObject({
      verdict: 'failed',
      found: '401 No API key came with the request.',
      remedy: expect.stringContaining('SMOOTHER_API_KEY'),
    });
    expect(await find('stores')).toMatchObject({ verdict: 'warning' });
  });

  it('names a store that is not well, a pool that is paused, and limits that are not as asked for', async () => {
    api.answer('GET /health?deep=1', problem(503, 'store_not_well', 'Not well: bucket too slow.'));
    api.answer(
      'GET /v1/quota',
      json({
        pools: [
          { ...POOL, pool: 'one', paused_by_operator: true },
          { ...POOL, pool: 'two', limits: { warning: 'Service Quotas names none.' } },
        ],
      }),
    );

    expect(await find('stores')).toMatchObject({
      verdict: 'failed',
      found: '503 Not well: bucket too slow.',
    });
    expect(await find('pool one')).toMatchObject({
      verdict: 'warning',
      remedy: '`smoother resume --pool one --reason …`',
    });
    expect(await find('pool two')).toMatchObject({
      verdict: 'warning',
      remedy: 'two: Service Quotas names none.',
    });
  });
});

describe('what the doctor found', () => {
  const FINDINGS = [
    { check: 'node', verdict: 'ok', found: '20.1.0' },
    { check: 'quota of x', verdict: 'warning', found: 'AWS grants 1', remedy: 'Write 1.' },
    { check: 'clock', verdict: 'failed', found: '600 s ahead', remedy: 'Set it.' },
    { check: 'more', verdict: 'skipped', found: 'not needed' },
  ] as const;

  it('is a line each, and what to do below', () => {
    expect(renderFindings(FINDINGS, createPalette(false))).toBe(
      [
        '✓ node        20.1.0',
        '! quota of x  AWS grants 1',
        '              Write 1.',
        '✗ clock       600 s ahead',
        '              Set it.',
        '– more        not needed',
      ].join('\n'),
    );
  });

  it('is summed up', () => {
    expect(summaryOf(FINDINGS)).toBe('1 to mend (✗), 1 to know (!).');
    expect(summaryOf(FINDINGS.slice(0, 1))).toBe('All is well.');
  });
});
