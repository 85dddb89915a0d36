import { nearestName } from '../../contract/nearest-name.ts';
import type { Settings } from '../../contract/settings.ts';
import { callableNames, findPool, poolNames } from '../pool-names.ts';
import { fault, type PlaceFault } from './converted.ts';

export interface NamedModel {
  readonly name: string;
  readonly modelId: string;
}

/** Which models may be asked, whoever knows it: the settings, or a running API. */
export interface ModelNames {
  /** Pools by name. */
  readonly names: readonly string[];
  /** Without a name the one that is asked then, where that is clear. */
  find(name: string | undefined): NamedModel | undefined;
  nearest(name: string): string | undefined;
}

export const modelNamesOfSettings = (settings: Settings): ModelNames => ({
  names: poolNames(settings),
  find: (name) => {
    const found = findPool(settings, name);
    return found === undefined ? undefined : { name: found.name, modelId: found.pool.model_id };
  },
  nearest: (name) => nearestName(name, callableNames(settings)),
});

export const modelNamesOfPools = (
  pools: readonly { readonly pool: string; readonly model: string }[],
): ModelNames => ({
  names: pools.map(({ pool }) => pool),
  find: (name) => {
    const [only] = pools;
    const found =
      name === undefined
        ? pools.length === 1
          ? only
          : undefined
        : pools.find(({ pool, model }) => pool === name || model === name);
    return found === undefined ? undefined : { name: found.pool, modelId: found.model };
  },
  nearest: (name) =>
    nearestName(
      name,
      pools.flatMap(({ pool, model }) => [pool, model]),
    ),
});

/** What a conversion goes by. */
export interface ConversionContext {
  readonly models: ModelNames;
  /** Asked in place of what the requests of others name. */
  readonly model?: string | undefined;
  /** How another model is asked for, where that is not by the field itself. */
  readonly remedy?: (names: readonly string[]) => string;
}

export type ChosenModel =
  | { readonly ok: true; readonly model: NamedModel }
  | { readonly ok: false; readonly fault: PlaceFault };

/** Requests of others name models of their own service: those that are not configured here need another to answer. */
export const chooseModel = (
  named: unknown,
  pointer: string,
  { models, model, remedy }: ConversionContext,
): ChosenModel => {
  const wanted = model ?? (typeof named === 'string' ? named : undefined);
  const found = models.find(wanted);
  if (found !== undefined) return { ok: true, model: found };
  const nearest = wanted === undefined ? undefined : models.nearest(wanted);
  const hint = nearest === undefined ? '' : `; did you mean \`${nearest}\`?`;
  const which = remedy?.(models.names) ?? `name one of ${models.names.join(', ')}${hint}`;
  const detail = wanted === undefined ? `names none; ${which}` : `\`${wanted}\` is not configured; ${which}`;
  const code = wanted === undefined ? 'required' : 'unknown_model';
  return { ok: false, fault: { ...fault(pointer, detail), code } };
};

export const isAnthropic = ({ modelId }: NamedModel): boolean => /\banthropic\./.test(modelId);
