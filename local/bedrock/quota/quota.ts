import { type Dimension, type DimensionName, sizeOf } from './dimension.ts';
import {
  advance,
  charge,
  covers,
  hold,
  leftOf,
  type Meter,
  openMeter,
  replaceMeter,
  settleHold,
} from './meter.ts';
import { type Supply, wholeSupply } from './supply.ts';
import { valueAt } from './timeline.ts';

/**
 * The quotas of one model, as the service counts them.
 *
 *            admit            answered                     fault             client left
 *   left     -= hold          += hold - charge             += hold           += hold - charge of what was produced
 *
 * Admitted: in every dimension something is left that covers the hold. Otherwise nothing is taken anywhere, except
 * what a refusal costs. A hold larger than the whole size passes only when everything is there, and leaves debt: the
 * service does not say what it does, and refusing for ever would make such a request unanswerable at any rate.
 * A charge may exceed its hold (burndown), so that less than nothing is left; then everything waits.
 */
export interface Quota {
  readonly meters: readonly Meter[];
  readonly supply: Supply;
  /** A clock that steps back is not followed. */
  readonly atMs: number;
}

/** By dimension; what is not named is nothing. */
export type Amounts = Partial<Readonly<Record<DimensionName, number>>>;

export type Admission =
  | { readonly kind: 'admitted'; readonly quota: Quota; readonly hold: Hold }
  | { readonly kind: 'refused'; readonly quota: Quota; readonly lacking: readonly DimensionName[] };

export interface Hold {
  readonly amounts: Amounts;
  readonly atMs: number;
}

export function openQuota(
  dimensions: readonly Dimension[],
  nowMs: number,
  supply: Supply = wholeSupply,
): Quota {
  const meters = dimensions.map((dimension) => openMeter(dimension, supplyOf(dimension, supply), nowMs));
  return { meters, supply, atMs: nowMs };
}

export function quotaAt(quota: Quota, nowMs: number): Quota {
  const atMs = Math.max(nowMs, quota.atMs);
  const meters = quota.meters.map((meter) => advance(meter, supplyOf(meter.dimension, quota.supply), atMs));
  return { ...quota, meters, atMs };
}

export function admit(quota: Quota, amounts: Amounts, nowMs: number): Admission {
  const now = quotaAt(quota, nowMs);
  const { supply, atMs } = now;
  const lacking = now.meters
    .filter((meter) => !covers(meter, amountOf(amounts, meter), supplyOf(meter.dimension, supply), atMs))
    .map(({ dimension }) => dimension.name);
  if (lacking.length > 0) return { kind: 'refused', quota: chargeRefusal(now), lacking };
  const meters = now.meters.map((meter) => hold(meter, amountOf(amounts, meter), atMs));
  const held = now.meters.map((meter) => [meter.dimension.name, amountOf(amounts, meter)] as const);
  return { kind: 'admitted', quota: { ...now, meters }, hold: { amounts: Object.fromEntries(held), atMs } };
}

export interface Settlement {
  readonly hold: Hold;
  readonly charges: Amounts;
}

export function settle(quota: Quota, { hold: held, charges }: Settlement, nowMs: number): Quota {
  const now = quotaAt(quota, nowMs);
  const meters = now.meters.map((meter) => {
    const settling = {
      hold: held.atMs >= meter.openedMs ? amountOf(held.amounts, meter) : 0,
      charge: amountOf(charges, meter),
      heldAtMs: held.atMs,
    };
    return settleHold(meter, settling, now.atMs);
  });
  // A bucket keeps what is given back only up to its size.
  return quotaAt({ ...now, meters }, now.atMs);
}

/** Without a hold before. */
export function chargeQuota(quota: Quota, amounts: Amounts, nowMs: number): Quota {
  const now = quotaAt(quota, nowMs);
  return { ...now, meters: now.meters.map((meter) => charge(meter, amountOf(amounts, meter), now.atMs)) };
}

export interface QuotaChange {
  readonly dimensions?: readonly Dimension[];
  readonly supply?: Supply;
}

/** From now on. A dimension that was not there starts whole. */
export function changeQuota(quota: Quota, change: QuotaChange, nowMs: number): Quota {
  const now = quotaAt(quota, nowMs);
  const supply = change.supply ?? now.supply;
  const dimensions = change.dimensions ?? now.meters.map(({ dimension }) => dimension);
  const meters = dimensions.map((dimension) => {
    const before = now.meters.find((meter) => meter.dimension.name === dimension.name);
    return before === undefined
      ? openMeter(dimension, supplyOf(dimension, supply), now.atMs)
      : replaceMeter(before, dimension, supplyOf(dimension, supply), now.atMs);
  });
  return quotaAt({ meters, supply, atMs: now.atMs }, now.atMs);
}

/** Counts what was charged from zero again; what is left stays as it is. */
export function forgetSettled(quota: Quota): Quota {
  return { ...quota, meters: quota.meters.map((meter) => ({ ...meter, settled: 0 })) };
}

export interface DimensionUse {
  readonly dimension: Dimension;
  readonly size: number;
  readonly left: number;
  readonly held: number;
  readonly settled: number;
}

export function usesAt(quota: Quota, nowMs: number): readonly DimensionUse[] {
  const { meters, supply, atMs } = quotaAt(quota, nowMs);
  return meters.map((meter) => {
    const { dimension, held, settled } = meter;
    const there = supplyOf(dimension, supply);
    const size = sizeOf(dimension, valueAt(there.multiplier, atMs));
    return { dimension, size, left: leftOf(meter, there, atMs), held, settled };
  });
}

const minuteSeconds = 60;

/** Timelines and others concern quotas of a minute: a drop of some minutes must not spill the rest of a day. */
function supplyOf({ periodSeconds }: Dimension, supply: Supply): Supply {
  return periodSeconds > minuteSeconds ? wholeSupply : supply;
}

function chargeRefusal(quota: Quota): Quota {
  const meters = quota.meters.map((meter) => charge(meter, meter.dimension.refusalCost, quota.atMs));
  return { ...quota, meters };
}

function amountOf(amounts: Amounts, { dimension }: Meter): number {
  return amounts[dimension.name] ?? 0;
}
