import type { PlaceFault } from '../../shared/core/dialects/converted.ts';
import { problemResponse } from '../runtime/problem-response.ts';

/** So many are named; more would help nobody. */
const MOST_FAULTS = 100;

/** The answer to what has no form of ours. */
export const toFaulty = (faults: readonly PlaceFault[]): Response =>
  problemResponse('invalid_request', {
    detail: 'The request has faults; nothing was accepted.',
    errors: faults.slice(0, MOST_FAULTS).map(({ code = 'invalid_value', ...fault }) => ({ ...fault, code })),
  });
