import { createSubmitApp } from '../../functions/ingestion/submit-app.ts';
import { createReadApp } from '../../functions/query/read-app.ts';
import { chain, type Effect } from '../fakes/interpose.ts';
import { acceptDepsOf, createWorld, type World } from '../fakes/world.ts';

const ROLE = 'arn:aws:iam::123456789012:role/Ops';
const ALICE = 'arn:aws:sts::123456789012:assumed-role/Ops/alice';

const signedBy = (arn: string | undefined) =>
  arn === undefined ? undefined : { event: { requestContext: { authorizer: { iam: { userArn: arn } } } } };

const post = async (world: World, body: unknown, arn?: string) => {
  const response = await createSubmitApp(acceptDepsOf(world)).request(
    '/v1/controls',
    { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
    signedBy(arn),
  );
  return { status: response.status, body: (await response.json()) as Readonly<Record<string, unknown>> };
};

const get = async (world: World, path: string, arn?: string) => {
  const response = await createReadApp(acceptDepsOf(world)).request(path, {}, signedBy(arn));
  return { status: response.status, body: (await response.json()) as Readonly<Record<string, unknown>> };
};

const worldOf = (operators: readonly string[] = ['*']): World => createWorld({ settings: { operators } });

describe('controls over HTTP', () => {
  it('are set, shown and listed with who set them', async () => {
    const world = worldOf([ROLE]);
    const set = await post(world, { tenant: 'acme', paused: true, reason: 'it floods' }, ALICE);
    const shown = {
      version: 1,
      operator: ALICE,
      controls: [
        {
          kind: 'tenant',
          name: 'acme',
          paused: true,
          quota: null,
          weight: null,
          reason: 'it floods',
          changed_at: '2026-01-31T12:00:00.000Z',
          changed_by: ALICE,
        },
      ],
    };

    expect(set).toEqual({ status: 200, body: shown });
    expect(await get(world, '/v1/controls', ALICE)).toEqual({ status: 200, body: shown });
    expect(world.telemetry.events).toContainEqual({
      level: 'warn',
      event: 'controls_changed',
      fields: { version: 1, by: ALICE, subject: 'tenant', name: 'acme' },
    });
  });

  it('list their changes, latest first, page by page', async () => {
    const world = worldOf();
    for (const weight of [1, 2, 3]) await post(world, { tenant: 'a', weight, reason: `to ${weight}` });
    const reasons = ({ body }: Awaited<ReturnType<typeof get>>) =>
      (body.changes as readonly { readonly reason: string }[]).map(({ reason }) => reason);

    const first = await get(world, '/v1/controls/changes?limit=2');
    expect(reasons(first)).toEqual(['to 3', 'to 2']);
    expect(first.body.next_before).toBe(2);
    const second = await get(world, '/v1/controls/changes?limit=2&before=2');
    expect(second.body).toMatchObject({
      changes: [{ version: 1, by: 'anybody', before: null, after: { weight: 1 } }],
      next_before: null,
    });
  });

  it.each([
    ['nobody is named', [], ALICE],
    ['the caller is another', [ROLE], 'arn:aws:sts::123456789012:assumed-role/Dev/eve'],
    ['the caller is unknown', [ROLE], undefined],
  ])('are closed where %s', async (_, operators, arn) => {
    const world = worldOf(operators);
    const refused = { status: 403, body: { code: 'not_an_operator' } };

    expect(await post(world, { pool: 'haiku', paused: true, reason: 'r' }, arn)).toMatchObject(refused);
    expect(await get(world, '/v1/controls', arn)).toMatchObject(refused);
    expect(await get(world, '/v1/controls/changes', arn)).toMatchObject(refused);
    expect(await world.controls.read()).toMatchObject({ version: 0 });
  });

  it.each([
    [
      {},
      [
        ['/reason', 'required'],
        ['', 'must name exactly one of'],
        ['', 'must change at least one of'],
      ],
    ],
    [
      { pool: 'opus', paused: true },
      [
        ['/reason', 'required'],
        ['/pool', 'must be one of haiku'],
      ],
    ],
    [{ reason: 'r', paused: true }, [['', 'must name exactly one of pool, tenant and priority']]],
    [{ reason: 'r', pool: 'haiku', tenant: 't', paused: true }, [['', 'must name exactly one of']]],
    [{ reason: 'r', pool: 'opus', paused: true }, [['/pool', 'must be one of haiku, not `opus`']]],
    [{ reason: 'r', tenant: '-t', paused: true }, [['/tenant', 'must be letters']]],
    [{ reason: 'r', tenant: 't', quota: { tokens_per_minute: 1 } }, [['/quota', 'is a limit of a pool']]],
    [{ reason: 'r', pool: 'haiku', weight: 2 }, [['/weight', 'is a share of a tenant']]],
    [{ reason: 'r', pool: 'haiku' }, [['', 'must change at least one of paused, quota and weight']]],
    [{ reason: 'r', pool: 'haiku', paused: 'yes' }, [['/paused', 'must be a boolean']]],
    [{ reason: ' ', pool: 'haiku', paused: true }, [['/reason', 'must not be empty']]],
    [{ reason: 'r', pool: 'haiku', pausd: true }, [['/pausd', 'did you mean `paused`?']]],
  ])('%j is refused with its faults', async (body, faults) => {
    const answer = await post(worldOf(), body);
    const errors = answer.body.errors as readonly { pointer: string; code: string; detail: string }[];

    expect(answer.status).toBe(422);
    expect(errors.map(({ pointer }) => pointer)).toEqual(faults.map(([pointer]) => pointer));
    for (const [index, [, words = '']] of faults.entries())
      expect(`${errors[index]?.code} ${errors[index]?.detail}`).toContain(words);
  });

  it('leave a pool something beside its headroom, and name it where they would not', async () => {
    const world = createWorld({
      settings: {
        operators: ['*'],
        models: {
          haiku: { model_id: 'm', quota: { tokens_per_minute: 1000 }, headroom: { tokens_per_minute: 300 } },
        },
      },
    });
    const order = (tokens: number) => ({ pool: 'haiku', quota: { tokens_per_minute: tokens }, reason: 'r' });

    expect(await post(world, order(300))).toMatchObject({
      status: 422,
      body: {
        errors: [
          {
            pointer: '/quota/tokens_per_minute',
            detail:
              'must be more than the pool’s headroom (300 tokens a minute), not 300: nothing would be left; `paused` stops the pool',
          },
        ],
      },
    });
    expect(await post(world, order(301))).toMatchObject({ status: 200 });
  });

  it.each(['limit=0', 'limit=101', 'limit=x', 'before=0', 'before=-1', 'befor=1'])(
    'a list by %s is refused',
    async (query) => {
      expect((await get(worldOf(), `/v1/controls/changes?${query}`)).status).toBe(422);
    },
  );

  it('both hold when two operators change them at once', async () => {
    const world = worldOf();
    await Promise.all([
      post(world, { tenant: 'a', paused: true, reason: 'r' }),
      post(world, { tenant: 'b', paused: true, reason: 'r' }),
    ]);

    expect((await world.controls.read()).controls.map(({ name }) => name).toSorted()).toEqual(['a', 'b']);
    expect((await get(world, '/v1/controls/changes')).body.changes).toHaveLength(2);
  });

  it('are in the list of changes though their writer died right after the write', async () => {
    const world = worldOf();
    const dies = async ({ port, method }: Effect, perform: () => Promise<unknown>): Promise<unknown> => {
      const done = await perform();
      if (port === 'controls' && method === 'write') throw new Error('died');
      return done;
    };
    const app = createSubmitApp(acceptDepsOf(world, chain(dies)));
    const order = (tenant: string) =>
      app.request('/v1/controls', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ tenant, paused: true, reason: 'r' }),
      });
    expect((await order('a')).status).toBe(500);
    expect((await order('b')).status).toBe(500);

    expect((await get(world, '/v1/controls/changes')).body).toMatchObject({
      changes: [{ name: 'b' }, { name: 'a' }],
    });
  });
});
