import { createSubmitApp } from '../../functions/ingestion/submit-app.ts';
import { createReadApp } from '../../functions/query/read-app.ts';
import { acceptDepsOf, type World } from '../fakes/world.ts';
import { createPatient, killPrompts } from '../flows/dead-letters/dead.ts';

const ROLE = 'arn:aws:iam::123456789012:role/Ops';

const signedBy = (arn: string | undefined) =>
  arn === undefined ? undefined : { event: { requestContext: { authorizer: { iam: { userArn: arn } } } } };

const jsonOf = async (response: Response) => ({
  status: response.status,
  body: (await response.json()) as Readonly<Record<string, unknown>>,
});

const post = async (world: World, body: unknown, arn?: string) =>
  jsonOf(
    await world.clock.run(
      Promise.resolve(
        createSubmitApp(acceptDepsOf(world)).request(
          '/v1/dead-letters/redrive',
          { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
          signedBy(arn),
        ),
      ),
    ),
  );

const get = async (world: World, path: string, arn?: string) =>
  jsonOf(await createReadApp(acceptDepsOf(world)).request(path, {}, signedBy(arn)));

const deadWorld = async (prompts: readonly string[], operators: readonly string[] = ['*']) => {
  const patient = createPatient({ settings: { operators } });
  const ids = await killPrompts(patient, prompts);
  return { world: patient.world, ids };
};

describe('dead letters over HTTP', () => {
  it('are listed page by page, and read', async () => {
    const { world, ids } = await deadWorld(['a', 'b', 'c']);
    const first = await get(world, '/v1/dead-letters?limit=2&reason=model_access_denied&model=haiku');
    expect(first.status).toBe(200);
    expect(first.body.dead_letters).toHaveLength(2);
    const second = await get(world, `/v1/dead-letters?limit=2&cursor=${first.body.next_cursor}`);
    expect(second.body.dead_letters).toHaveLength(1);
    expect(second.body.next_cursor).toBeNull();
    expect(await get(world, `/v1/dead-letters/${ids[0]}`)).toMatchObject({
      status: 200,
      body: { request_id: ids[0], reason: 'model_access_denied', generation: 0 },
    });
  });

  it('are sent again, and who did so is listed', async () => {
    const { world } = await deadWorld(['a'], [ROLE]);
    const answer = await post(world, { why: 'access is back' }, ROLE);
    expect(answer).toMatchObject({
      status: 200,
      body: { dry_run: false, operator: ROLE, matched: 1, reopened: 1, faults: [], next_cursor: null },
    });
    expect(await get(world, '/v1/redrives', ROLE)).toMatchObject({
      status: 200,
      body: {
        redrives: [
          { redrive_id: answer.body.redrive_id, by: ROLE, why: 'access is back', reopened: 1, is_over: true },
        ],
        next_before: null,
      },
    });
  });

  it.each([
    ['nobody is named', [], ROLE],
    ['the caller is another', [ROLE], 'arn:aws:iam::123456789012:role/Dev'],
    ['the caller is unknown', [ROLE], undefined],
  ])('are closed where %s', async (_, operators, arn) => {
    const { world, ids } = await deadWorld(['a'], operators);
    const refused = { status: 403, body: { code: 'not_an_operator' } };
    expect(await get(world, '/v1/dead-letters', arn)).toMatchObject(refused);
    expect(await get(world, `/v1/dead-letters/${ids[0]}`, arn)).toMatchObject(refused);
    expect(await get(world, '/v1/redrives', arn)).toMatchObject(refused);
    expect(await post(world, { why: 'x' }, arn)).toMatchObject(refused);
    expect(world.requests.all()).toMatchObject([{ status: 'failed' }]);
  });

  it.each<[string, unknown, readonly string[]]>([
    ['says nothing', {}, ['/why']],
    ['is no object', [], ['']],
    ['has another field', { why: 'x', filters: {} }, ['/filters']],
    ['names no reason there is', { why: 'x', filter: { reason: 'expired' } }, ['/filter/reason']],
    [
      'names no pool',
      { why: 'x', filter: { model: 'gpt' }, set: { model: 'gpt' } },
      ['/filter/model', '/set/model'],
    ],
    ['sets what cannot be set', { why: 'x', set: { prompt: 'other' } }, ['/set/prompt']],
    ['is too fast', { why: 'x', per_second: 101 }, ['/per_second']],
    ['has a cursor of its own', { why: 'x', cursor: 'abc' }, ['/cursor']],
    ['names what is no id', { why: 'x', request_ids: ['../x'] }, ['/request_ids/0']],
  ])('refuse an order that %s', async (_, order, pointers) => {
    const { world } = await deadWorld([]);
    const { status, body } = await post(world, order);
    expect(status).toBe(422);
    const errors = body.errors as readonly { readonly pointer: string }[];
    expect(errors.map(({ pointer }) => pointer)).toEqual(pointers);
  });

  it.each([
    ['/v1/dead-letters?reason=canceled', 'reason'],
    ['/v1/dead-letters?model=gpt', 'model'],
    ['/v1/dead-letters?older_than_seconds=-1', 'older_than_seconds'],
    ['/v1/dead-letters?limit=101', 'limit'],
    ['/v1/dead-letters?cursor=abc', 'cursor'],
    ['/v1/dead-letters?reasons=x', 'reasons'],
    ['/v1/redrives?limit=0', 'limit'],
    ['/v1/redrives?before=abc', 'before'],
  ])('refuse %s', async (path, parameter) => {
    const { world } = await deadWorld([]);
    expect(await get(world, path)).toMatchObject({ status: 422, body: { errors: [{ parameter }] } });
  });

  it.each(['req_00000000000000000000000000', 'redrive', 'x'])('do not find %s', async (id) => {
    const { world } = await deadWorld([]);
    expect(await get(world, `/v1/dead-letters/${id}`)).toMatchObject({ status: 404 });
  });
});
