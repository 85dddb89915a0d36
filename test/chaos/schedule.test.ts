import fc from 'fast-check';
import { planLoad, toBody } from './load.ts';
import { createSchedule, describeEvent, ROLES } from './schedule.ts';

const MINUTE_MS = 60_000;

describe('the schedule of disturbances', () => {
  test('follows from the seed alone', () => {
    expect(createSchedule(3, MINUTE_MS).slice(0, 3).map(describeEvent)).toEqual([
      '   3.0s kill role=ingestion',
      '   3.0s clock role=prioritization-2 byMs=697 forMs=25686',
      '   6.0s redeliver forMs=7890',
    ]);
  });

  test('is the same each time, and another for another seed', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        expect(createSchedule(seed, MINUTE_MS)).toEqual(createSchedule(seed, MINUTE_MS));
        expect(createSchedule(seed, MINUTE_MS)).not.toEqual(createSchedule(seed + 1, MINUTE_MS));
      }),
    );
  });

  test('of a longer run begins like that of a shorter one', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const short = createSchedule(seed, MINUTE_MS);
        expect(createSchedule(seed, 2 * MINUTE_MS).slice(0, short.length)).toEqual(short);
      }),
    );
  });

  test('has a storm of throttles with kills of both drains in every minute', () => {
    const storms = createSchedule(5, 2 * MINUTE_MS).flatMap((event) =>
      event.kind === 'model_fault' && event.probability === 0.95 ? [event.atMs] : [],
    );
    expect(storms).toHaveLength(2);
    for (const atMs of storms) {
      const killed = createSchedule(5, 2 * MINUTE_MS).flatMap((event) =>
        event.kind === 'kill' && event.atMs > atMs && event.atMs < atMs + 18_000 ? [event.role] : [],
      );
      expect(killed.filter((role) => role === 'prioritization').length).toBeGreaterThanOrEqual(4);
      expect(killed.filter((role) => role === 'prioritization-2').length).toBeGreaterThanOrEqual(4);
    }
  });

  test('has every process killed and paused, and every kind of fault, within ten seeds', () => {
    const events = Array.from({ length: 10 }, (_, seed) => createSchedule(seed, 3 * MINUTE_MS)).flat();
    const hurt = (kind: 'kill' | 'pause') =>
      new Set(events.flatMap((event) => (event.kind === kind ? [event.role] : [])));
    expect([...hurt('kill')].sort()).toEqual([...ROLES].sort());
    expect([...hurt('pause')].sort()).toEqual([...ROLES].sort());
    expect([...new Set(events.map(({ kind }) => kind))].sort()).toEqual([
      'clock',
      'kill',
      'lossy_abort',
      'model_fault',
      'pause',
      'quota',
      'redeliver',
      'store_fault',
    ]);
    const faults = events.flatMap((event) => (event.kind === 'model_fault' ? [event.fault] : []));
    expect([...new Set(faults)].sort()).toEqual(['429', '500', '503', 'cut', 'garbage', 'silent']);
    const stores = events.flatMap((event) =>
      event.kind === 'store_fault' ? [`${event.service} ${event.fault}`] : [],
    );
    expect([...new Set(stores)].sort()).toEqual([
      'dynamodb lost_answer',
      'dynamodb silent',
      'dynamodb throttled',
      'dynamodb unavailable',
      's3 lost_answer',
      's3 silent',
      's3 throttled',
      's3 unavailable',
      'sqs lost_answer',
      'sqs silent',
      'sqs throttled',
      'sqs unavailable',
    ]);
    const jumps = events.flatMap((event) => (event.kind === 'clock' ? [event] : []));
    expect([...new Set(jumps.map(({ role }) => role))].sort()).toEqual([
      'ingestion',
      'prioritization',
      'prioritization-2',
      'query',
    ]);
    expect(Math.max(...jumps.map(({ byMs }) => byMs))).toBeGreaterThan(700);
    expect(Math.min(...jumps.map(({ byMs }) => byMs))).toBeLessThan(-700);
    const drainPauses = events.flatMap((event) =>
      event.kind === 'pause' && event.role.startsWith('prioritization') ? [event.forMs] : [],
    );
    expect(drainPauses.some((forMs) => forMs > 36_000)).toBe(true);
    expect(drainPauses.some((forMs) => forMs > 10_000 && forMs < 16_000)).toBe(true);
  });
});

describe('the load', () => {
  const options = { seed: 4, requests: 2_000, durationMs: MINUTE_MS };

  test('follows from the seed alone', () => {
    expect(planLoad(options)).toEqual(planLoad(options));
    expect(planLoad(options).map(toBody)).toEqual(planLoad(options).map(toBody));
  });

  test('has something of everything', () => {
    const load = planLoad(options);
    expect(load).toHaveLength(2_000);
    const has = (holds: (request: (typeof load)[number]) => boolean) => load.filter(holds).length;
    expect(has(({ door }) => door === 'http')).toBeGreaterThan(900);
    expect(has(({ door }) => door === 'queue')).toBeGreaterThan(900);
    for (const keyed of ['header', 'body', 'none'])
      expect(has((one) => one.keyed === keyed)).toBeGreaterThan(100);
    for (const tenant of ['default', 'ants', 'bees', 'cats'])
      expect(has((one) => one.tenant === tenant)).toBeGreaterThan(100);
    expect(has(({ expiresInSeconds }) => expiresInSeconds !== undefined)).toBeGreaterThan(50);
    expect(has(({ sentTwice }) => sentTwice)).toBeGreaterThan(100);
    expect(has(({ fillerCharacters }) => fillerCharacters > 204_800)).toBeGreaterThan(5);
    expect(has(({ fate, tenant }) => fate === 'rejected' && tenant === 'wasps')).toBeGreaterThan(40);
    expect(has(({ fate }) => fate === 'canceled')).toBeGreaterThan(30);
  });
});
