import type { SQSRecord } from 'aws-lambda';
import { createSubmitBatch } from '../../functions/ingestion/submit-batch.ts';
import { acceptDepsOf, createWorld, type World } from '../fakes/world.ts';
import { drain } from '../flows/drain/drains.ts';
import { recordOf } from './sqs-events.ts';

const sentBy = (SenderId: string, body: unknown): SQSRecord => {
  const record = recordOf(`by-${SenderId}`, JSON.stringify(body));
  return { ...record, attributes: { ...record.attributes, SenderId } };
};

const send = (world: World, ...Records: readonly SQSRecord[]) =>
  createSubmitBatch(acceptDepsOf(world))({ Records: [...Records] });

const results = (world: World) =>
  world.queues.bodies('results').map((text) => JSON.parse(text) as Readonly<Record<string, unknown>>);

describe('the input queue, where senders are tenants', () => {
  let world: World;

  beforeEach(() => {
    world = createWorld({ settings: { tenants: { alpha: { senders: ['AROAALPHAALPHA'] } } } });
  });

  it('goes by who sent a message, and its result says nothing of an assertion', async () => {
    await send(world, sentBy('AROAALPHAALPHA:session', { prompt: 'x' }));
    await drain(world);
    expect(world.requests.all()).toMatchObject([{ tenant: 'alpha' }]);
    expect(results(world)).toMatchObject([{ tenant: 'alpha', status: 'succeeded' }]);
    expect(results(world)[0]).not.toHaveProperty('tenant_asserted');
  });

  it('refuses a message that says it is another’s', async () => {
    await send(world, sentBy('AROAALPHAALPHA:session', { prompt: 'x', tenant: 'beta', custom_id: 'c' }));
    expect(world.requests.all()).toEqual([]);
    expect(results(world)).toMatchObject([
      { custom_id: 'c', error: { code: 'invalid_request', errors: [{ code: 'tenant_mismatch' }] } },
    ]);
  });

  it('refuses a message of somebody nobody named, whatever it says, and takes the one beside it', async () => {
    const response = await send(
      world,
      sentBy('AIDAEVEEVEEVE', { prompt: 'x', tenant: 'alpha', custom_id: 'eve' }),
      sentBy('AROAALPHAALPHA:x', { prompt: 'x', tenant: 'alpha' }),
      sentBy('', { prompt: 'x', custom_id: 'nobody' }),
    );
    expect(response.batchItemFailures).toEqual([]);
    expect(world.requests.all()).toMatchObject([{ tenant: 'alpha' }]);
    expect(results(world)).toMatchObject([
      { custom_id: 'eve', error: { code: 'unknown_tenant' } },
      { custom_id: 'nobody', error: { code: 'unknown_tenant' } },
    ]);
  });
});

describe('the input queue, where nothing is known of senders', () => {
  it('takes the tenant as sent, and says so in the record and the result', async () => {
    const world = createWorld();
    await send(world, sentBy('AIDAEVEEVEEVE', { prompt: 'x', tenant: 'beta' }), sentBy('B', { prompt: 'x' }));
    await drain(world);
    expect(world.requests.all()).toMatchObject([
      { tenant: 'beta', tenantAsserted: true },
      { tenant: 'default' },
    ]);
    expect(results(world)).toMatchObject([{ tenant: 'beta', tenant_asserted: true }, { tenant: 'default' }]);
    expect(world.requests.all()[1]).not.toHaveProperty('tenantAsserted');
    expect(results(world)[1]).not.toHaveProperty('tenant_asserted');
  });
});
