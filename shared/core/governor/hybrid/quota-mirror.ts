import type { Priority } from '../../../contract/priorities.ts';
import type { Dimension, ExpectedCall } from '../dimensions.ts';
import type { DimensionView } from '../governor-view.ts';
import {
  CUT_WINDOW_SECONDS,
  DAY_LADDER_SECONDS,
  FLOOR_REBUILD,
  FLOORS,
  LADDER_SECONDS,
  LEFT_AFTER_REFUSAL,
  MEAN_WEIGHT,
  SMALL_BELOW_SECONDS,
  UNSEEN_SECONDS,
} from './constants.ts';
import { createLadder, type SavedLadder } from './ladder.ts';
import { createMovingMean, type SavedMean } from './moving-mean.ts';
import { createMultiplier, type SavedMultiplier } from './multiplier.ts';
import { createPacing, type SavedPacing } from './pacing.ts';
import { createRecentSum } from './recent-sum.ts';

/** One quota as the service is believed to count it. */
export interface QuotaMirror {
  readonly dimension: Dimension;
  /** Until the call's hold is there, above what is kept for higher classes, and its turn in the spacing has come. */
  waitMs(call: ExpectedCall, priority: Priority, nowMs: number): number;
  /** Answers with the size of bucket that would have refused it. */
  take(amounts: TakenAmounts, nowMs: number): number | undefined;
  settle(hold: number, charge: number, nowMs: number): void;
  /** Without a charge: refused, failed, or never sent. */
  giveBack(hold: number): void;
  /** Whatever an earlier owner took beyond what was known, or gave back where it is negative. */
  takenByOthers(amount: number): void;
  refused(refusal: Refusal, nowMs: number): void;
  /** The owner before has said what it sent: the guess is given back. */
  dropMargin(): void;
  /** So much is granted from now on. */
  grant(next: Dimension): void;
  advance(passed: Passed, nowMs: number): void;
  /** Calls a second that it refills for; nothing while no charge is known. */
  callsPerSecond(): number | undefined;
  /** More is there than the floors keep back. */
  isFree(): boolean;
  view(nowMs: number): DimensionView;
  taken(): number;
  level(): number;
  save(nowMs: number): SavedMirror;
}

export interface TakenAmounts {
  readonly hold: number;
  readonly expected: number;
}

export interface Refusal {
  readonly hold: number;
  readonly refusedBy: number | undefined;
  readonly isProbe: boolean;
}

export interface Passed {
  readonly seconds: number;
  readonly sendsPerSecond: number;
  readonly mayGrow: boolean;
}

export interface SavedMirror {
  readonly ladder: SavedLadder;
  readonly multiplier: SavedMultiplier;
  readonly pacing: SavedPacing;
  /** Nothing when the floors stand whole. */
  readonly floorRebuilt: number | null;
  readonly charge: SavedMean;
  readonly chargedPerSecond: number;
}

export interface MirrorOptions {
  readonly dimension: Dimension;
  readonly exploreLimit: number;
  readonly saved: SavedMirror | undefined;
  /** What another algorithm believed to be there, where it alone is known. */
  readonly savedLevel: number | undefined;
  /** Since the saved state was taken. */
  readonly elapsedSeconds: number;
}

const HAIR = 1e-6;

export const createQuotaMirror = (options: MirrorOptions, startMs: number): QuotaMirror => {
  const { exploreLimit, saved, savedLevel, elapsedSeconds } = options;
  let { dimension } = options;
  // A day is one account that is emptied once: there is no burst to find, to pace or to explore.
  const isDay = dimension.name === 'tokens_per_day';
  const multiplier = createMultiplier(isDay ? 1 : exploreLimit, saved?.multiplier);
  const perSecond = (): number => dimension.perSecond * multiplier.value();
  const sizesSeconds = isDay ? DAY_LADDER_SECONDS : LADDER_SECONDS;
  const ladder = createLadder({ sizesSeconds, perSecond, saved: saved?.ladder }, startMs);
  const pacing = createPacing(perSecond, saved?.pacing);
  const charge = createMovingMean(MEAN_WEIGHT, saved?.charge);
  const charged = createRecentSum();
  let floorRebuilt = saved?.floorRebuilt ?? Number.POSITIVE_INFINITY;
  let taken = 0;
  let held = 0;
  let settled = 0;
  let margin = 0;

  if (saved !== undefined) {
    charged.fill(saved.chargedPerSecond, CUT_WINDOW_SECONDS, startMs - elapsedSeconds * 1000);
    margin = Math.min(UNSEEN_SECONDS * perSecond(), ladder.size());
    ladder.give(elapsedSeconds * perSecond() - margin);
  } else if (savedLevel !== undefined) ladder.empty(savedLevel + elapsedSeconds * perSecond(), startMs);

  const floorOf = (priority: Priority): number => {
    const { share, least, seconds } = FLOORS[priority];
    const isSmall = ladder.believedSeconds() < SMALL_BELOW_SECONDS;
    const whole = Math.min((isSmall ? least : share) * ladder.size(), seconds * perSecond());
    const kept = exploreLimit > 1 ? 0 : Math.min(least * ladder.size(), whole);
    return Math.min(whole, kept + floorRebuilt);
  };

  const levelWaitMs = (hold: number, priority: Priority): number => {
    const floor = floorOf(priority);
    // A call larger than the bucket goes when the bucket is full: it could never go otherwise.
    const missing = Math.min(hold, ladder.size() - floor) - (ladder.level() - floor);
    return missing <= HAIR ? 0 : Math.ceil((missing / perSecond()) * 1000);
  };

  return {
    get dimension() {
      return dimension;
    },
    waitMs: (call, priority, nowMs) => {
      const waitMs = levelWaitMs(dimension.holdExpected(call), priority);
      return isDay
        ? waitMs
        : Math.max(waitMs, pacing.waitMs(dimension.expect(call), priority === 'high', nowMs));
    },
    take: ({ hold, expected }, nowMs) => {
      const refusedBy = ladder.refusedBy(hold);
      ladder.take(hold);
      taken += hold;
      held += hold;
      pacing.spend(expected, nowMs);
      return refusedBy;
    },
    settle: (hold, amount, nowMs) => {
      ladder.give(hold - amount);
      taken -= hold - amount;
      held -= hold;
      settled += amount;
      charged.add(amount, nowMs);
      charge.add(amount);
    },
    giveBack: (hold) => {
      ladder.give(hold);
      taken -= hold;
      held -= hold;
    },
    takenByOthers: (amount) => ladder.give(-amount),
    refused: ({ hold, refusedBy, isProbe }, nowMs) => {
      if (!isProbe && refusedBy !== undefined) ladder.contradict(refusedBy);
      else if (!isProbe && !isDay)
        multiplier.cut(charged.perSecond(CUT_WINDOW_SECONDS, nowMs) / dimension.perSecond, nowMs);
      ladder.empty(hold * LEFT_AFTER_REFUSAL, nowMs);
      floorRebuilt = 0;
    },
    dropMargin: () => {
      ladder.give(margin);
      margin = 0;
    },
    grant: (next) => {
      if (next.limit === dimension.limit) return;
      // Refusals taught a rate: of a smaller grant it is the larger share. A larger one may hold again what was cut.
      multiplier.rescale(Math.max(1, dimension.perSecond / next.perSecond));
      dimension = next;
      ladder.give(0);
    },
    advance: ({ seconds, sendsPerSecond, mayGrow }, nowMs) => {
      if (mayGrow && !isDay) multiplier.grow(seconds, sendsPerSecond, nowMs);
      ladder.refill(seconds * perSecond());
      if (ladder.level() >= ladder.size()) margin = 0;
      pacing.refill(seconds);
      floorRebuilt += seconds * FLOOR_REBUILD * perSecond();
      ladder.believeLarger(nowMs);
    },
    callsPerSecond: () => (charge.value() > 0 && !isDay ? perSecond() / charge.value() : undefined),
    isFree: () => ladder.level() > floorOf('low'),
    view: (nowMs) => ({
      name: dimension.name,
      limit: dimension.limit,
      perSecond: perSecond(),
      multiplier: multiplier.value(),
      size: ladder.size(),
      burstSeconds: ladder.believedSeconds(),
      level: Math.round(ladder.level()),
      held: Math.round(held),
      settledLastMinute: Math.round(charged.perSecond(60, nowMs) * 60),
      settled,
      fullAtMs: Math.ceil(nowMs + (Math.max(0, ladder.size() - ladder.level()) / perSecond()) * 1000),
      meanCharge: charge.value(),
    }),
    taken: () => taken,
    level: () => ladder.level(),
    save: (nowMs) => ({
      ladder: ladder.save(),
      multiplier: multiplier.save(),
      pacing: pacing.save(),
      floorRebuilt: floorRebuilt < ladder.size() ? Math.round(floorRebuilt) : null,
      charge: charge.save(),
      chargedPerSecond: Math.round(charged.perSecond(CUT_WINDOW_SECONDS, nowMs)),
    }),
  };
};
