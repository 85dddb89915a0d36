import type { Priority } from '../../../shared/contract/priorities.ts';
import type { Permission } from '../../../shared/core/governor/governor.ts';
import type { PaceLimits } from '../../../shared/core/limits/tenant-pace.ts';
import { createFairScheduler } from '../../../shared/core/scheduler/fair-scheduler.ts';
import { createPacedScheduler } from '../../../shared/core/scheduler/paced-scheduler.ts';
import type { Scheduler } from '../../../shared/core/scheduler/scheduler.ts';

interface Waiting {
  readonly id: string;
  readonly priority: Priority;
  readonly tenant: string;
}

const GO: Permission = { go: true };

const requestsOf = (tenant: string, count: number, priority: Priority = 'normal'): readonly Waiting[] =>
  Array.from({ length: count }, (_, index) => ({ id: `${tenant}${index}`, priority, tenant }));

const pacedOf = (
  limits: Readonly<Record<string, PaceLimits>>,
  requests: readonly Waiting[],
): Scheduler<Waiting> => {
  const inner = createFairScheduler<Waiting>({
    shapeOf: ({ tenant }) => ({ tenant, costTokens: 100, maxTokens: 100, expiresAtMs: 1e12 }),
  });
  const scheduler = createPacedScheduler(
    inner,
    { tenantOf: ({ tenant }) => tenant, limitsOf: (tenant) => limits[tenant] ?? {}, costOf: () => 100 },
    0,
  );
  for (const request of requests) scheduler.add(request, 0);
  return scheduler;
};

/** Everything that goes at a time. */
const serve = (scheduler: Scheduler<Waiting>, nowMs: number): readonly Waiting[] => {
  const served: Waiting[] = [];
  for (;;) {
    const picked = scheduler.pick(nowMs, () => GO);
    if (picked === undefined) return served;
    scheduler.remove(picked.request);
    served.push(picked.request);
  }
};

const idsOf = (requests: readonly Waiting[]): readonly string[] => requests.map(({ id }) => id);

describe('tenants with a pace', () => {
  it('go no faster than that, while others go on beside them', () => {
    const scheduler = pacedOf({ a: { requests_per_minute: 60 } }, [
      ...requestsOf('a', 3),
      ...requestsOf('b', 3),
    ]);
    expect(idsOf(serve(scheduler, 0))).toEqual(['a0', 'b0', 'b1', 'b2']);
    expect(idsOf(serve(scheduler, 999))).toEqual([]);
    expect(idsOf(serve(scheduler, 1_000))).toEqual(['a1']);
  });

  it('are held in every class together', () => {
    const scheduler = pacedOf({ a: { max_concurrent: 1 } }, [
      ...requestsOf('a', 1, 'high'),
      { id: 'low', priority: 'low', tenant: 'a' },
    ]);
    const [first] = serve(scheduler, 0);
    expect(first?.id).toBe('a0');
    expect(serve(scheduler, 60_000)).toEqual([]);
    scheduler.settled(first as Waiting, 100);
    expect(idsOf(serve(scheduler, 60_000))).toEqual(['low']);
  });

  it('have back what was refused by the service, and go first with it', () => {
    const scheduler = pacedOf({ a: { requests_per_minute: 1 } }, requestsOf('a', 2));
    const [first] = serve(scheduler, 0);
    expect(serve(scheduler, 100)).toEqual([]);
    scheduler.putBack(first as Waiting, 100);
    expect(idsOf(serve(scheduler, 100))).toEqual(['a0']);
  });

  it('have back what was taken out without a call, but once only', () => {
    const scheduler = pacedOf({ a: { requests_per_minute: 1 } }, requestsOf('a', 3));
    const [first] = serve(scheduler, 0);
    scheduler.settled(first as Waiting, 0);
    scheduler.settled(first as Waiting, 0);
    expect(idsOf(serve(scheduler, 0))).toEqual(['a1']);
  });

  it('stay paused when their pace would let them go, and paced when a pause ends', () => {
    const scheduler = pacedOf({ a: { requests_per_minute: 60 } }, requestsOf('a', 3));
    expect(idsOf(serve(scheduler, 0))).toEqual(['a0']);
    scheduler.setPaused({ tenant: 'a' }, true);
    expect(serve(scheduler, 5_000)).toEqual([]);
    scheduler.setPaused({ tenant: 'a' }, false);
    expect(idsOf(serve(scheduler, 5_000))).toEqual(['a1', 'a2']);
    scheduler.setPaused({ tenant: 'b' }, true);
    for (const request of requestsOf('b', 1)) scheduler.add(request, 5_000);
    expect(serve(scheduler, 5_000)).toEqual([]);
  });
});
