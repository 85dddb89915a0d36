export interface FunctionDescription {
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly description: string;
}

/** The functions as deployed, and as the local run invokes them. */
export const FUNCTIONS = {
  ingestion: {
    timeoutSeconds: 30,
    memoryMb: 512,
    description: 'Validates requests from HTTP and the input queue and makes them durable.',
  },
  prioritization: {
    // Lambda's own maximum: a drain works for minutes and then hands over.
    timeoutSeconds: 900,
    memoryMb: 512,
    description: 'Drains the hold queues of one pool into Bedrock at the rate its quota allows.',
  },
  splitter: {
    // A large batch takes minutes; what does not fit goes on in the next invocation.
    timeoutSeconds: 900,
    memoryMb: 1024,
    description: 'Checks uploaded batches and holds the requests of all batches, going on from a cursor.',
  },
  query: {
    timeoutSeconds: 30,
    memoryMb: 256,
    description: 'Answers reads, apart from ingestion so that pollers cannot starve submitters.',
  },
  reconciler: {
    timeoutSeconds: 300,
    memoryMb: 256,
    description: 'Looks through the requests table, a part each hour, and heals what should not exist.',
  },
  notification: {
    // Several receivers of webhooks at once, each of whom may take `webhook_timeout_seconds`.
    timeoutSeconds: 60,
    memoryMb: 256,
    description: 'Tells subscribers and callbacks of what has ended; there only where one of them may exist.',
  },
} as const satisfies Record<string, FunctionDescription>;

export type FunctionName = keyof typeof FUNCTIONS;

/** Whoever writes logs: the functions, and the doors of SDKs, which run in the local run only. */
export type ServiceName = FunctionName | 'doors';
export const SERVICE_NAMES: readonly ServiceName[] = [...(Object.keys(FUNCTIONS) as FunctionName[]), 'doors'];

export interface ScheduleDescription {
  readonly function: FunctionName;
  readonly everyHours: number;
  readonly description: string;
}

/** Which function is invoked by the clock. */
export const SCHEDULES: readonly ScheduleDescription[] = [
  {
    function: 'reconciler',
    everyHours: 1,
    description: 'Has the next part of the requests table looked through.',
  },
];

export interface MappingDescription {
  readonly queue: string;
  readonly function: FunctionName;
  readonly batchSize: number;
  readonly maximumConcurrency: number;
}

/** Who is told of what ends. */
export interface Telling {
  /** Whoever has subscribed. */
  readonly subscribers: boolean;
  /** The address that a request or a batch names. */
  readonly callbacks: boolean;
}

const NOBODY: Telling = { subscribers: false, callbacks: false };

/** Which queue invokes which function; all report the items of a batch that failed. */
export const mappingsOf = (poolCount: number, telling: Telling = NOBODY): readonly MappingDescription[] => [
  { queue: 'input', function: 'ingestion', batchSize: 10, maximumConcurrency: 10 },
  // Each pool may have one drain that works and one that finishes, and each tick needs a free place.
  { queue: 'wake', function: 'prioritization', batchSize: 1, maximumConcurrency: 2 * poolCount + 2 },
  { queue: 'batches', function: 'splitter', batchSize: 1, maximumConcurrency: 4 },
  ...(telling.subscribers
    ? [{ queue: 'events', function: 'notification', batchSize: 10, maximumConcurrency: 5 } as const]
    : []),
  // Apart from the other: a receiver that hangs holds up other receivers at most.
  ...(telling.callbacks
    ? [{ queue: 'webhooks', function: 'notification', batchSize: 10, maximumConcurrency: 10 } as const]
    : []),
];
