import { createRing } from './ring.ts';
import { type CallRecord, type Counts, clientLeftStatus } from './truth.ts';

/** Every call ends exactly once, so that the counts add up. */
export type CallEnd =
  | { readonly kind: 'invalid' | 'refused'; readonly status: number }
  | { readonly kind: 'faults'; readonly status: number; readonly outputTokens: number }
  | { readonly kind: 'answered'; readonly outputTokens: number }
  | { readonly kind: 'aborted'; readonly outputTokens: number };

export interface OpenCall {
  readonly admitted: () => void;
  readonly end: (end: CallEnd) => void;
}

export interface CallLog {
  readonly open: (call: Pick<CallRecord, 'at_ms' | 'model' | 'marker'>) => OpenCall;
  readonly counts: () => Counts;
  readonly countsOf: (model: string) => Counts;
  readonly records: (wanted: WantedCalls) => CallRecord[];
  /** Begins anew with the calls in flight; the numbers of calls go on. */
  readonly reset: () => void;
}

export interface WantedCalls {
  readonly sinceMs: number;
  readonly afterSeq: number;
}

const keptCalls = 100_000;

type Tally = { -readonly [Name in keyof Counts]: number };
type Entry = { -readonly [Name in keyof CallRecord]: CallRecord[Name] };

/** Calls of models that do not exist are counted in the total only. */
export function createCallLog(models: readonly string[], clock: () => number): CallLog {
  let ring = createRing<Entry>(keptCalls);
  let calls = 0;
  const total = emptyTally();
  const byModel = new Map(models.map((model) => [model, emptyTally()]));
  return {
    open: (call) => {
      const known = byModel.get(call.model);
      const tallies = known === undefined ? [total] : [total, known];
      for (const tally of tallies) tally.calls += 1;
      calls += 1;
      const entry: Entry = { seq: calls, ...call, ended_at_ms: null, status: null, output_tokens: 0 };
      ring.push(entry);
      return openCall(entry, tallies, clock);
    },
    counts: () => ({ ...total }),
    countsOf: (model) => ({ ...(byModel.get(model) ?? emptyTally()) }),
    records: ({ sinceMs, afterSeq }) =>
      ring
        .items()
        .filter(({ at_ms, seq }) => at_ms >= sinceMs && seq > afterSeq)
        .map((entry) => ({ ...entry })),
    reset: () => {
      ring = createRing<Entry>(keptCalls);
      for (const tally of [total, ...byModel.values()]) beginAnew(tally);
    },
  };
}

function openCall(entry: Entry, tallies: readonly Tally[], clock: () => number): OpenCall {
  let inFlight = 0;
  return {
    admitted: () => {
      inFlight = 1;
      for (const tally of tallies) {
        tally.admitted += 1;
        tally.in_flight += 1;
      }
    },
    end: (end) => {
      entry.status = statusOf(end);
      entry.ended_at_ms = clock();
      if ('outputTokens' in end) entry.output_tokens = end.outputTokens;
      for (const tally of tallies) {
        tally[end.kind] += 1;
        tally.in_flight -= inFlight;
      }
    },
  };
}

/** A call that was not admitted is over in the same turn or waits to be refused: only what was admitted is in flight. */
function beginAnew(tally: Tally): void {
  const { in_flight } = tally;
  Object.assign(tally, emptyTally(), { calls: in_flight, admitted: in_flight, in_flight });
}

function statusOf(end: CallEnd): number {
  if (end.kind === 'answered') return 200;
  return end.kind === 'aborted' ? clientLeftStatus : end.status;
}

function emptyTally(): Tally {
  return { calls: 0, admitted: 0, refused: 0, invalid: 0, answered: 0, faults: 0, aborted: 0, in_flight: 0 };
}
