import { randomFrom } from '../../local/bedrock/seeded-random.ts';
import {
  FAULTY_SERVICES,
  type FaultyService,
  type StoreFault,
} from '../../local/cloud/faults/store-faults.ts';

export const ROLES = [
  'parent',
  'cloud',
  'simulator',
  'ingestion',
  'query',
  'prioritization',
  'prioritization-2',
] as const;
export type Role = (typeof ROLES)[number];

export type ModelFault = '429' | '503' | '500' | 'silent' | 'cut' | 'garbage';

/** Clocks of one account agree better than this; attempts keep two seconds apart. */
export const MOST_CLOCK_ERROR_MS = 900;

export type Disturbance =
  | { readonly kind: 'kill'; readonly role: Role }
  | { readonly kind: 'pause'; readonly role: Role; readonly forMs: number }
  | {
      readonly kind: 'model_fault';
      readonly fault: ModelFault;
      readonly probability: number;
      readonly forMs: number;
    }
  | { readonly kind: 'quota'; readonly share: number; readonly forMs: number }
  | { readonly kind: 'lossy_abort'; readonly forMs: number }
  | {
      readonly kind: 'store_fault';
      readonly service: FaultyService;
      readonly fault: StoreFault;
      readonly probability: number;
      readonly forMs: number;
    }
  /** The time of day of one process jumps, and back. */
  | { readonly kind: 'clock'; readonly role: Role; readonly byMs: number; readonly forMs: number }
  /** Messages of the lanes come twice and in another order. */
  | { readonly kind: 'redeliver'; readonly forMs: number };

export type ScheduledEvent = Disturbance & { readonly atMs: number };

type Random = () => number;

/** The drains are what the promises hang on, so they meet most. */
const TARGETS: readonly Role[] = [
  ...ROLES,
  'prioritization',
  'prioritization-2',
  'prioritization',
  'prioritization-2',
  'ingestion',
  'cloud',
];

const MEAN_GAP_MS = 4_000;
/** The system starts, and comes to rest, undisturbed. */
const CALM_BEFORE_MS = 3_000;

const pick = <T>(values: readonly [T, ...T[]] | readonly T[], random: Random): T | undefined =>
  values[Math.floor(random() * values.length)];

const between = (least: number, most: number, random: Random): number =>
  Math.round(least + random() * (most - least));

/** Mostly a hiccup, sometimes beyond the lease of 10 s; a drain sometimes beyond the end of its attempts. */
const pauseMs = (role: Role, random: Random): number => {
  const draw = random();
  if (draw < 0.55) return between(200, 3_000, random);
  if (draw < 0.85 || !role.startsWith('prioritization')) return between(10_500, 15_000, random);
  return between(36_000, 45_000, random);
};

const processEvent = (random: Random): Disturbance => {
  const role = pick(TARGETS, random) ?? 'prioritization';
  return random() < 0.55 ? { kind: 'kill', role } : { kind: 'pause', role, forMs: pauseMs(role, random) };
};

const modelEvent = (random: Random): Disturbance => {
  if (random() < 0.3)
    return { kind: 'quota', share: pick([0, 0.05, 0.2], random) ?? 0, forMs: between(4_000, 15_000, random) };
  const fault = pick(['429', '503', '500', 'silent', 'cut'] as const, random) ?? '503';
  // Silence lasts until the attempt is given up, so it meets few.
  const probability = fault === 'silent' ? 0.02 : (pick([0.1, 0.3, 0.8], random) ?? 0.3);
  return { kind: 'model_fault', fault, probability, forMs: between(3_000, 12_000, random) };
};

const queueEvent = (random: Random): Disturbance => ({
  kind: random() < 0.4 ? 'lossy_abort' : 'redeliver',
  forMs: between(3_000, 12_000, random),
});

const disturbance = (random: Random): Disturbance => {
  const draw = random();
  if (draw < 0.55) return processEvent(random);
  return draw < 0.8 ? modelEvent(random) : queueEvent(random);
};

/** Once a minute the model refuses nearly everything, and drains are killed one after the other while all of it waits. */
const stormsUntil = (seed: number, durationMs: number): readonly ScheduledEvent[] => {
  const random = randomFrom(String(seed), 'storms');
  const storms: ScheduledEvent[] = [];
  for (let minuteMs = 0; minuteMs < durationMs; minuteMs += 60_000) {
    const atMs = minuteMs + between(15_000, 30_000, random);
    storms.push({ atMs, kind: 'model_fault', fault: '429', probability: 0.95, forMs: 18_000 });
    for (const afterMs of [5_000, 9_000, 13_000, 17_000])
      for (const role of ['prioritization', 'prioritization-2'] as const)
        storms.push({ atMs: atMs + afterMs, kind: 'kill', role });
  }
  return storms.filter(({ atMs }) => atMs < durationMs);
};

/** The parts whose time of day decides something. */
const CLOCKS: readonly Role[] = ['ingestion', 'query', 'prioritization', 'prioritization-2'];
const MEAN_STORE_GAP_MS = 8_000;

const storeFault = (random: Random): Disturbance => {
  const service = pick(FAULTY_SERVICES, random) ?? 'dynamodb';
  const fault = pick(['throttled', 'unavailable', 'lost_answer', 'silent'] as const, random) ?? 'throttled';
  // Whoever asks a silent store waits for half a minute, so it meets few; a lost answer is something done twice.
  const probabilities = { throttled: [0.1, 0.3, 0.8], unavailable: [0.1, 0.3, 0.8] };
  const probability =
    fault === 'silent'
      ? 0.005
      : fault === 'lost_answer'
        ? (pick([0.03, 0.15], random) ?? 0.03)
        : (pick(probabilities[fault], random) ?? 0.1);
  return { kind: 'store_fault', service, fault, probability, forMs: between(2_000, 10_000, random) };
};

const surroundings = (random: Random): Disturbance => {
  const draw = random();
  if (draw < 0.65) return storeFault(random);
  if (draw < 0.75)
    return {
      kind: 'model_fault',
      fault: 'garbage',
      probability: pick([0.1, 0.3], random) ?? 0.1,
      forMs: between(3_000, 8_000, random),
    };
  const role = pick(CLOCKS, random) ?? 'prioritization';
  const byMs = between(-MOST_CLOCK_ERROR_MS, MOST_CLOCK_ERROR_MS, random);
  return { kind: 'clock', role, byMs, forMs: between(3_000, 30_000, random) };
};

/** Stores that fail, clocks that jump, and answers that make no sense, beside all the rest. */
const surroundingsUntil = (seed: number, durationMs: number): readonly ScheduledEvent[] => {
  const random = randomFrom(String(seed), 'surroundings');
  const events: ScheduledEvent[] = [];
  let atMs = CALM_BEFORE_MS;
  while (atMs < durationMs) {
    events.push({ atMs: Math.round(atMs), ...surroundings(random) });
    atMs += MEAN_STORE_GAP_MS * (0.25 + 1.5 * random());
  }
  return events;
};

/** What befalls the system and when: a pure function of the seed. */
export const createSchedule = (seed: number, durationMs: number): readonly ScheduledEvent[] => {
  const random = randomFrom(String(seed), 'schedule');
  const events: ScheduledEvent[] = [];
  let atMs = CALM_BEFORE_MS;
  while (atMs < durationMs) {
    events.push({ atMs: Math.round(atMs), ...disturbance(random) });
    atMs += MEAN_GAP_MS * (0.25 + 1.5 * random());
  }
  return [...events, ...stormsUntil(seed, durationMs), ...surroundingsUntil(seed, durationMs)].sort(
    (one, other) => one.atMs - other.atMs,
  );
};

export const describeEvent = (event: ScheduledEvent): string => {
  const { atMs, kind, ...rest } = event;
  const details = Object.entries(rest).map(([name, value]) => `${name}=${value}`);
  return [`${(atMs / 1000).toFixed(1).padStart(6)}s`, kind, ...details].join(' ');
};
