export interface SimulatedModel {
  /** 0 refuses everything. */
  readonly tokensPerMinute: number;
  /** How many tokens of the quota one output token costs. */
  readonly burndown: number;
  /** Size of the bucket, in seconds of quota. Default 60. */
  readonly burstSeconds?: number;
  /** Largest maxTokens, and what is held when a request names none. Default 64,000. */
  readonly maxOutputTokens?: number;
  /** Time to the first token. Default 800. */
  readonly ttftMs?: number;
  /** Default 60. */
  readonly outputTokensPerSecond?: number;
  /** Weight of maxTokens in the hold. Default 1. */
  readonly holdWeight?: number;
}

export type ModelSettings = Required<SimulatedModel>;

export const modelDefaults = {
  burstSeconds: 60,
  maxOutputTokens: 64_000,
  ttftMs: 800,
  outputTokensPerSecond: 60,
  holdWeight: 1,
} as const;

interface Limit {
  readonly min: number;
  readonly max: number;
  readonly whole?: true;
}

const limits: Readonly<Record<keyof ModelSettings, Limit>> = {
  tokensPerMinute: { min: 0, max: 1e12 },
  burndown: { min: 0.01, max: 1_000 },
  burstSeconds: { min: 0.01, max: 86_400 },
  maxOutputTokens: { min: 1, max: 10_000_000, whole: true },
  ttftMs: { min: 0, max: 600_000 },
  outputTokensPerSecond: { min: 0.01, max: 1_000_000 },
  holdWeight: { min: 0, max: 1_000 },
};

/** What may be changed while calls are under way. */
const changeable = ['tokensPerMinute', 'ttftMs', 'outputTokensPerSecond'] as const;
export type ModelChange = Partial<Pick<ModelSettings, (typeof changeable)[number]>>;

export type ChangeRead =
  | { readonly kind: 'change'; readonly change: ModelChange }
  | { readonly kind: 'faults'; readonly faults: readonly string[] };

/** Throws one error that names every fault. */
export function toModelSettings(id: string, model: SimulatedModel): ModelSettings {
  const given = Object.fromEntries(Object.entries(model).filter(([, value]) => value !== undefined));
  const { tokensPerMinute, burndown } = model;
  const settings: ModelSettings = { tokensPerMinute, burndown, ...modelDefaults, ...given };
  const faults = Object.entries(settings).flatMap(([name, value]) =>
    settingFaults(name, value, Object.keys(limits)),
  );
  if (faults.length > 0) throw new RangeError(`simulated model ${id}: ${faults.join('; ')}`);
  return settings;
}

export function parseModelChange(value: unknown): ChangeRead {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return {
      kind: 'faults',
      faults: [`the body must be a JSON object with any of ${changeable.join(', ')}`],
    };
  }
  const faults = Object.entries(value).flatMap(([name, entry]) => settingFaults(name, entry, changeable));
  if (faults.length > 0) return { kind: 'faults', faults };
  if (Object.keys(value).length === 0) {
    return { kind: 'faults', faults: [`nothing to change; name any of ${changeable.join(', ')}`] };
  }
  return { kind: 'change', change: value };
}

function settingFaults(name: string, value: unknown, allowed: readonly string[]): string[] {
  if (!allowed.includes(name) || !isSetting(name)) {
    return [`${name} is not a setting that can be given here; known are ${allowed.join(', ')}`];
  }
  const { min, max, whole } = limits[name];
  const fits = typeof value === 'number' && value >= min && value <= max;
  if (fits && (whole === undefined || Number.isInteger(value))) return [];
  const kind = whole === undefined ? 'number' : 'whole number';
  return [`${name} must be a ${kind} between ${min} and ${max}, got ${JSON.stringify(value)}`];
}

function isSetting(name: string): name is keyof ModelSettings {
  return Object.hasOwn(limits, name);
}
