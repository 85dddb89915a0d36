import { quotaInForce } from '../../../shared/core/quota/quota-in-force.ts';
import { readQuotaIfAny } from '../../../shared/flows/quota/read-quota-if-any.ts';
import { createReadQuota } from '../../../shared/flows/read-quota.ts';
import { type Around, failing } from '../../fakes/interpose.ts';
import { acceptDepsOf, createWorld, drainDepsOf, type World } from '../../fakes/world.ts';

const NAME = 'Cross-region model inference tokens per minute for Amazon Nova Lite';
const HOUR_MS = 3_600_000;

const worldOf = (pool: object = {}): World =>
  createWorld({
    settings: {
      models: {
        lite: {
          model_id: 'us.amazon.nova-lite-v1:0',
          quota: 'service-quotas',
          fallback_quota: { tokens_per_minute: 700 },
          ...pool,
        },
      },
    },
  });

const look = async (world: World, around?: Around) => {
  const { lite } = world.settings.models;
  if (lite === undefined) throw new Error('no pool');
  const reading = await world.clock.run(readQuotaIfAny('lite', lite, drainDepsOf(world, around)));
  return quotaInForce(lite, { reading });
};

const logged = (world: World, event: string) =>
  world.telemetry.events.filter((each) => each.event === event).map(({ fields }) => fields);

const shown = async (world: World) => {
  const [pool] = await world.clock.run(createReadQuota(acceptDepsOf(world))());
  return { ...pool?.limits, dimensions: pool?.dimensions.map(({ name, limit }) => [name, limit]) };
};

describe('the quota from Service Quotas', () => {
  it('is read once an hour, however many drains begin', async () => {
    const world = worldOf();
    world.serviceQuotas.grant({ [NAME]: 4000 });
    await look(world);
    world.serviceQuotas.grant({ [NAME]: 5000 });

    expect(await look(world)).toMatchObject({
      source: 'service-quotas',
      limits: { tokens_per_minute: 4000 },
    });
    expect(world.serviceQuotas.looks()).toBe(1);

    await world.clock.run(world.clock.sleep(HOUR_MS));
    expect(await look(world)).toMatchObject({ limits: { tokens_per_minute: 5000 } });
    expect(world.serviceQuotas.looks()).toBe(2);
  });

  it('is warned of, logged and shown, where it is no more than the headroom', async () => {
    const world = worldOf({ headroom: { tokens_per_minute: 500 } });
    world.serviceQuotas.grant({ [NAME]: 500 });
    expect(await look(world)).toMatchObject({ limits: { tokens_per_minute: 1 } });
    const detail =
      '`headroom` (500 tokens a minute) takes all that is granted of tokens_per_minute (500): one token a minute is used. Lower the headroom, or have the quota raised.';
    expect(logged(world, 'headroom_leaves_nothing')).toEqual([{ pool: 'lite', detail }]);
    expect(await shown(world)).toMatchObject({ warning: detail });
  });

  it('is shown with its source and its time, and its change is logged and counted', async () => {
    const world = worldOf();
    expect(await shown(world)).toMatchObject({
      source: 'fallback',
      warning: 'Service Quotas has not been read yet.',
    });
    world.serviceQuotas.grant({ [NAME]: 4000 });
    await look(world);
    expect(await shown(world)).toEqual({
      source: 'service-quotas',
      granted: { tokens_per_minute: 4000 },
      others_tokens_per_minute: null,
      read_at: expect.stringMatching(/Z$/) as unknown,
      changed_at: null,
      warning: null,
      dimensions: [['tokens_per_minute', 4000]],
    });
    expect(world.telemetry.total('QuotaChanges')).toBe(0);

    await world.clock.run(world.clock.sleep(HOUR_MS));
    world.serviceQuotas.grant({ [NAME]: 5000 });
    await look(world);

    expect(logged(world, 'quota_changed')).toMatchObject([
      { pool: 'lite', before: '{"tokens_per_minute":4000}', after: '{"tokens_per_minute":5000}' },
    ]);
    expect(world.telemetry.total('QuotaChanges')).toBe(1);
    expect((await shown(world)).changed_at).not.toBeNull();
  });

  it('gives way to the fallback, with a warning, when names leave a doubt', async () => {
    const world = worldOf();
    world.serviceQuotas.grant({ [NAME]: 4000, [`${NAME} V1`]: 5000 });

    expect(await look(world)).toMatchObject({ source: 'fallback', limits: { tokens_per_minute: 700 } });
    expect(logged(world, 'quota_not_found')).toMatchObject([{ pool: 'lite', outcome: 'ambiguous' }]);
    expect((await shown(world)).warning).toMatch(/^Service Quotas lists more than one quota/);
  });

  it('looks at the defaults where the account has no value of its own', async () => {
    const world = worldOf();
    const around: Around = async ({ port, method, args }, perform) =>
      port === 'serviceQuotas' && method === 'list' && args[0] === 'default'
        ? [{ code: 'L-1', name: NAME, value: 123 }]
        : perform();

    expect(await look(world, around)).toMatchObject({ limits: { tokens_per_minute: 123 } });
  });

  it('stays what it was while nobody answers, is asked for again in five minutes, and says so', async () => {
    const world = worldOf();
    world.serviceQuotas.grant({ [NAME]: 4000 });
    await look(world);
    await world.clock.run(world.clock.sleep(HOUR_MS));
    world.serviceQuotas.grant(new Error('no answer'));

    expect(await look(world)).toMatchObject({
      source: 'service-quotas',
      limits: { tokens_per_minute: 4000 },
      warning: 'Service Quotas could not be read: Error: no answer',
    });
    await look(world);
    expect(world.serviceQuotas.looks()).toBe(2);
    await world.clock.run(world.clock.sleep(300_000));
    world.serviceQuotas.grant({ [NAME]: 4000 });
    expect(await look(world)).toMatchObject({ warning: undefined });
  });

  it('is the fallback while not even the last reading can be had: that keeps nothing from running', async () => {
    const world = worldOf();
    const around = failing(({ port }) => port === 'quotaReadings');

    expect(await look(world, around)).toMatchObject({ source: 'fallback' });
    expect(logged(world, 'quota_not_read')).toHaveLength(1);
  });
});
