import type { GovernorSnapshot } from './governor.ts';
import type { OwnerReport } from './owner-report.ts';

/** Without a word for so long an owner is taken for dead: its calls take no place any more. */
const SILENT_MS = 30_000;
/** Owners overlap one at a time; more than a few are long gone. */
const MOST_OWNERS = 4;

export interface OtherOwners {
  /**
   * By dimension, what has been taken beyond what was counted already; nothing for a report that is not news.
   * `isFirst` when nothing was heard of the owner before since its snapshot.
   */
  learn(report: OwnerReport, nowMs: number): News | undefined;
  /** As reported: an owner that no report has come from may be dead, and its calls with it. */
  inFlight(nowMs: number): number;
  reports(): readonly OwnerReport[];
}

export interface News {
  readonly taken: Readonly<Record<string, number>>;
  readonly isFirst: boolean;
}

interface Known {
  readonly report: OwnerReport;
  readonly heardAtMs: number;
  readonly isFromSnapshot: boolean;
}

/** What earlier owners of the pool go on doing, each counted from the snapshot that knew of it. */
export const createOtherOwners = (snapshot: GovernorSnapshot | undefined, nowMs: number): OtherOwners => {
  const inherited = [...(snapshot?.others ?? []), ...(snapshot?.owner === undefined ? [] : [snapshot.owner])];
  const owners = new Map<number, Known>(
    inherited.map((report) => [
      report.epoch,
      { report, heardAtMs: Math.min(nowMs, snapshot?.takenAtMs ?? nowMs), isFromSnapshot: true },
    ]),
  );
  return {
    learn: (report, heardAtMs) => {
      const known = owners.get(report.epoch);
      if (known !== undefined && report.takenAtMs <= known.report.takenAtMs) return undefined;
      owners.delete(report.epoch);
      owners.set(report.epoch, { report, heardAtMs, isFromSnapshot: false });
      // Of an owner that no snapshot tells of, what it took long ago has been refilled long ago: counted from now on.
      const before = known?.report.taken ?? report.taken;
      return {
        taken: Object.fromEntries(
          Object.entries(report.taken).map(([name, amount]) => [name, amount - (before[name] ?? 0)]),
        ),
        isFirst: (known?.isFromSnapshot ?? false) && report.epoch === snapshot?.owner?.epoch,
      };
    },
    inFlight: (atMs) =>
      [...owners.values()]
        .filter(({ heardAtMs, isFromSnapshot }) => !isFromSnapshot && atMs - heardAtMs < SILENT_MS)
        .reduce((sum, { report }) => sum + report.inFlight, 0),
    reports: () => [...owners.values()].slice(-MOST_OWNERS).map(({ report }) => report),
  };
};
