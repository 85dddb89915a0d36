import type { Pause } from '../pause.ts';
import type { ModelService } from './model-service.ts';

/** Long enough for nearly every answer that is paid for; one of the simulator costs nothing to ask again. */
const PATIENCE_MS = { free: 3_000, paid: 30_000 };

export const patienceOf = ({ kind }: ModelService): number =>
  kind === 'simulator' ? PATIENCE_MS.free : PATIENCE_MS.paid;

/** What ends sooner needs no word. */
const SAY_AFTER_MS = 1_500;

export interface EndingPipeline {
  readonly stop: () => Promise<void>;
  readonly patienceMs: number;
  /** Somebody looks on and would wonder. */
  readonly onWaiting: () => void;
  readonly pause: Pause;
}

/** Ends in order; whether that was done in time. */
export const endPipeline = async ({
  stop,
  patienceMs,
  onWaiting,
  pause,
}: EndingPipeline): Promise<boolean> => {
  const over = new AbortController();
  const stopped = stop().then(() => true);
  const late = (async (): Promise<boolean> => {
    await pause(SAY_AFTER_MS, over.signal);
    onWaiting();
    await pause(patienceMs - SAY_AFTER_MS, over.signal);
    return false;
  })();
  // Given up as soon as everything has ended.
  late.catch(() => {});
  try {
    return await Promise.race([stopped, late]);
  } finally {
    over.abort();
  }
};
