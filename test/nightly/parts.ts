import type { Part } from './part.ts';
import { createSoak } from './soak/soak.ts';

interface NamedPart {
  /** What `--set` may change. */
  readonly options: Readonly<Record<string, number>>;
  create(options: Readonly<Record<string, number>>): Part;
}

export const PARTS = {
  soak: {
    options: { minutes: 30, per_minute: 5_000 },
    create: ({ minutes = 30, per_minute = 5_000 }) => createSoak({ minutes, perMinute: per_minute }),
  },
} as const satisfies Readonly<Record<string, NamedPart>>;

export type PartName = keyof typeof PARTS;
