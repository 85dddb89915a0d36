import type { RequestItem } from '../../contract/request-item.ts';
import type { Settings } from '../../contract/settings.ts';
import { findTarget } from './targets-of.ts';

/** Which model, and where. */
export interface Called {
  readonly modelId: string;
  readonly region: string;
  /** Where the pool has several targets. */
  readonly target?: string;
}

/** What a request was sent to last, as far as its item tells; before that, what its caller asked for. */
export const calledTarget = (
  { pool: name, status, attemptLog }: Pick<RequestItem, 'pool' | 'status' | 'attemptLog'>,
  { settings, region }: { readonly settings: Settings; readonly region: string },
): Called => {
  const pool = Object.hasOwn(settings.models, name) ? settings.models[name] : undefined;
  if (pool === undefined) return { modelId: name, region };
  const called = status === 'queued' ? undefined : attemptLog.at(-1)?.target;
  const target = findTarget(pool, called);
  return {
    modelId: target.modelId,
    region: target.region ?? region,
    ...(called === undefined ? {} : { target: target.name }),
  };
};
