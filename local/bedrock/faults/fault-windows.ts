import { numberRule, type Rule } from '../setting-rules.ts';
import { type FaultName, faultNames, isFaultName } from './faults.ts';

/** A time in which calls meet a fault. */
export interface FaultWindow {
  readonly id: number;
  readonly fault: FaultName | 'slow';
  /** How many times slower; of `slow` only. */
  readonly factor: number;
  readonly probability: number;
  /** All models when undefined. */
  readonly model: string | undefined;
  readonly startMs: number;
  /** Infinity for no end. */
  readonly endMs: number;
}

/** As the admin API takes and shows it, relative to now. */
export interface FaultWindowTexts {
  readonly id: number;
  readonly fault: string;
  readonly factor?: number;
  readonly probability: number;
  readonly model?: string;
  readonly startSeconds: number;
  /** null for no end. */
  readonly endSeconds: number | null;
}

export interface FaultWindows {
  readonly add: (window: Omit<FaultWindow, 'id'>) => FaultWindow;
  readonly all: () => readonly FaultWindow[];
  /** False when there is none with that id. */
  readonly remove: (id: number) => boolean;
  readonly clear: () => void;
  readonly active: (model: string, nowMs: number) => readonly FaultWindow[];
}

const maxWindows = 1_000;

export function createFaultWindows(): FaultWindows {
  let windows: readonly FaultWindow[] = [];
  let lastId = 0;
  return {
    add: (window) => {
      lastId += 1;
      const added = { id: lastId, ...window };
      windows = [...windows, added].slice(-maxWindows);
      return added;
    },
    all: () => windows,
    remove: (id) => {
      const kept = windows.filter((window) => window.id !== id);
      const removed = kept.length < windows.length;
      windows = kept;
      return removed;
    },
    clear: () => {
      windows = [];
    },
    active: (model, nowMs) =>
      windows.filter(
        (window) => window.startMs <= nowMs && nowMs < window.endMs && (window.model ?? model) === model,
      ),
  };
}

export function showWindow(window: FaultWindow, nowMs: number): FaultWindowTexts {
  const { id, fault, factor, probability, model, startMs, endMs } = window;
  return {
    id,
    fault,
    ...(fault === 'slow' ? { factor } : {}),
    probability,
    ...(model === undefined ? {} : { model }),
    startSeconds: (startMs - nowMs) / 1000,
    endSeconds: Number.isFinite(endMs) ? (endMs - nowMs) / 1000 : null,
  };
}

export type WindowRead =
  | { readonly kind: 'window'; readonly window: Omit<FaultWindow, 'id'> }
  | { readonly kind: 'faults'; readonly faults: readonly string[] };

const secondsRule = numberRule({ min: 0, max: 31_536_000 });
const windowFaults: readonly string[] = [...faultNames, 'slow'];

export function readWindow(body: unknown, models: readonly string[], nowMs: number): WindowRead {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return { kind: 'faults', faults: [`the body must be a JSON object with ${memberNames.join(', ')}`] };
  }
  const given: Readonly<Record<string, unknown>> = {
    probability: 1,
    startSeconds: 0,
    endSeconds: null,
    ...body,
  };
  const unknown = Object.keys(given).filter((name) => !memberNames.includes(name));
  const rules = rulesOf(given, models);
  const faults = [
    ...unknown.map((name) => `${name} is no member of a fault window; known are ${memberNames.join(', ')}`),
    ...memberNames.flatMap((name) => {
      const wanted = rules[name]?.(given[name]);
      return wanted === undefined ? [] : [`${name} must be ${wanted}, got ${JSON.stringify(given[name])}`];
    }),
  ];
  const { fault, factor, probability, model, startSeconds, endSeconds } = given;
  const name = toWindowFault(fault);
  if (faults.length > 0 || name === undefined) return { kind: 'faults', faults };
  return {
    kind: 'window',
    window: {
      fault: name,
      factor: typeof factor === 'number' ? factor : 1,
      probability: Number(probability),
      model: typeof model === 'string' ? model : undefined,
      startMs: nowMs + Number(startSeconds) * 1000,
      endMs: endSeconds === null ? Number.POSITIVE_INFINITY : nowMs + Number(endSeconds) * 1000,
    },
  };
}

const memberNames = ['fault', 'factor', 'probability', 'model', 'startSeconds', 'endSeconds'];

function rulesOf(given: Readonly<Record<string, unknown>>, models: readonly string[]): Record<string, Rule> {
  const factorRule = numberRule({ min: 0.001, max: 1_000_000 });
  const slow = given.fault === 'slow';
  return {
    fault: (value) => (toWindowFault(value) === undefined ? `one of ${windowFaults.join(', ')}` : undefined),
    factor: (value) => {
      if (slow) return factorRule(value);
      return value === undefined ? undefined : 'left out, except with slow';
    },
    probability: numberRule({ min: 0, max: 1 }),
    model: (value) =>
      value === undefined || models.some((id) => id === value) ? undefined : `one of ${models.join(', ')}`,
    startSeconds: secondsRule,
    endSeconds: (value) => {
      if (value === null) return undefined;
      const wanted = secondsRule(value);
      if (wanted !== undefined) return `${wanted}, or null for no end`;
      return Number(value) > Number(given.startSeconds) ? undefined : 'after startSeconds';
    },
  };
}

function toWindowFault(value: unknown): FaultWindow['fault'] | undefined {
  if (value === 'slow') return value;
  return typeof value === 'string' && isFaultName(value) ? value : undefined;
}
