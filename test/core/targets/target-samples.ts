import type { GovernorSnapshot, PlannedCall } from '../../../shared/core/governor/governor.ts';
import { createPoolGovernor } from '../../../shared/core/targets/create-pool-governor.ts';
import type { PoolGovernor } from '../../../shared/core/targets/pool-governor.ts';
import { settingsOf } from '../samples.ts';

export const START_MS = 1_000_000;

export interface PoolSetup {
  readonly targets?: readonly Readonly<Record<string, unknown>>[];
  readonly pool?: Readonly<Record<string, unknown>>;
  readonly snapshot?: GovernorSnapshot;
  readonly epoch?: number;
  readonly maxConcurrent?: number;
  readonly atMs?: number;
}

/** The plain mirror: 5,000 tokens at once, 1,000 a second more, for each target. */
export const SMALL = { tokens_per_minute: 60_000 };
export const SECOND = { model_id: 'model-b', name: 'second', quota: SMALL, lacks: ['tools'] };

export const governorOf = (setup: PoolSetup = {}): PoolGovernor => {
  const { targets = [SECOND], pool: more = {}, snapshot, epoch = 1, atMs = START_MS } = setup;
  const pool = { model_id: 'model-a', quota: SMALL, burndown: 1, targets, ...more };
  const { models } = settingsOf({ models: { a: pool } });
  if (models.a === undefined) throw new Error('There is no pool.');
  return createPoolGovernor(
    {
      pool: models.a,
      maxConcurrent: setup.maxConcurrent ?? 700,
      random: () => 0.5,
      algorithm: 'bucket',
      epoch,
      ...(snapshot === undefined ? {} : { snapshot }),
    },
    atMs,
  );
};

export const callOf = (tokens: number, changes: Partial<PlannedCall> = {}): PlannedCall => ({
  priority: 'high',
  inputTokens: tokens,
  maxTokens: 0,
  ...changes,
});

export const routed = (
  tokens: number,
  routing: Partial<NonNullable<PlannedCall['routing']>> = {},
): PlannedCall =>
  callOf(tokens, {
    routing: { needs: [], sinceMs: 0, ruledOut: new Set(), failedBy: [], ...routing },
  });
