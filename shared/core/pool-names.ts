import type { Pool } from '../contract/pools.ts';
import type { Settings } from '../contract/settings.ts';

export interface NamedPool {
  readonly name: string;
  readonly pool: Pool;
}

export const poolNames = (settings: Settings): readonly string[] => Object.keys(settings.models);

/** Every name that a caller may use, pools first. */
export const callableNames = (settings: Settings): readonly string[] => [
  ...poolNames(settings),
  ...Object.values(settings.models).flatMap((pool) => [pool.model_id, ...pool.also_known_as]),
];

/** The pool that a name stands for; without a name the default one, or the only one. */
export const findPool = (settings: Settings, name: string | undefined): NamedPool | undefined => {
  const pools = Object.entries(settings.models);
  const wanted = name ?? settings.default_model ?? (pools.length === 1 ? pools[0]?.[0] : undefined);
  if (wanted === undefined) return undefined;
  const found = pools.find(
    ([poolName, pool]) =>
      poolName === wanted || pool.model_id === wanted || pool.also_known_as.includes(wanted),
  );
  return found === undefined ? undefined : { name: found[0], pool: found[1] };
};
