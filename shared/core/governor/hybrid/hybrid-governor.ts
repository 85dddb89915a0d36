import type { Governor } from '../governor.ts';
import type { GovernorOptions } from '../governor-options.ts';
import { mayGo, send } from './admission.ts';
import { answered, canceled, faulted, rejected, released, throttled } from './feedback.ts';
import { advance, createHybrid, setQuota } from './hybrid.ts';
import { describe, remaining, takeSnapshot } from './hybrid-view.ts';

/**
 * Mirrors the service's own buckets and learns from its refusals what the mirror cannot know: how large they are, and
 * how much of the quota is really there. `docs/governor.md` says how.
 */
export const createHybridGovernor = (options: GovernorOptions, startMs: number): Governor => {
  const hybrid = createHybrid(options, startMs);
  return {
    mayGo: (call, nowMs) => mayGo(hybrid, call, nowMs),
    sent: (call, nowMs) => send(hybrid, call, nowMs),
    answered: (call, usage, nowMs) => answered(hybrid, call, usage, nowMs),
    throttled: (call, scope, nowMs) => throttled(hybrid, call, scope, nowMs),
    rejected: (call, nowMs) => rejected(hybrid, call, nowMs),
    faulted: (call, nowMs) => faulted(hybrid, call, nowMs),
    canceled: (call, nowMs) => canceled(hybrid, call, nowMs),
    released: (call, nowMs) => released(hybrid, call, nowMs),
    expectedTokens: (call) => hybrid.mirrors[0]?.dimension.expect(hybrid.learning.expect(call)) ?? 1,
    snapshot: (nowMs) => takeSnapshot(hybrid, nowMs),
    remaining: (nowMs) => remaining(hybrid, nowMs),
    others: (report, nowMs) => {
      const news = report.epoch === hybrid.epoch ? undefined : hybrid.otherOwners.learn(report, nowMs);
      if (news === undefined) return;
      advance(hybrid, nowMs);
      for (const mirror of hybrid.mirrors) {
        if (news.isFirst) mirror.dropMargin();
        mirror.takenByOthers(news.taken[mirror.dimension.name] ?? 0);
      }
    },
    setQuota: (quota, nowMs) => setQuota(hybrid, quota, nowMs),
    describe: (nowMs) => describe(hybrid, nowMs),
  };
};
