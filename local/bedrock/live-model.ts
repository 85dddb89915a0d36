import { createPromptCache, type PromptCache } from './answer/prompt-cache.ts';
import { toDimensions, toSupply } from './model-quota.ts';
import type { DimensionName } from './quota/dimension.ts';
import {
  type Amounts,
  admit,
  changeQuota,
  chargeQuota,
  type DimensionUse,
  forgetSettled,
  type Hold,
  openQuota,
  type Settlement,
  settle,
  usesAt,
} from './quota/quota.ts';
import { changeSettings, type ModelSettings } from './simulated-model.ts';
import { createTokenCounts, type TokenCounts } from './token-counts.ts';
import type { DimensionTruth, ModelTruth } from './truth.ts';
import { createUseSeries, keptSeconds, type Use } from './use-series.ts';

/** One model with its quota; the only place where a quota changes. */
export interface LiveModel {
  readonly id: string;
  readonly settings: () => ModelSettings;
  readonly cache: PromptCache;
  readonly tokens: TokenCounts;
  /** The faults of the change; with any, nothing changes. */
  readonly change: (change: unknown, nowMs: number) => readonly string[];
  readonly admit: (holds: Amounts, nowMs: number) => ModelAdmission;
  readonly charge: (charges: Amounts, nowMs: number) => void;
  readonly settle: (settlement: Settlement, nowMs: number) => void;
  /** A refusal that the quota did not decide. */
  readonly refuse: (nowMs: number) => void;
  readonly use: (nowMs: number, seconds?: number) => ModelUse;
  readonly resetTruth: () => void;
}

export type ModelAdmission =
  | { readonly kind: 'admitted'; readonly hold: Hold }
  | { readonly kind: 'refused'; readonly lacking: readonly DimensionName[] };

export type ModelUse = Pick<
  ModelTruth,
  | 'tokens_per_minute'
  | 'size_tokens'
  | 'level_tokens'
  | 'held_tokens'
  | 'settled_tokens'
  | 'dimensions'
  | 'per_second'
>;

export function createLiveModel(id: string, initial: ModelSettings, startMs: number): LiveModel {
  let settings = initial;
  let quota = openQuota(toDimensions(initial), startMs, toSupply(initial, startMs));
  const series = createUseSeries();
  const ofThisModel = (amounts: Amounts): Amounts =>
    Object.fromEntries(quota.meters.map(({ dimension: { name } }) => [name, amounts[name] ?? 0]));
  const refusalCosts = (): Amounts =>
    Object.fromEntries(
      quota.meters
        .filter(({ dimension }) => dimension.refusalCost > 0)
        .map(({ dimension }) => [dimension.name, dimension.refusalCost]),
    );
  return {
    id,
    settings: () => settings,
    cache: createPromptCache(),
    tokens: createTokenCounts(),
    change: (change, nowMs) => {
      const read = changeSettings(settings, change);
      if (read.kind === 'faults') return read.faults;
      settings = read.settings;
      const newSupply = read.named.some((name) => name === 'quotaTimeline' || name === 'othersShare');
      const dimensions = toDimensions(settings);
      const supply = newSupply ? toSupply(settings, nowMs) : quota.supply;
      quota = changeQuota(quota, { dimensions, supply }, nowMs);
      return [];
    },
    admit: (holds, nowMs) => {
      const admission = admit(quota, holds, nowMs);
      quota = admission.quota;
      series.add(
        admission.kind === 'admitted' ? { admitted: 1 } : { refused: 1, settled: refusalCosts() },
        nowMs,
      );
      return admission;
    },
    charge: (charges, nowMs) => {
      quota = chargeQuota(quota, charges, nowMs);
      series.add({ settled: ofThisModel(charges) }, nowMs);
    },
    settle: (settlement, nowMs) => {
      quota = settle(quota, settlement, nowMs);
      series.add({ settled: ofThisModel(settlement.charges) }, nowMs);
    },
    refuse: (nowMs) => series.add({ refused: 1 }, nowMs),
    use: (nowMs, seconds = keptSeconds) => toUse(usesAt(quota, nowMs), series.last(seconds, nowMs)),
    resetTruth: () => {
      quota = forgetSettled(quota);
      series.reset();
    },
  };
}

function toUse(uses: readonly DimensionUse[], seconds: readonly Use[]): ModelUse {
  const byName = (name: DimensionName) => uses.find(({ dimension }) => dimension.name === name);
  const tokens = byName('tpm') ?? byName('itpm') ?? byName('tpd');
  const name = tokens?.dimension.name;
  return {
    tokens_per_minute:
      tokens === undefined ? 0 : (tokens.dimension.limit * 60) / tokens.dimension.periodSeconds,
    size_tokens: tokens?.size ?? 0,
    level_tokens: tokens?.left ?? 0,
    held_tokens: tokens?.held ?? 0,
    settled_tokens: tokens?.settled ?? 0,
    dimensions: Object.fromEntries(uses.map((use) => [use.dimension.name, toDimensionTruth(use)])),
    per_second: seconds.map((second) => ({
      ...second,
      settled_tokens: name === undefined ? 0 : (second.settled[name] ?? 0),
    })),
  };
}

function toDimensionTruth({ dimension, ...use }: DimensionUse): DimensionTruth {
  const { limit, periodSeconds, algorithm } = dimension;
  return { limit, period_seconds: periodSeconds, algorithm, ...use };
}
