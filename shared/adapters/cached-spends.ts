import type { Clock } from '../ports/clock.ts';
import type { SpendStore } from '../ports/spend-store.ts';
import { cachedReads } from './cached-reads.ts';

/** As often as drains write down what calls came to. */
const FRESH_MS = 3_000;

/** For headers: however many ask, an account is read once in so long. */
export const createCachedSpends = (
  spends: Pick<SpendStore, 'read'>,
  clock: Pick<Clock, 'monotonicMs'>,
): Pick<SpendStore, 'read'> => {
  const read = cachedReads(
    (key) => {
      const [period = '', tenant = ''] = key.split('#');
      return spends.read({ tenant, period });
    },
    { clock, freshMs: FRESH_MS },
  );
  return { read: ({ tenant, period }) => read(`${period}#${tenant}`) };
};
