import { type Controls, NO_CONTROLS } from '../contract/controls.ts';
import type { Clock } from '../ports/clock.ts';
import type { ControlStore } from '../ports/control-store.ts';
import type { Telemetry } from '../ports/telemetry.ts';

/** As long as a drain's heartbeat takes to follow a change. */
const FRESH_MS = 3_000;

export interface CachedControlsDeps {
  readonly controls: Pick<ControlStore, 'read'>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly telemetry: Telemetry;
}

/** For views: however many ask, one read in so long; what cannot be read is shown as it was. */
export const createCachedControls = ({ controls, clock, telemetry }: CachedControlsDeps) => {
  let last: Controls = NO_CONTROLS;
  let reading: Promise<Controls> | undefined;
  let readAtMs = 0;
  const readNow = async (): Promise<Controls> => {
    try {
      last = await controls.read();
    } catch (error) {
      telemetry.log('warn', 'controls_not_read', { error: String(error) });
    }
    return last;
  };
  return (): Promise<Controls> => {
    const nowMs = clock.monotonicMs();
    if (reading !== undefined && nowMs - readAtMs < FRESH_MS) return reading;
    readAtMs = nowMs;
    reading = readNow();
    return reading;
  };
};
