import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const recordSchema = z.union([
  z.object({ run: z.string(), out: z.string().nullable(), began_at_ms: z.number() }),
  z.object({ chunk: z.number(), batch_id: z.string() }),
  z.object({ written: z.array(z.number()), out_bytes: z.number() }),
  z.object({ begun_anew: z.literal(true) }),
  z.object({ ended: z.object({ succeeded: z.number(), failed: z.number() }) }),
]);

type JournalRecord = z.infer<typeof recordSchema>;

/** What a run has done so far, as its data folder remembers it. */
export interface RunState {
  /** Whether it was begun at an earlier time. */
  readonly hasBegun: boolean;
  readonly beganAtMs: number;
  /** Batches by the place of their chunk. */
  readonly batchIds: ReadonlyMap<number, string>;
  /** Places of the requests whose results lie in the out file. */
  readonly written: ReadonlySet<number>;
  /** Bytes of the out file that are known to be whole; what follows them is a torn end. */
  readonly outBytes: number;
  /** Once all results are written. */
  readonly ended: RunEnd | undefined;
}

export interface RunEnd {
  readonly succeeded: number;
  readonly failed: number;
}

/** One line for each step, appended after the step is done: a crash between the two only repeats it. */
export interface RunJournal {
  readonly state: RunState;
  readonly isResumed: boolean;
  noteBatch(chunk: number, batchId: string): void;
  noteWritten(places: readonly number[], outBytes: number): void;
  /** Nothing of the out file is left: all results are written again. */
  noteBegunAnew(): void;
  noteEnd(end: RunEnd): void;
}

export interface RunName {
  readonly dataDir: string;
  readonly runKey: string;
  /** Absolute; null for standard output. */
  readonly out: string | null;
}

const folderOf = (dataDir: string): string => join(dataDir, 'runs');

const pathOf = ({ dataDir, runKey, out }: RunName): string => {
  const place = createHash('sha256')
    .update(out ?? '')
    .digest('hex')
    .slice(0, 8);
  return join(folderOf(dataDir), `${runKey}-${place}.jsonl`);
};

/** Its last line may be torn; what it said is done once more. */
const readRecords = (path: string): readonly JournalRecord[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => {
      try {
        return [recordSchema.parse(JSON.parse(line))];
      } catch {
        return [];
      }
    });

const stateOf = (records: readonly JournalRecord[], nowMs: number): RunState => {
  let beganAtMs = nowMs;
  let outBytes = 0;
  const batchIds = new Map<number, string>();
  const written = new Set<number>();
  let ended: RunEnd | undefined;
  for (const record of records) {
    if ('run' in record) beganAtMs = record.began_at_ms;
    else if ('chunk' in record) batchIds.set(record.chunk, record.batch_id);
    else if ('ended' in record) ended = record.ended;
    else if ('begun_anew' in record) {
      written.clear();
      outBytes = 0;
      ended = undefined;
    } else {
      outBytes = record.out_bytes;
      for (const place of record.written) written.add(place);
    }
  }
  return { hasBegun: records.length > 0, beganAtMs, batchIds, written, outBytes, ended };
};

/** Without a change to it. */
export const readRunState = (name: RunName, nowMs: number): RunState => {
  const path = pathOf(name);
  return stateOf(existsSync(path) ? readRecords(path) : [], nowMs);
};

export const openRunJournal = (name: RunName, nowMs: number): RunJournal => {
  const path = pathOf(name);
  mkdirSync(dirname(path), { recursive: true });
  const isResumed = existsSync(path);
  const append = (record: JournalRecord): void => appendFileSync(path, `${JSON.stringify(record)}\n`);
  const records = isResumed ? readRecords(path) : [];
  // After a torn line the next one begins on its own.
  if (isResumed) appendFileSync(path, '\n');
  if (!records.some((record) => 'run' in record))
    append({ run: name.runKey, out: name.out, began_at_ms: nowMs });
  return {
    state: stateOf(records, nowMs),
    isResumed,
    noteBatch: (chunk, batchId) => append({ chunk, batch_id: batchId }),
    noteWritten: (places, outBytes) => append({ written: [...places], out_bytes: outBytes }),
    noteBegunAnew: () => append({ begun_anew: true }),
    noteEnd: (ended) => append({ ended }),
  };
};

/** Whether any run of this data folder has written to a file: then it may be begun anew. */
export const hasWrittenTo = (dataDir: string, out: string): boolean => {
  const folder = folderOf(dataDir);
  if (!existsSync(folder)) return false;
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .some((name) => readRecords(join(folder, name)).some((record) => 'run' in record && record.out === out));
};
