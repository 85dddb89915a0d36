import { createProblem, type Fault, type Problem } from '../../contract/problem.ts';

/** Whatever was sent, its refusal fits into one queue message: so many faults, and no long quotes. */
const MOST_FAULTS = 100;
const MOST_CHARACTERS = 500;

const shorten = (text: string): string =>
  text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS - 1)}…`;

const countOf = (faults: readonly Fault[]): string => {
  if (faults.length === 1) return 'One fault';
  const named = faults.length > MOST_FAULTS ? `, of which the first ${MOST_FAULTS} are named` : '';
  return `${faults.length} faults${named}`;
};

/** The answer to a request with faults. */
export const toRefusalProblem = (faults: readonly Fault[]): Problem =>
  createProblem('invalid_request', {
    detail: `${countOf(faults)}; nothing was accepted.`,
    errors: faults
      .slice(0, MOST_FAULTS)
      .map(({ pointer, code, detail }) => ({ pointer: shorten(pointer), code, detail: shorten(detail) })),
  });
