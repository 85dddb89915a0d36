import { createReconcile, type ReconcileOutcome } from '../../../shared/flows/reconcile/reconcile-table.ts';
import type { Around } from '../../fakes/interpose.ts';
import { reconcileDepsOf, type World } from '../../fakes/world.ts';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** One run of the reconciler, to its end. */
export const reconcile = (world: World, around?: Around): Promise<ReconcileOutcome> => {
  const startedAtMs = world.clock.monotonicMs();
  const remainingMs = (): number => startedAtMs + 300_000 - world.clock.monotonicMs();
  return world.clock.run(createReconcile(reconcileDepsOf(world, around))({ remainingMs }));
};

/** What was found and set right, by its name. */
export const healed = (world: World): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const { metric, value, dimensions } of world.telemetry.measured)
    if (metric === 'DamageHealed')
      counts[dimensions.damage ?? ''] = (counts[dimensions.damage ?? ''] ?? 0) + value;
  return counts;
};

/** Everything that a run may change. */
export const stateOf = async (world: World): Promise<unknown> => [
  world.requests.all(),
  world.batches.all(),
  world.tenants.all(),
  world.queues.bodies('results'),
  world.queues.bodies('batches'),
];
