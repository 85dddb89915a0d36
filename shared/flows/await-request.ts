import { createReadRequest, type ReadDeps, type ReadInput, type Reading, toReading } from './read-request.ts';
import type { RequestWaits } from './request-waits.ts';

export interface AwaitDeps extends ReadDeps {
  readonly waits: RequestWaits;
}

export interface AwaitInput extends ReadInput {
  readonly atMostMs: number;
  /** Aborted when the caller has gone. */
  readonly left?: AbortSignal;
}

/** A request as it is once it has ended, or when the time is up. */
export const createAwaitRequest = (deps: AwaitDeps) => {
  const read = createReadRequest(deps);
  return async (input: AwaitInput): Promise<Reading> => {
    const reading = await read(input);
    if (reading.kind !== 'pending' || input.atMostMs <= 0) return reading;
    const seen = await deps.waits.untilEnded(input.requestId, input.atMostMs, input.left);
    if (input.left?.aborted === true) return reading;
    return seen.kind === 'seen' && seen.item !== undefined ? toReading(seen.item, deps) : read(input);
  };
};
