import type { GovernorSnapshot, TargetSnapshot } from '../governor/governor.ts';
import type { OwnerReport } from '../governor/owner-report.ts';
import type { Member } from './member.ts';
import type { Target } from './targets-of.ts';

const NOTHING: Pick<OwnerReport, 'inFlight' | 'taken'> = { inFlight: 0, taken: {} };

/** Of one target, what a report of all tells. */
export const reportOf = (report: OwnerReport, target: Target): OwnerReport => {
  const { epoch, takenAtMs, inFlight, taken, targets = {} } = report;
  const further = Object.values(targets).reduce((sum, each) => sum + each.inFlight, 0);
  const part = target.isOwn
    ? { inFlight: Math.max(0, inFlight - further), taken }
    : (targets[target.name] ?? NOTHING);
  // Of an owner that has ended nothing is under way, wherever it was.
  return { epoch, takenAtMs, taken: part.taken, inFlight: inFlight === 0 ? 0 : part.inFlight };
};

/** What the members have under way, as one report. */
export const joinReports = (members: readonly Member[], nowMs: number): OwnerReport | undefined => {
  const reports = members.map(({ target, governor }) => ({ target, report: governor.remaining(nowMs) }));
  const own = reports.find(({ target }) => target.isOwn)?.report;
  return own === undefined
    ? undefined
    : {
        ...own,
        inFlight: reports.reduce((sum, { report }) => sum + report.inFlight, 0),
        targets: Object.fromEntries(
          reports
            .filter(({ target }) => !target.isOwn)
            .map(({ target, report: { inFlight, taken } }) => [target.name, { inFlight, taken }]),
        ),
      };
};

const targetSnapshotOf = ({ target, breaker, governor }: Member, nowMs: number): TargetSnapshot => {
  if (target.isOwn) return { breaker: breaker.save() };
  const { takenAtMs, levels, pausedUntilMs, learned } = governor.snapshot(nowMs);
  return {
    breaker: breaker.save(),
    governor: { takenAtMs, levels, pausedUntilMs, ...(learned === undefined ? {} : { learned }) },
  };
};

/** Of all targets: the pool's own as of a pool that has no other, and the others beside it. */
export const joinSnapshots = (own: Member, members: readonly Member[], nowMs: number): GovernorSnapshot => {
  const owner = joinReports(members, nowMs);
  return {
    ...own.governor.snapshot(nowMs),
    ...(owner === undefined ? {} : { owner }),
    target: own.target.name,
    targets: Object.fromEntries(
      members.map((member) => [member.target.name, targetSnapshotOf(member, nowMs)]),
    ),
  };
};

/**
 * What one target begins with: found by its name, wherever it stood in the settings of the owner before. A snapshot
 * without names was taken of the pool's own target.
 */
export const snapshotFor = (
  target: Target,
  snapshot: GovernorSnapshot | undefined,
): GovernorSnapshot | undefined => {
  if (snapshot === undefined) return undefined;
  const { target: takenOf, targets, scheduler: _, owner, others, ...top } = snapshot;
  const wasOwn = takenOf === undefined ? target.isOwn : takenOf === target.name;
  const governor = wasOwn ? top : targets?.[target.name]?.governor;
  if (governor === undefined) return undefined;
  const partOf = (report: OwnerReport): OwnerReport => reportOf(report, { ...target, isOwn: wasOwn });
  return {
    ...governor,
    ...(owner === undefined ? {} : { owner: partOf(owner) }),
    ...(others === undefined ? {} : { others: others.map(partOf) }),
  };
};
