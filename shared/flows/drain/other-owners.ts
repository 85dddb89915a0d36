import type { Governor } from '../../core/governor/governor.ts';
import type { OwnerReport } from '../../core/governor/owner-report.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Lease } from '../../ports/pool-store.ts';

/**
 * Owners before go on finishing their calls: until they have, those count against this owner's quota and places, too.
 * One that has ended takes its report along, so its last word is that nothing is under way any more.
 */
export const createOthers = (governor: Governor, clock: Clock): ((lease: Lease) => void) => {
  const last = new Map<number, OwnerReport>();
  return ({ reports, liveEpochs }) => {
    const nowMs = clock.nowMs();
    for (const report of reports) {
      last.set(report.epoch, report);
      governor.others(report, nowMs);
    }
    for (const [epoch, report] of last) {
      if (liveEpochs.includes(epoch)) continue;
      last.delete(epoch);
      governor.others({ ...report, takenAtMs: nowMs, inFlight: 0 }, nowMs);
    }
  };
};
