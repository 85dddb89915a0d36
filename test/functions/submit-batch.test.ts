import { createSubmitApp } from '../../functions/ingestion/submit-app.ts';
import { createSubmitBatch } from '../../functions/ingestion/submit-batch.ts';
import { failing, nameOf } from '../fakes/interpose.ts';
import { acceptDepsOf, createWorld, type World } from '../fakes/world.ts';
import { heldIn, NORMAL_LANE } from '../flows/submissions.ts';
import { BAD_INPUTS } from './bad-inputs.ts';
import { eventOf } from './sqs-events.ts';

describe('the queue’s door for submitting', () => {
  let world: World;

  beforeEach(() => {
    world = createWorld();
  });

  const submit = (bodies: readonly unknown[], around?: Parameters<typeof acceptDepsOf>[1]) =>
    createSubmitBatch(acceptDepsOf(world, around))(eventOf(...bodies));

  const answers = (): readonly Readonly<Record<string, unknown>>[] =>
    world.queues.bodies('results').map((body) => JSON.parse(body) as Readonly<Record<string, unknown>>);

  it('takes a whole batch', async () => {
    expect(await submit([{ prompt: 'a', tenant: 'alpha' }, { prompt: 'b' }])).toEqual({
      batchItemFailures: [],
    });
    expect(heldIn(world, NORMAL_LANE).map(({ tenant }) => tenant)).toEqual(['alpha', 'default']);
    expect(answers()).toEqual([]);
  });

  it('answers a refusal on the results queue, and is done with the message', async () => {
    const response = await submit([{ prompt: 'x', max_tokens: 0, custom_id: 'order-1', tenant: 'alpha' }]);
    expect(response).toEqual({ batchItemFailures: [] });
    expect(answers()).toEqual([
      {
        request_id: null,
        custom_id: 'order-1',
        tenant: 'alpha',
        status: 'failed',
        message_id: 'm-0',
        error: expect.objectContaining({ code: 'invalid_request', status: 422 }),
      },
    ]);
  });

  it.each(BAD_INPUTS)('answers %s with the problem that HTTP gives', async (_, input) => {
    const text = typeof input === 'string' ? input : JSON.stringify(input);
    const response = await createSubmitApp(acceptDepsOf(world)).request('/v1/requests', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: text,
    });
    const problem = await response.json();
    expect(problem).toMatchObject({ code: 'invalid_request', errors: expect.any(Array) });
    expect(await submit([text])).toEqual({ batchItemFailures: [] });
    expect(answers().map(({ error }) => error)).toEqual([problem]);
  });

  it('says in the dead letters which message it was, and why it lies there', async () => {
    await submit(['not json']);
    expect(world.queues.attributes('input-dlq')).toEqual([
      { original_message_id: 'm-0', reason: 'malformed_json' },
    ]);
  });

  it('sets aside without a word what has no room for one', async () => {
    const largest = 'x'.repeat(1_048_576);
    expect(await submit([largest])).toEqual({ batchItemFailures: [] });
    expect(world.queues.bodies('input-dlq')).toEqual([largest]);
    expect(world.queues.attributes('input-dlq')).toEqual([{}]);
  });

  it('sends what is no JSON to the input’s dead letters as it is, and counts it', async () => {
    expect(await submit(['not json', { prompt: 'good' }])).toEqual({ batchItemFailures: [] });
    expect(world.queues.bodies('input-dlq')).toEqual(['not json']);
    expect(world.telemetry.total('UnreadableMessages')).toBe(1);
    expect(heldIn(world, NORMAL_LANE)).toHaveLength(1);
  });

  it('lets a message come again whose refusal, or dead letter, was not taken', async () => {
    world.queues.refuse('results', () => true);
    world.queues.refuse('input-dlq', () => true);
    expect(await submit([{}, 'not json', { prompt: 'good' }])).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm-0' }, { itemIdentifier: 'm-1' }],
    });
  });

  it('lets only those come again that could not be made durable', async () => {
    world.queues.refuse(NORMAL_LANE, (body) => body.includes('unlucky'));
    expect(await submit([{ prompt: 'a' }, { prompt: 'unlucky' }, {}, { prompt: 'b' }])).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm-1' }],
    });
  });

  it('makes one request of two deliveries of a message', async () => {
    await submit([{ prompt: 'a' }]);
    await submit([{ prompt: 'a' }]);
    expect(world.requests.all()).toHaveLength(1);
  });

  it('refuses the second of two messages with one key and two bodies', async () => {
    await submit([
      { prompt: 'a', idempotency_key: 'k', custom_id: 'one' },
      { prompt: 'b', idempotency_key: 'k', custom_id: 'two' },
    ]);
    expect(answers()).toMatchObject([{ custom_id: 'two', error: { code: 'idempotency_conflict' } }]);
  });

  it.each<[string, unknown]>([
    ['an array nested too deep', `{"prompt":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['a key named __proto__', '{"prompt":"x","__proto__":{"a":1}}'],
    ['a custom id as long as a message may be', { prompt: 'x', custom_id: 'x'.repeat(1_000_000) }],
    ['a tenant as long as a message may be', { prompt: 'x', tenant: 'x'.repeat(1_000_000) }],
    [
      'a field named as long as a message may be',
      { prompt: 'x', metadata: { ['x'.repeat(1_000_000)]: 'y' } },
    ],
    ['more faults than an answer holds', { prompt: 'x', stop_sequences: Array(60_000).fill('') }],
    ['a model named as long as a message may be', { prompt: 'x', model: 'm'.repeat(1_000_000) }],
    [
      'more unknown fields than an answer holds',
      Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`max_token${index}`, 1])),
    ],
    ['lone surrogates', '{"prompt":"\\ud800","custom_id":"\\udfff"}'],
  ])('is not held up by %s', async (_, poison) => {
    expect(await submit([{ prompt: 'before' }, poison, { prompt: 'after' }])).toEqual({
      batchItemFailures: [],
    });
    expect(heldIn(world, NORMAL_LANE).map(({ converse }) => converse?.messages[0]?.content[0]?.text)).toEqual(
      ['before', 'after'],
    );
    expect(answers()).toMatchObject([{ message_id: 'm-1', status: 'failed' }]);
  });

  it('names the first hundred of very many faults, and says how many there are', async () => {
    await submit([{ prompt: 'x', stop_sequences: Array(2000).fill('') }]);
    expect(answers()).toMatchObject([
      { error: { detail: '2000 faults, of which the first 100 are named; nothing was accepted.' } },
    ]);
    expect(world.queues.bodies('results')[0]?.match(/must not be empty/g)).toHaveLength(100);
  });

  it('fails nothing but the one whose parts are broken', async () => {
    const around = failing(
      (effect) => nameOf(effect) === 'requests.create' && JSON.stringify(effect.args).includes('"order-2"'),
    );
    const bodies = [1, 2, 3].map((number) => ({ prompt: 'x', custom_id: `order-${number}` }));
    expect(await submit(bodies, around)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm-1' }] });
  });
});
