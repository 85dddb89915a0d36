import { dimensionsOf } from '../dimensions.ts';
import type { GovernedQuota } from '../governed-quota.ts';
import type { GovernorOptions } from '../governor-options.ts';
import { createOtherOwners, type OtherOwners } from '../other-owners.ts';
import { concurrencyLimit } from './concurrency.ts';
import { BUILD_ANSWERS_LEAST, MEAN_WEIGHT } from './constants.ts';
import { createDecayedRate, type DecayedRate } from './decayed-rate.ts';
import { createGate, type Gate } from './gate.ts';
import { readHybridState } from './hybrid-state.ts';
import { createLearning, type Learning } from './learning.ts';
import { createMovingMean, type MovingMean } from './moving-mean.ts';
import { createQuotaMirror, type QuotaMirror } from './quota-mirror.ts';

/** The parts of one hybrid governor. */
export interface Hybrid {
  readonly epoch: number;
  readonly maxConcurrent: number;
  readonly burndown: number;
  readonly exploreLimit: number;
  /** A further one is added at the end: calls under way know theirs by the place. */
  mirrors: readonly QuotaMirror[];
  readonly gate: Gate;
  readonly learning: Learning;
  readonly otherOwners: OtherOwners;
  readonly sends: DecayedRate;
  /** Token-seconds that a call holds beyond its charge. */
  readonly surplus: MovingMean;
  inFlight: number;
  /** Of the calls that ended, how many failed for reasons of the service. */
  faultShare: number;
  atMs: number;
}

const FIRST_LATENCY_MS = 5000;

export const createHybrid = (options: GovernorOptions, startMs: number): Hybrid => {
  const { pool, maxConcurrent, random, epoch = 0, snapshot, latencyMs = FIRST_LATENCY_MS } = options;
  const { exploreLimit = 1 } = options;
  const learned = snapshot?.learned;
  const state = learned?.algorithm === 'hybrid' ? readHybridState(learned.state) : undefined;
  const elapsedSeconds = Math.max(0, startMs - (snapshot?.takenAtMs ?? startMs)) / 1000;
  return {
    epoch,
    maxConcurrent,
    burndown: pool.burndown,
    exploreLimit,
    mirrors: dimensionsOf(pool).map((dimension) =>
      createQuotaMirror(
        {
          dimension,
          exploreLimit,
          saved: state?.mirrors[dimension.name],
          savedLevel: snapshot?.levels[dimension.name],
          elapsedSeconds,
        },
        startMs,
      ),
    ),
    gate: createGate(random, state?.gate),
    learning: createLearning(latencyMs, state?.learning),
    otherOwners: createOtherOwners(snapshot, startMs),
    sends: createDecayedRate(state?.sendsPerSecond),
    surplus: createMovingMean(MEAN_WEIGHT),
    inFlight: 0,
    faultShare: state?.faultShare ?? 0,
    atMs: startMs,
  };
};

/** Lets the time pass that has passed; a clock that goes back is not followed. */
export const advance = (hybrid: Hybrid, nowMs: number): void => {
  const seconds = Math.max(0, nowMs - hybrid.atMs) / 1000;
  if (seconds === 0) return;
  hybrid.atMs = nowMs;
  hybrid.sends.pass(seconds);
  const passed = {
    seconds,
    sendsPerSecond: hybrid.sends.perSecond(),
    mayGrow: hybrid.gate.isOpen(nowMs),
  };
  for (const mirror of hybrid.mirrors) mirror.advance(passed, nowMs);
};

export const setQuota = (hybrid: Hybrid, quota: GovernedQuota, nowMs: number): void => {
  advance(hybrid, nowMs);
  for (const dimension of dimensionsOf({ quota, burndown: hybrid.burndown })) {
    const known = hybrid.mirrors.find((mirror) => mirror.dimension.name === dimension.name);
    if (known !== undefined) known.grant(dimension);
    else
      hybrid.mirrors = [
        ...hybrid.mirrors,
        createQuotaMirror(
          {
            dimension,
            exploreLimit: hybrid.exploreLimit,
            saved: undefined,
            savedLevel: undefined,
            elapsedSeconds: 0,
          },
          nowMs,
        ),
      ];
  }
};

export const limitOf = ({ mirrors, learning, maxConcurrent }: Hybrid): number =>
  concurrencyLimit(
    mirrors.flatMap((mirror) => mirror.callsPerSecond() ?? []),
    learning.latencyMs(),
    maxConcurrent,
  );

/** By Little's law: of the first quota, how many seconds the surplus of a full flow is, beyond what is stored. */
export const buildSecondsOf = ({ mirrors, surplus }: Hybrid, nowMs: number): number => {
  const view = mirrors[0]?.view(nowMs);
  if (view === undefined || view.meanCharge === 0 || surplus.count() < BUILD_ANSWERS_LEAST) return 0;
  return Math.max(0, surplus.value() / view.meanCharge - view.burstSeconds);
};
