import type { TargetPolicy } from '../../contract/targets.ts';
import type { GovernorSnapshot, Permission, PlannedCall, SentCall } from '../governor/governor.ts';
import { isWithin } from '../governor/hybrid/concurrency.ts';
import { createOtherOwners } from '../governor/other-owners.ts';
import { type Choice, chooseTarget } from './choose-target.ts';
import { joinViews } from './join-views.ts';
import { type Member, type MemberCall, permissionOf } from './member.ts';
import type { PoolGovernor } from './pool-governor.ts';
import { joinReports, joinSnapshots, reportOf } from './shared-snapshot.ts';

export interface GovernTargetsOptions {
  /** The pool's own first. */
  readonly members: readonly [Member, ...Member[]];
  readonly policy: TargetPolicy;
  readonly patienceMs: number;
  /** Of all targets together. */
  readonly maxConcurrent: number;
  readonly epoch: number;
  readonly snapshot?: GovernorSnapshot;
}

/** Answers end at any time, and ring a bell when they do. */
const LOOK_AGAIN_MS = 1000;
const GO: Permission = { go: true };

/** Several targets behind the face of one governor: each has its own, and each call belongs to one of them. */
export const governTargets = (options: GovernTargetsOptions, startMs: number): PoolGovernor => {
  const { members, maxConcurrent, epoch, snapshot } = options;
  const [own] = members;
  const otherOwners = createOtherOwners(snapshot, startMs);
  const calls = new WeakMap<SentCall, MemberCall>();

  const inFlight = (): number => members.reduce((sum, member) => sum + member.inFlight, 0);

  const hasPlace = ({ priority }: PlannedCall, nowMs: number): boolean =>
    isWithin(inFlight() + otherOwners.inFlight(nowMs), maxConcurrent, priority);

  const choose = (call: PlannedCall, nowMs: number): Choice =>
    chooseTarget(members, call, { policy: options.policy, patienceMs: options.patienceMs, nowMs });

  /** A pause that keeps one request back keeps everybody back when no target is left at all. */
  const isPaused = (call: PlannedCall, nowMs: number): boolean =>
    members.every((member) => {
      const permission = permissionOf(member, call, nowMs);
      return !permission.go && permission.limit === 'target';
    });

  const callOf = (sent: SentCall): MemberCall => {
    const call = calls.get(sent);
    if (call === undefined) throw new Error('This call was not sent by this governor.');
    return call;
  };

  /** Out of flight; what it says about its target is told to the breaker, unless that knows already. */
  const end = (sent: SentCall, worked: boolean, nowMs: number): MemberCall => {
    const call = callOf(sent);
    const { member, wasProbe, isLost } = call;
    member.inFlight -= 1;
    if (!isLost && worked) member.breaker.worked(wasProbe, nowMs);
    if (!isLost && !worked) member.breaker.withdrawn(wasProbe);
    return call;
  };

  const send = (call: PlannedCall, nowMs: number): SentCall => {
    const choice = choose(call, nowMs);
    // Whoever sends without asking has its reasons, such as a test of this.
    const member = choice.go ? choice.member : own;
    member.inFlight += 1;
    const sent = member.governor.sent(call, nowMs);
    calls.set(sent, { member, sent, wasProbe: member.breaker.sent(nowMs), isLost: false });
    return sent;
  };

  return {
    targetOf: (sent) => callOf(sent).member.target,
    lost: (sent, loss, nowMs) => {
      const call = callOf(sent);
      call.isLost = true;
      const { breaker } = call.member;
      const was = breaker.state(nowMs);
      if (loss === 'barred') breaker.barred(nowMs);
      else breaker.lost(call.wasProbe, nowMs);
      return was !== 'open' && breaker.state(nowMs) === 'open';
    },
    mayGo: (call, nowMs) => {
      if (!hasPlace(call, nowMs)) return { go: false, limit: 'concurrency', waitMs: LOOK_AGAIN_MS };
      const choice = choose(call, nowMs);
      if (choice.go) return GO;
      return choice.limit === 'target' && isPaused(call, nowMs) ? { ...choice, limit: 'pause' } : choice;
    },
    sent: send,
    answered: (sent, usage, nowMs) => end(sent, true, nowMs).member.governor.answered(sent, usage, nowMs),
    throttled: (sent, scope, nowMs) => end(sent, true, nowMs).member.governor.throttled(sent, scope, nowMs),
    rejected: (sent, nowMs) => end(sent, true, nowMs).member.governor.rejected(sent, nowMs),
    faulted: (sent, nowMs) => end(sent, false, nowMs).member.governor.faulted(sent, nowMs),
    canceled: (sent, nowMs) => end(sent, false, nowMs).member.governor.canceled(sent, nowMs),
    released: (sent, nowMs) => end(sent, false, nowMs).member.governor.released(sent, nowMs),
    expectedTokens: (call) => own.governor.expectedTokens(call),
    snapshot: (nowMs) => ({
      ...joinSnapshots(own, members, nowMs),
      others: otherOwners.reports(),
    }),
    remaining: (nowMs) => joinReports(members, nowMs) ?? own.governor.remaining(nowMs),
    others: (report, nowMs) => {
      if (report.epoch === epoch) return;
      otherOwners.learn(report, nowMs);
      for (const { target, governor } of members) governor.others(reportOf(report, target), nowMs);
    },
    // The others have the quotas that the settings name.
    setQuota: (quota, nowMs) => own.governor.setQuota(quota, nowMs),
    describe: (nowMs) =>
      joinViews(
        members,
        { most: maxConcurrent, inFlight: inFlight(), others: otherOwners.inFlight(nowMs) },
        nowMs,
      ),
  };
};
