import { PRIORITIES, type Priority } from './priorities.ts';

/** Every resource of one deployment carries it. */
export const NAME_PREFIX = 'smoother-';

/** The bands of lanes: a tenant's first waiting requests travel in `express`. */
export const BANDS = ['express'] as const;
export type Band = (typeof BANDS)[number];

export interface Lane {
  readonly pool: string;
  readonly priority: Priority;
  readonly band: Band;
}

export const QUEUES = {
  input: 'input',
  inputDeadLetter: 'input-dlq',
  wake: 'wake',
  wakeDeadLetter: 'wake-dlq',
  results: 'results',
} as const;

export const laneQueue = (lane: Lane): string => `hold-${lane.pool}-${lane.priority}-${lane.band}`;

export const deadLetterQueue = (pool: string): string => `dead-letter-${pool}`;

/** Most urgent first. */
export const lanesOf = (pool: string): readonly Lane[] =>
  PRIORITIES.flatMap((priority) => BANDS.map((band) => ({ pool, priority, band })));
