import { FUNCTIONS } from '../contract/functions.ts';
import { poolItemKey } from '../contract/keys.ts';
import type { GovernorSnapshot } from '../core/governor/governor.ts';
import type { OwnerReport } from '../core/governor/owner-report.ts';
import type { Lease } from '../ports/pool-store.ts';

/** An owner that has not said that its last call is over. */
export interface StoredOwner {
  readonly began_ms: number;
  /** It has ended all the same. */
  readonly fallen?: true;
  readonly suspect?: string;
  readonly report?: OwnerReport;
}

/**
 *   lease_until_ms   held until then; 0 when let go
 *   hand_over        the owner would rather be relieved
 *   epoch            grows with every owner
 *   owners           epoch → owner; removed by itself after its last call
 *   cancels          request → when it was asked to stop
 *   governor_snapshot   the governor, as JSON
 *   report           what the owner tells those who only read, as JSON
 */
export interface StoredPool {
  readonly epoch: number;
  readonly lease_until_ms: number;
  readonly hand_over: boolean;
  readonly owners: Readonly<Record<string, StoredOwner>>;
  readonly cancels: Readonly<Record<string, number>>;
  readonly governor_snapshot?: string;
}

export const poolKey = (pool: string) => ({ request_id: poolItemKey(pool) });

/** No call outlives its Lambda: after this an owner has ended, whatever it wrote. */
export const LONGEST_LIFE_MS = (FUNCTIONS.prioritization.timeoutSeconds + 60) * 1000;

/** Fallen owners are remembered for what they had in flight; so many at most. */
const MOST_FALLEN = 20;

const isFallen = (owner: StoredOwner): boolean => owner.fallen === true;

export const toLease = ({ epoch, owners, cancels, governor_snapshot }: StoredPool): Lease => {
  const all = Object.entries(owners).map(([name, owner]) => ({ epoch: Number(name), owner }));
  return {
    epoch,
    liveEpochs: all.filter(({ owner }) => !isFallen(owner)).map((entry) => entry.epoch),
    fallenEpochs: all.filter(({ owner }) => isFallen(owner)).map((entry) => entry.epoch),
    suspects: Object.fromEntries(
      all.flatMap(({ epoch: of, owner }) => (owner.suspect === undefined ? [] : [[of, owner.suspect]])),
    ),
    reports: all.flatMap(({ epoch: of, owner }) =>
      of === epoch || isFallen(owner) || owner.report === undefined ? [] : [owner.report],
    ),
    cancels: Object.keys(cancels),
    snapshot:
      governor_snapshot === undefined ? undefined : (JSON.parse(governor_snapshot) as GovernorSnapshot),
  };
};

/** The owners when another begins: who outlived every function has fallen, and the oldest of those are forgotten. */
export const nextOwners = (
  owners: StoredPool['owners'],
  hasFallen: (owner: StoredOwner, epoch: number) => boolean,
): StoredPool['owners'] => {
  const marked = Object.entries(owners).map(([epoch, owner]): [string, StoredOwner] => {
    if (!isFallen(owner) && !hasFallen(owner, Number(epoch))) return [epoch, owner];
    const { report: _, ...rest } = owner;
    return [epoch, { ...rest, fallen: true }];
  });
  const fallen = marked.filter(([, owner]) => isFallen(owner)).map(([epoch]) => Number(epoch));
  const forgotten = new Set(fallen.toSorted((a, b) => b - a).slice(MOST_FALLEN));
  return Object.fromEntries(marked.filter(([epoch]) => !forgotten.has(Number(epoch))));
};
