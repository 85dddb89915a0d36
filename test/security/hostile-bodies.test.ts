import { createSubmitApp } from '../../functions/ingestion/submit-app.ts';
import { createSubmitBatch } from '../../functions/ingestion/submit-batch.ts';
import { createReadApp } from '../../functions/query/read-app.ts';
import { ROUTES, type Route } from '../../shared/contract/routes.ts';
import { acceptDepsOf, createWorld, type World } from '../fakes/world.ts';
import { callWith } from '../functions/keyed-calls.ts';
import { eventOf } from '../functions/sqs-events.ts';

const nested = (open: string, close: string, levels: number): string =>
  open.repeat(levels) + close.repeat(levels);

const BOMBS: readonly (readonly [name: string, text: string])[] = [
  ['two million arrays, one in the other', nested('[', ']', 2_000_000)],
  ['half a million objects, one in the other', `${'{"a":'.repeat(500_000)}1${'}'.repeat(500_000)}`],
  ['depth inside a prompt', `{"prompt": ${nested('[', ']', 1_000_000)}}`],
  ['depth inside converse', `{"converse": ${nested('[', ']', 20_000)}}`],
  [
    'depth inside a block',
    `{"messages": [{"role": "user", "content": [{"image": ${nested('[', ']', 5_000)}}]}]}`,
  ],
  [
    'depth inside a body of InvokeModel',
    `{"model": "haiku", "invoke_model": {"a": ${nested('[', ']', 20_000)}}}`,
  ],
  ['depth inside metadata', `{"prompt": "x", "metadata": ${`{"a":`.repeat(10_000)}1${'}'.repeat(10_000)}}`],
  ['depth inside a batch', `{"requests": [${nested('[', ']', 1_000_000)}]}`],
  ['a million of nothing', `[${'[],'.repeat(1_000_000)}[]]`],
  ['300,000 names', `{${Array.from({ length: 300_000 }, (_, index) => `"n${index}":1`).join()}}`],
  ['a name of 3 MB', `{"${'n'.repeat(3_000_000)}": 1}`],
  ['a number of a million digits', `{"prompt": "x", "max_tokens": ${'9'.repeat(1_000_000)}}`],
  ['a fraction of a million digits', `{"prompt": "x", "temperature": 1.${'1'.repeat(1_000_000)}}`],
  ['escapes', `{"custom_id": "${'\\u0000'.repeat(500_000)}"}`],
  ['a tenant of 3 MB', `{"prompt": "x", "tenant": "${'a-'.repeat(1_500_000)}/"}`],
  ['a time of 3 MB', `{"prompt": "x", "deadline": "${'2'.repeat(3_000_000)}"}`],
];

const POLLUTIONS: readonly (readonly [name: string, text: string])[] = [
  ['at the top', '{"prompt": "x", "__proto__": {"polluted": "yes"}}'],
  ['by the constructor', '{"prompt": "x", "constructor": {"prototype": {"polluted": "yes"}}}'],
  ['in metadata', '{"prompt": "x", "metadata": {"__proto__": "yes", "constructor": "yes"}}'],
  ['deep in metadata', '{"prompt": "x", "metadata": {"__proto__": {"polluted": "yes"}}}'],
  [
    'in converse',
    '{"converse": {"messages": [{"role": "user", "content": [{"text": "x"}]}], "__proto__": {"polluted": "yes"}}}',
  ],
  [
    'in free fields',
    '{"converse": {"messages": [{"role": "user", "content": [{"text": "x"}]}], "additionalModelRequestFields": {"__proto__": {"polluted": "yes"}}}}',
  ],
  [
    'in a body of InvokeModel',
    '{"model": "haiku", "invoke_model": {"__proto__": {"polluted": "yes"}, "messages": [{"__proto__": {"polluted": "yes"}}]}}',
  ],
  [
    'as names',
    '{"prompt": "x", "model": "__proto__", "tenant": "constructor", "custom_id": "__proto__", "idempotency_key": "__proto__"}',
  ],
  ['in an order', '{"tenant": "constructor", "weight": 2, "reason": "r", "__proto__": {"polluted": "yes"}}'],
  [
    'in a batch',
    '{"requests": [{"prompt": "x", "__proto__": {"polluted": "yes"}}], "__proto__": {"polluted": "yes"}}',
  ],
];

const ALL: readonly Route[] = ROUTES;
const TAKING = ALL.filter(({ method }) => method === 'POST').map(({ path }) =>
  path.replace('{id}', 'bat_00000000000000000000000000'),
);

const expectClean = (): void => {
  expect(({} as Readonly<Record<string, unknown>>).polluted).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(Object.keys(Array.prototype)).toEqual([]);
};

const post = async (world: World, path: string, text: string): Promise<number> => {
  const deps = acceptDepsOf(world);
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: text };
  const app =
    ALL.find((route) => route.path === path)?.function === 'query'
      ? createReadApp(deps)
      : createSubmitApp(deps);
  return (await app.request(path, init)).status;
};

describe('bodies that are meant to break things', () => {
  it.each(BOMBS)('%s are refused at every route, and nothing is accepted', async (_, text) => {
    const world = createWorld();
    for (const path of TAKING) {
      const status = await post(world, path, text);
      expect([path, status >= 400 && status < 500]).toEqual([path, true]);
    }
    expect(world.requests.all()).toEqual([]);
    expect(world.telemetry.events.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it.each(BOMBS.filter(([, text]) => text.length < 1_048_576))(
    '%s are answered on the queue, once',
    async (_, text) => {
      const world = createWorld();
      const { batchItemFailures } = await createSubmitBatch(acceptDepsOf(world))(eventOf(text));
      expect(batchItemFailures).toEqual([]);
      expect(world.requests.all()).toEqual([]);
      expect(world.queues.bodies('results')).toHaveLength(1);
    },
  );

  it.each(POLLUTIONS)('no prototype changes by what is sent %s', async (_, text) => {
    const world = createWorld({ settings: { operators: ['*'] } });
    for (const path of TAKING) expect([path, (await post(world, path, text)) < 500]).toEqual([path, true]);
    const { batchItemFailures } = await createSubmitBatch(acceptDepsOf(world))(eventOf(text));
    expect(batchItemFailures).toEqual([]);
    expectClean();
  });

  it.each([
    '?__proto__=1',
    '?__proto__[polluted]=yes',
    '?constructor.prototype.polluted=yes',
    '?limit=1&__proto__=1',
  ])('no prototype changes by the query %s', async (query) => {
    const { status } = await callWith(createWorld(), { method: 'GET', path: `/v1/batches${query}` });
    expect(status).toBe(422);
    expectClean();
  });
});
