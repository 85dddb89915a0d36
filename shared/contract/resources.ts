import { FUNCTIONS, type Telling } from './functions.ts';
import { FOLDERS } from './keys.ts';
import { limit } from './limits.ts';
import { BUCKET, deadLetterQueue, EVENTS_TOPIC, NAME_PREFIX, QUEUES, workQueuesOf } from './names.ts';
import { REQUEST_INDEXES } from './request-indexes.ts';
import type { Settings } from './settings.ts';

const DAY_SECONDS = 86_400;

export interface QueueDescription {
  /** Name within the deployment; the real one carries the prefix. */
  readonly name: string;
  readonly visibilityTimeoutSeconds: number;
  readonly retentionSeconds: number;
  readonly receiveWaitSeconds: number;
  readonly deadLetter?: { readonly queue: string; readonly maxReceiveCount: number };
}

export interface KeyDescription {
  readonly name: string;
  readonly type: 'S' | 'N';
}

export interface IndexDescription {
  readonly name: string;
  readonly partitionKey: KeyDescription;
  readonly sortKey: KeyDescription;
}

export interface TableDescription {
  readonly name: string;
  readonly partitionKey: KeyDescription;
  readonly sortKey?: KeyDescription;
  readonly timeToLiveAttribute: string;
  /** Of keys alone: a change of any other attribute costs nothing in them. */
  readonly indexes: readonly IndexDescription[];
}

export interface BucketDescription {
  readonly name: string;
  /** Objects under `prefix` are removed after so many days. */
  readonly expirations: readonly { readonly prefix: string; readonly days: number }[];
}

/** All that holds state, for the stacks and for the embedded cloud alike. */
export interface Resources {
  readonly queues: readonly QueueDescription[];
  readonly tables: { readonly requests: TableDescription; readonly reporting: TableDescription };
  readonly bucket: BucketDescription;
  /** Name within the deployment of what tells subscribers; there only where they may exist. */
  readonly topic?: string;
}

export const physicalName = (name: string): string => `${NAME_PREFIX}${name}`;

/** The name of what belongs to one deployment of several. */
export const inEnvironment = (environment: string | undefined, name: string): string =>
  physicalName(environment === undefined ? name : `${environment}-${name}`);

const deadLetters = (name: string): QueueDescription => ({
  name,
  visibilityTimeoutSeconds: 60,
  // A dead letter keeps the time at which it was first sent: the longest retention there is.
  retentionSeconds: 14 * DAY_SECONDS,
  receiveWaitSeconds: 20,
});

const poolQueues = (pool: string): readonly QueueDescription[] => [
  ...workQueuesOf(pool).map((name) => ({
    name,
    // A drain extends it while it holds a message; a crash costs at most this long.
    visibilityTimeoutSeconds: 60,
    retentionSeconds: 7 * DAY_SECONDS,
    receiveWaitSeconds: 20,
    // Staging and hand-over spend receives, so the native redrive is a last resort: SQS's largest count.
    deadLetter: { queue: deadLetterQueue(pool), maxReceiveCount: 1000 },
  })),
  deadLetters(deadLetterQueue(pool)),
];

const requestIndexes = (full: boolean): readonly IndexDescription[] =>
  (full
    ? (['attention', 'dead_letters', 'batches', 'tenant', 'custom_id'] as const)
    : (['attention', 'dead_letters', 'batches'] as const)
  ).map((by) => {
    const { name, partition, sort } = REQUEST_INDEXES[by];
    return { name, partitionKey: { name: partition, type: 'S' }, sortKey: { name: sort, type: 'N' } };
  });

/** Every attribute that is a key somewhere, once. */
export const keyAttributesOf = ({
  partitionKey,
  sortKey,
  indexes,
}: TableDescription): readonly KeyDescription[] => {
  const all = [
    partitionKey,
    ...(sortKey === undefined ? [] : [sortKey]),
    ...indexes.flatMap((index) => [index.partitionKey, index.sortKey]),
  ];
  return [...new Map(all.map((key) => [key.name, key])).values()];
};

/** Whom the settings allow to be told of what ends. */
export const tellingOf = ({
  completion_events = [],
  webhooks = 'off',
}: Partial<Pick<Settings, 'completion_events' | 'webhooks'>>): Telling => ({
  subscribers: completion_events.length > 0,
  callbacks: webhooks !== 'off',
});

const toldQueues = ({ subscribers, callbacks }: Telling): readonly QueueDescription[] => {
  const described = (name: string, deadLetter: string): readonly QueueDescription[] => [
    deadLetters(deadLetter),
    {
      name,
      // What is to come again later is hidden by the function itself.
      visibilityTimeoutSeconds: 6 * FUNCTIONS.notification.timeoutSeconds,
      retentionSeconds: 7 * DAY_SECONDS,
      receiveWaitSeconds: 20,
      // Attempts are counted by the log of deliveries; this is a last resort.
      deadLetter: { queue: deadLetter, maxReceiveCount: 200 },
    },
  ];
  return [
    ...(subscribers ? described(QUEUES.events, QUEUES.eventsDeadLetter) : []),
    ...(callbacks ? described(QUEUES.webhooks, QUEUES.webhooksDeadLetter) : []),
  ];
};

export type ResourceSettings = Pick<Settings, 'models' | 'index_requests'> &
  Partial<Pick<Settings, 'completion_events' | 'webhooks'>>;

export const describeResources = (settings: ResourceSettings): Resources => ({
  queues: [
    deadLetters(QUEUES.inputDeadLetter),
    {
      name: QUEUES.input,
      // Six times the function's timeout, as AWS advises for a mapping.
      visibilityTimeoutSeconds: 6 * FUNCTIONS.ingestion.timeoutSeconds,
      retentionSeconds: 7 * DAY_SECONDS,
      receiveWaitSeconds: 20,
      deadLetter: { queue: QUEUES.inputDeadLetter, maxReceiveCount: 10 },
    },
    deadLetters(QUEUES.wakeDeadLetter),
    {
      name: QUEUES.wake,
      visibilityTimeoutSeconds: FUNCTIONS.prioritization.timeoutSeconds,
      // A wake older than this says nothing that a newer one does not.
      retentionSeconds: 3600,
      receiveWaitSeconds: 20,
      // As often as it can be received while it is kept.
      deadLetter: { queue: QUEUES.wakeDeadLetter, maxReceiveCount: 3 },
    },
    deadLetters(QUEUES.batchesDeadLetter),
    {
      name: QUEUES.batches,
      // The splitter shortens it while it works, so that its death costs a minute.
      visibilityTimeoutSeconds: FUNCTIONS.splitter.timeoutSeconds,
      retentionSeconds: 7 * DAY_SECONDS,
      receiveWaitSeconds: 20,
      // Of one that fails again and again, before it is forgotten; one that waits for room is sent anew.
      deadLetter: { queue: QUEUES.batchesDeadLetter, maxReceiveCount: 500 },
    },
    {
      name: QUEUES.results,
      visibilityTimeoutSeconds: 60,
      retentionSeconds: 14 * DAY_SECONDS,
      receiveWaitSeconds: 20,
    },
    ...toldQueues(tellingOf(settings)),
    ...Object.keys(settings.models).flatMap(poolQueues),
  ],
  tables: {
    requests: {
      name: 'requests',
      partitionKey: { name: 'request_id', type: 'S' },
      timeToLiveAttribute: 'ttl_seconds',
      indexes: requestIndexes(settings.index_requests ?? false),
    },
    reporting: {
      name: 'reporting',
      partitionKey: { name: 'report_id', type: 'S' },
      sortKey: { name: 'segment', type: 'S' },
      timeToLiveAttribute: 'ttl_seconds',
      indexes: [],
    },
  },
  ...(tellingOf(settings).subscribers ? { topic: EVENTS_TOPIC } : {}),
  bucket: {
    name: BUCKET,
    expirations: [
      // Inputs outlive the longest wait; results the time they can be asked for.
      { prefix: FOLDERS.inputs, days: limit('result_retention_days') },
      { prefix: FOLDERS.results, days: limit('result_retention_days') + 1 },
      { prefix: FOLDERS.batches, days: limit('result_retention_days') },
      // Copied to `batches/` when it is begun with; its message waits for a week at most.
      { prefix: FOLDERS.uploads, days: 8 },
    ],
  },
});
