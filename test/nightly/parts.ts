import { createChaos } from './chaos/chaos.ts';
import { createCrowd } from './crowd/crowd.ts';
import { createFuzz } from './fuzz/fuzz.ts';
import { createMillion } from './million/million.ts';
import type { Part } from './part.ts';
import { createPoison } from './poison/poison.ts';
import { createSoak } from './soak/soak.ts';

interface NamedPart {
  /** What `--set` may change. */
  readonly options: Readonly<Record<string, number>>;
  create(options: Readonly<Record<string, number>>): Part;
}

export const PARTS = {
  chaos: {
    options: { seeds: 10, minutes: 5, requests: 20_000 },
    create: ({ seeds = 10, minutes = 5, requests = 20_000 }) => createChaos({ seeds, minutes, requests }),
  },
  crowd: {
    options: { messages: 100_000, polls: 10_000 },
    create: ({ messages = 100_000, polls = 10_000 }) => createCrowd({ messages, polls }),
  },
  fuzz: {
    options: { cases: 100_000, units: 20, seed: 1_001 },
    create: ({ cases = 100_000, units = 20, seed = 1_001 }) => createFuzz({ cases, units, seed }),
  },
  million: {
    options: { requests: 1_000_000, units: 20 },
    create: ({ requests = 1_000_000, units = 20 }) => createMillion({ requests, units }),
  },
  poison: { options: {}, create: () => createPoison() },
  soak: {
    options: { minutes: 30, per_minute: 5_000 },
    create: ({ minutes = 30, per_minute = 5_000 }) => createSoak({ minutes, perMinute: per_minute }),
  },
} as const satisfies Readonly<Record<string, NamedPart>>;

export type PartName = keyof typeof PARTS;
