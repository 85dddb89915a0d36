import { createRing } from './ring.ts';
import { type CallRecord, type Counts, clientLeftStatus } from './truth.ts';

/** Every call ends exactly once, so that the counts add up. */
export type CallEnd =
  | { readonly kind: 'invalid' | 'refused' | 'faults'; readonly status: number }
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
  readonly records: () => CallRecord[];
}

const keptCalls = 100_000;

type Tally = { -readonly [Name in keyof Counts]: number };
type Entry = { -readonly [Name in keyof CallRecord]: CallRecord[Name] };

/** Calls of models that do not exist are counted in the total only. */
export function createCallLog(models: readonly string[]): CallLog {
  const ring = createRing<Entry>(keptCalls);
  const total = emptyTally();
  const byModel = new Map(models.map((model) => [model, emptyTally()]));
  return {
    open: (call) => {
      const known = byModel.get(call.model);
      const tallies = known === undefined ? [total] : [total, known];
      for (const tally of tallies) tally.calls += 1;
      const entry: Entry = { seq: total.calls, ...call, status: null, output_tokens: 0 };
      ring.push(entry);
      return openCall(entry, tallies);
    },
    counts: () => ({ ...total }),
    countsOf: (model) => ({ ...(byModel.get(model) ?? emptyTally()) }),
    records: () => ring.items().map((entry) => ({ ...entry })),
  };
}

function openCall(entry: Entry, tallies: readonly Tally[]): OpenCall {
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
      if ('outputTokens' in end) entry.output_tokens = end.outputTokens;
      for (const tally of tallies) {
        tally[end.kind] += 1;
        tally.in_flight -= inFlight;
      }
    },
  };
}

function statusOf(end: CallEnd): number {
  if (end.kind === 'answered') return 200;
  return end.kind === 'aborted' ? clientLeftStatus : end.status;
}

function emptyTally(): Tally {
  return { calls: 0, admitted: 0, refused: 0, invalid: 0, answered: 0, faults: 0, aborted: 0, in_flight: 0 };
}
