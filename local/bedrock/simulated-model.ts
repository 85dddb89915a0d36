import type { Algorithm } from './quota/dimension.ts';
import {
  algorithmRule,
  booleanRule,
  eitherRule,
  numberRule,
  type Rule,
  type TimelinePoint,
  timelineRule,
} from './setting-rules.ts';

/** At least one quota must be named: the runtime endpoint has tokensPerMinute, mantle input and output apart. */
export interface SimulatedModel {
  /** 0 refuses everything, here as in the other quotas. */
  readonly tokensPerMinute?: number;
  readonly requestsPerMinute?: number;
  readonly tokensPerDay?: number;
  readonly inputTokensPerMinute?: number;
  readonly outputTokensPerMinute?: number;
  /** How many tokens of the quota one output token costs. */
  readonly burndown: number;
  /** How the quotas of a minute are counted; that of a day is always a bucket of one day. Default bucket. */
  readonly algorithm?: Algorithm;
  /** Size of a bucket, in seconds of quota. Default 60. */
  readonly burstSeconds?: number;
  /** Weight of maxTokens in the hold. Default 1. */
  readonly holdWeight?: number;
  /** Whether a refused call costs a request. Default false. */
  readonly rejectCostsRpm?: boolean;
  /** How much of every quota of a minute is there, over time: 1 is all of it. Default 1 for ever. */
  readonly quotaTimeline?: readonly TimelinePoint[];
  /** The share of every quota of a minute that somebody else uses up, for ever or over time. Default 0. */
  readonly othersShare?: number | readonly TimelinePoint[];
  /** Largest maxTokens, and what is held when a request names none. Default 64,000. */
  readonly maxOutputTokens?: number;
  /** Time to the first token. Default 800. */
  readonly ttftMs?: number;
  /** Default 60. */
  readonly outputTokensPerSecond?: number;
}

export const modelDefaults = {
  algorithm: 'bucket',
  burstSeconds: 60,
  holdWeight: 1,
  rejectCostsRpm: false,
  quotaTimeline: [],
  othersShare: 0,
  maxOutputTokens: 64_000,
  ttftMs: 800,
  outputTokensPerSecond: 60,
} as const satisfies Partial<SimulatedModel>;

type WithDefault = keyof typeof modelDefaults;
export type ModelSettings = Omit<SimulatedModel, WithDefault> & Required<Pick<SimulatedModel, WithDefault>>;

const quotaNames = [
  'tokensPerMinute',
  'requestsPerMinute',
  'tokensPerDay',
  'inputTokensPerMinute',
  'outputTokensPerMinute',
] as const;
export type QuotaName = (typeof quotaNames)[number];

const quotaRule = numberRule({ min: 0, max: 1e15 });
const shareLimit = { min: 0, max: 1 };

const rules: Readonly<Record<keyof ModelSettings, Rule>> = {
  tokensPerMinute: quotaRule,
  requestsPerMinute: quotaRule,
  tokensPerDay: quotaRule,
  inputTokensPerMinute: quotaRule,
  outputTokensPerMinute: quotaRule,
  burndown: numberRule({ min: 0.01, max: 1_000 }),
  algorithm: algorithmRule,
  burstSeconds: numberRule({ min: 0.01, max: 86_400 }),
  holdWeight: numberRule({ min: 0, max: 1_000 }),
  rejectCostsRpm: booleanRule,
  quotaTimeline: timelineRule({ min: 0, max: 1_000 }),
  othersShare: eitherRule(numberRule(shareLimit), timelineRule(shareLimit)),
  maxOutputTokens: numberRule({ min: 1, max: 10_000_000, whole: true }),
  ttftMs: numberRule({ min: 0, max: 600_000 }),
  outputTokensPerSecond: numberRule({ min: 0.01, max: 1_000_000 }),
};

export const settingNames: readonly string[] = Object.keys(rules);

export type ChangeRead =
  | { readonly kind: 'changed'; readonly settings: ModelSettings; readonly named: readonly string[] }
  | { readonly kind: 'faults'; readonly faults: readonly string[] };

/** Throws one error that names every fault. */
export function toModelSettings(id: string, model: SimulatedModel): ModelSettings {
  const given = Object.fromEntries(Object.entries(model).filter(([, value]) => value !== undefined));
  const settings: ModelSettings = { burndown: model.burndown, ...modelDefaults, ...given };
  const faults = [
    ...Object.entries(settings).flatMap(([name, value]) => settingFaults(name, value)),
    ...quotaFaults(settings),
  ];
  if (faults.length > 0) throw new RangeError(`simulated model ${id}: ${faults.join('; ')}`);
  return settings;
}

/** `null` takes a quota away. Names every fault, and then changes nothing. */
export function changeSettings(settings: ModelSettings, change: unknown): ChangeRead {
  if (typeof change !== 'object' || change === null || Array.isArray(change)) {
    return faulty(`the body must be a JSON object with any of ${settingNames.join(', ')}`);
  }
  const named = Object.entries(change);
  if (named.length === 0) return faulty(`nothing to change; name any of ${settingNames.join(', ')}`);
  const kept = named.filter(([name, value]) => !(isQuotaName(name) && value === null));
  const removed = named.filter((entry) => !kept.includes(entry)).map(([name]) => name);
  const merged: ModelSettings = { ...settings, ...Object.fromEntries(kept) };
  const changed = withoutQuotas(merged, removed);
  const faults = [...kept.flatMap(([name, value]) => settingFaults(name, value)), ...quotaFaults(changed)];
  if (faults.length > 0) return faulty(...faults);
  return { kind: 'changed', settings: changed, named: named.map(([name]) => name) };
}

function withoutQuotas(settings: ModelSettings, removed: readonly string[]): ModelSettings {
  const { burndown } = settings;
  const rest = Object.fromEntries(Object.entries(settings).filter(([name]) => !removed.includes(name)));
  return { burndown, ...modelDefaults, ...rest };
}

function faulty(...faults: readonly string[]): ChangeRead {
  return { kind: 'faults', faults };
}

function quotaFaults(settings: ModelSettings): readonly string[] {
  const named = quotaNames.some((name) => settings[name] !== undefined);
  return named ? [] : [`one quota must be there; name any of ${quotaNames.join(', ')}`];
}

function settingFaults(name: string, value: unknown): readonly string[] {
  if (!isSetting(name)) return [`${name} is no setting of a model; known are ${settingNames.join(', ')}`];
  const wanted = rules[name](value);
  return wanted === undefined ? [] : [`${name} must be ${wanted}, got ${shorten(value)}`];
}

const maxShownCharacters = 200;

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > maxShownCharacters ? `${text.slice(0, maxShownCharacters)}…` : text;
}

function isSetting(name: string): name is keyof ModelSettings {
  return Object.hasOwn(rules, name);
}

function isQuotaName(name: string): name is QuotaName {
  return quotaNames.some((each) => each === name);
}
