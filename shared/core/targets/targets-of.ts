import type { Pool } from '../../contract/pools.ts';
import { type Capability, type TargetSettings, targetNameOf } from '../../contract/targets.ts';
import type { GovernedPool } from '../governor/dimensions.ts';
import { quotaInForce } from '../quota/quota-in-force.ts';
import { baseModelOf } from './base-model.ts';

/** One place where a pool's requests are answered, with everything filled in. */
export interface Target extends GovernedPool {
  readonly name: string;
  readonly modelId: string;
  /** The deployment's own where it says none. */
  readonly region?: string;
  readonly endpoint?: string;
  readonly maxMaxTokens: number;
  readonly tokensPerSecond: number;
  readonly prices: Pool['prices'];
  readonly lacks: readonly Capability[];
  /** The pool's own model: what callers asked for, whose word about a request is the last. */
  readonly isOwn: boolean;
}

export const ownTargetOf = (pool: Pool): Target => ({
  name: targetNameOf({ model_id: pool.model_id }),
  modelId: pool.model_id,
  quota: quotaInForce(pool).limits,
  burndown: pool.burndown,
  maxMaxTokens: pool.max_max_tokens,
  tokensPerSecond: pool.tokens_per_second,
  prices: pool.prices,
  lacks: [],
  isOwn: true,
});

const furtherTargetOf = (pool: Pool, target: TargetSettings): Target => {
  const isSameModel = baseModelOf(pool.model_id) === baseModelOf(target.model_id);
  return {
    name: targetNameOf(target),
    modelId: target.model_id,
    ...(target.region === undefined ? {} : { region: target.region }),
    ...(target.endpoint === undefined ? {} : { endpoint: target.endpoint }),
    quota: target.quota,
    burndown: target.burndown ?? pool.burndown,
    maxMaxTokens: target.max_max_tokens ?? pool.max_max_tokens,
    tokensPerSecond: target.tokens_per_second ?? pool.tokens_per_second,
    prices: target.prices ?? (isSameModel ? pool.prices : undefined),
    // A raw body is in the words of its model's family.
    lacks: target.lacks ?? (isSameModel ? [] : ['invoke_model']),
    isOwn: false,
  };
};

/** Where requests of a pool are answered: its own model first, then the further targets in their order. */
export const targetsOf = (pool: Pool): readonly Target[] => [
  ownTargetOf(pool),
  ...(pool.targets ?? []).map((target) => furtherTargetOf(pool, target)),
];

/** By name; the pool's own where the name is of another time, or none. */
export const findTarget = (pool: Pool, name: string | undefined): Target =>
  targetsOf(pool).find((target) => target.name === name) ?? ownTargetOf(pool);
