import { PRIORITIES, type Priority } from './priorities.ts';

/** Every resource of one deployment carries it. */
export const NAME_PREFIX = 'smoother-';

/** Of results, inputs and batches; deployed its name goes on with the account and the region. */
export const BUCKET = 'bedrock-calls';

/**
 * The bands of lanes: a tenant's first waiting requests travel in `express`, the overflow of one who has more
 * waiting in one of the two shards of `bulk`, so that a small job never stands behind somebody's load.
 */
export const BANDS = ['express', 'bulk-0', 'bulk-1'] as const;
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
  batches: 'batches',
  batchesDeadLetter: 'batches-dlq',
  /** The last four only where somebody is to be told. */
  events: 'events',
  eventsDeadLetter: 'events-dlq',
  webhooks: 'webhooks',
  webhooksDeadLetter: 'webhooks-dlq',
} as const;

/** Tells subscribers of what ends. */
export const EVENTS_TOPIC = 'events';

export const laneQueue = (lane: Lane): string => `hold-${lane.pool}-${lane.priority}-${lane.band}`;

/** All of them, as a policy names what is named alike. */
export const laneQueuesOf = (pool: string): string => `hold-${pool}-*`;

/** Where work waits that may not run yet, so that it stands in nobody's way. */
export const parkedQueue = (pool: string): string => `parked-${pool}`;

export const deadLetterQueue = (pool: string): string => `dead-letter-${pool}`;

/** Most urgent first. */
export const lanesOf = (pool: string): readonly Lane[] =>
  PRIORITIES.flatMap((priority) => BANDS.map((band) => ({ pool, priority, band })));

/** Every queue that a drain receives from. */
export const workQueuesOf = (pool: string): readonly string[] => [
  ...lanesOf(pool).map(laneQueue),
  parkedQueue(pool),
];
