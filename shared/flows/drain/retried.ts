import { type BackoffOptions, backoffMs } from '../../core/backoff.ts';
import type { DrainDeps } from './drain-deps.ts';

const STORE_BACKOFF: BackoffOptions = { baseMs: 100, capMs: 5_000 };
/** About ten seconds in all: longer than a throttled table or a restarting store, shorter than a lane's patience. */
const TRIES = 8;

/** Tries a write to our own stores again; the last error is thrown. */
export const retried = async <T>(
  { clock, random }: Pick<DrainDeps, 'clock' | 'random'>,
  write: () => Promise<T>,
): Promise<T> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write();
    } catch (error) {
      if (attempt >= TRIES) throw error;
      await clock.sleep(backoffMs(attempt, STORE_BACKOFF, random));
    }
  }
};
