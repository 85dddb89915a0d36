import {
  type Admission,
  admit,
  type Bucket,
  bucketSize,
  openQuota,
  type Quota,
  quotaAt,
  retune,
  settle,
} from './quota.ts';
import {
  type ModelChange,
  type ModelSettings,
  type SimulatedModel,
  toModelSettings,
} from './simulated-model.ts';
import type { ModelTruth } from './truth.ts';
import { createUseSeries } from './use-series.ts';

/** One model with its quota; the only place where a quota changes. */
export interface LiveModel {
  readonly id: string;
  readonly settings: () => ModelSettings;
  readonly change: (change: ModelChange, nowMs: number) => void;
  /** False when the quota does not allow it; then nothing is held. */
  readonly hold: (tokens: number, nowMs: number) => boolean;
  readonly settle: (settlement: TokenSettlement, nowMs: number) => void;
  readonly use: (nowMs: number) => ModelUse;
}

export interface TokenSettlement {
  readonly heldTokens: number;
  readonly chargedTokens: number;
}

export type ModelUse = Pick<
  ModelTruth,
  'tokens_per_minute' | 'size_tokens' | 'level_tokens' | 'held_tokens' | 'settled_tokens' | 'per_second'
>;

export interface ModelRegistry {
  readonly all: readonly LiveModel[];
  /** By id, or by the ARN of the foundation model or inference profile with that id. */
  readonly find: (idOrArn: string) => LiveModel | undefined;
}

export function createModelRegistry(
  models: Readonly<Record<string, SimulatedModel>>,
  nowMs: number,
): ModelRegistry {
  const all = Object.entries(models).map(([id, model]) =>
    createLiveModel(id, toModelSettings(id, model), nowMs),
  );
  const byId = new Map(all.map((model) => [model.id, model]));
  return { all, find: (idOrArn) => byId.get(idOrArn) ?? byId.get(idInArn(idOrArn)) };
}

function idInArn(arn: string): string {
  return /^arn:aws[a-z-]*:bedrock:[^/]*:(?:foundation-model|inference-profile)\/(.+)$/.exec(arn)?.[1] ?? '';
}

const tokens = 'tpm';

function createLiveModel(id: string, initial: ModelSettings, startMs: number): LiveModel {
  let settings = initial;
  let quota: Quota = openQuota(
    [{ name: tokens, perMinute: initial.tokensPerMinute, burstSeconds: initial.burstSeconds }],
    startMs,
  );
  const series = createUseSeries();
  return {
    id,
    settings: () => settings,
    change: (change, nowMs) => {
      settings = { ...settings, ...change };
      quota = retune(quota, { name: tokens, perMinute: settings.tokensPerMinute }, nowMs);
    },
    hold: (heldTokens, nowMs) => {
      const admission: Admission = admit(quota, [heldTokens], nowMs);
      quota = admission.quota;
      const admitted = admission.kind === 'admitted';
      series.add(admitted ? { admitted: 1 } : { refused: 1 }, nowMs);
      return admitted;
    },
    settle: ({ heldTokens, chargedTokens }, nowMs) => {
      quota = settle(quota, { holds: [heldTokens], charges: [chargedTokens] }, nowMs);
      series.add({ settled_tokens: chargedTokens }, nowMs);
    },
    use: (nowMs) => ({ ...toUse(quotaAt(quota, nowMs).buckets[0]), per_second: series.lastHour(nowMs) }),
  };
}

function toUse(bucket: Bucket | undefined): Omit<ModelUse, 'per_second'> {
  if (bucket === undefined) throw new RangeError('a model without a token quota');
  return {
    tokens_per_minute: bucket.perMinute,
    size_tokens: bucketSize(bucket),
    level_tokens: bucket.level,
    held_tokens: bucket.held,
    settled_tokens: bucket.settled,
  };
}
